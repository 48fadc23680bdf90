"""Seal a result: write into its record its recipe, its inputs and the digests of its files.

Each job writes one record, a JSON file: metrics.json of a run, training.json of a model trained on sources, and so on
(RECORDS). The record has the key `provenance`:

    recipe    the digest of the recipe by which the job worked
    inputs    what the result was made from: path within the study's folder -> digest of its content
    files     the other files of the job: name -> size in bytes and digest
    content   the digest of the result: its files and its record, without costs and versions, which differ each time
    record    the digest of the record itself

Digests are computed once, when the files are written. Readers compare them with each other.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.files import read_json, write_json
from isogloss.common.run import PRETRAINING, TRAINING
from isogloss.provenance.digests import digest_file, digest_value

PROVENANCE = "provenance"
"""The key of a record."""
AUDIT, TRIMMING, SOURCE = "audit.json", "trimming.json", "source.json"
RECORDS = (TRAINING, TRIMMING, PRETRAINING, SOURCE, AUDIT)
"""Records that describe a folder. If a folder has several, the first is its own: a trimmed model keeps older ones."""
_VOLATILE = ("cost", "versions", PROVENANCE)
"""Keys of a record that differ between two jobs with the same result."""


TRUNCATED, CHANGED, FOREIGN, STALE = "truncated", "changed", "foreign", "stale"
"""What can be wrong with a file: a part is missing; it was changed after it was written; it belongs to another run or
language; it was made by another recipe or from other inputs than the study has now."""


class Unfit(UserError):
    """A file that does not fit what is expected of it. state: one of the four above. path: the file. what: the reason.

    The message ends with what to do: delete the file, or the folder that its job wrote as a whole.
    """

    def __init__(self, path: Path, state: str, what: str, written: Path | None = None):
        self.path, self.state, self.what = path, state, what
        written = written or (path.parent if path.name in RECORDS else path)
        super().__init__(f"{path}: {what}; delete {written} and run the study again, or see `isogloss verify`")


@dataclass(frozen=True)
class Provenance:
    """What a record says of its origin; the fields are those of the module's docstring."""

    recipe: str
    inputs: Mapping[str, str | None]
    files: Mapping[str, Mapping[str, Any]]
    content: str


def seal(
    record: Mapping[str, Any], folder: Path, names: Iterable[str], recipe: Any, inputs: Mapping[str, str | None]
) -> dict[str, Any]:
    """Return a record with its provenance. names: the other files of the job, which exist in `folder`.

    recipe: the recipe of the job, a JSON value. inputs: as isogloss.provenance.inputs.Inputs collects them.
    """
    record = json.loads(json.dumps(record))  # as readers see it: for example, all keys are strings
    files = {
        name: {"bytes": (folder / name).stat().st_size, "digest": digest_file(folder / name)} for name in sorted(names)
    }
    stated = {key: value for key, value in record.items() if key not in _VOLATILE}
    made = {
        "recipe": digest_value(recipe),
        "inputs": dict(sorted(inputs.items())),
        "files": files,
        "content": digest_value([stated, files]),
    }
    whole = {**record, PROVENANCE: made}
    return {**record, PROVENANCE: {**made, "record": digest_value(whole)}}


def seal_folder(folder: Path, recipe: Any, inputs: Mapping[str, str | None]) -> None:
    """Add the provenance to the record in a folder, for all files of the folder and its subfolders."""
    record = find_record(folder)
    if record is None:
        raise ValueError(f"{folder} has no record")
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path != record]
    write_json(record, seal(read_json(record), folder, names, recipe, inputs))


def find_record(folder: Path) -> Path | None:
    """Return the record that describes a folder, or None if it has none."""
    return next((folder / name for name in RECORDS if (folder / name).is_file()), None)


def read_record(path: Path) -> dict[str, Any]:
    """Return a record, and check its own digest if it has one.

    Raises Unfit if the file is missing or is not a record, or if the record was changed after it was written.
    """
    try:
        record = read_json(path)
    except OSError as error:
        raise Unfit(path, TRUNCATED, f"cannot be read ({error.strerror})") from None
    except ValueError:
        raise Unfit(path, TRUNCATED, "the record is truncated or damaged (not valid JSON)") from None
    if not isinstance(record, dict):
        raise Unfit(path, FOREIGN, f"not a record (a JSON {type(record).__name__})")
    made = record.get(PROVENANCE)
    if made is None:
        return record
    try:
        said = made["record"]
        unsealed = {**record, PROVENANCE: {key: value for key, value in made.items() if key != "record"}}
    except (TypeError, KeyError, AttributeError):
        said, unsealed = None, record
    if digest_value(unsealed) != said:
        raise Unfit(path, CHANGED, "the record was changed after it was written")
    return record


def read_provenance(record: Mapping[str, Any]) -> Provenance | None:
    """Return the provenance in a record, or None for a record that was written before records had one."""
    made = record.get(PROVENANCE)
    return made and Provenance(made["recipe"], made["inputs"], made["files"], made["content"])
