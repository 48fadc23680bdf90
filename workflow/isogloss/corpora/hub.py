"""Corpora of the Hugging Face hub: one job downloads one language, and later jobs read it from disk.

The download job converts the rows to the project's examples (readers/rows.py). `source.json` counts the rows that it
drops, by reason.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.examples import SPLITS, read_examples, write_examples
from isogloss.common.files import read_json, write_json
from isogloss.common.hub import fetch_snapshot
from isogloss.corpora.readers.layouts import Layout, choose_revision, find_layout
from isogloss.corpora.readers.rows import cut_validation, parse_rows, read_rows

SOURCE = "source.json"
"""Written next to the downloaded splits: repository, revision, commit, files, and counts of dropped rows."""
_FORMATS = (".parquet", ".jsonl", ".json")


def load(options: Mapping[str, str], language: str, kind: str, splits: Sequence[str] = SPLITS) -> dict[str, list[Any]]:
    """Return split -> examples, read from the folder `options["folder"]`, in which `download` wrote them."""
    _refuse_other_kind(options["dataset"], kind)
    return {split: read_examples(Path(options["folder"]) / f"{split}.parquet") for split in splits}


def check(
    options: Mapping[str, str],
    languages: Sequence[str],
    kind: str,
    cache: Path | None = None,
    splits: Sequence[str] = SPLITS,
) -> dict[str, int]:
    """Return an empty dict, since no sizes are known before the download.

    Raises UserError for an unknown dataset, a dataset for another kind of task, and for languages and splits that the
    dataset does not have.
    """
    dataset = options["dataset"]
    _refuse_other_kind(dataset, kind)
    lacking = [split for split in splits if split not in find_layout(dataset).splits]
    if lacking:
        raise UserError(
            f"corpus hub: {dataset} has no {lacking[0]} split and can only be used for testing; "
            "name it under `test_corpora` of the task instead of `corpus`"
        )
    for language in languages:
        _find_folder(options["dataset"], language)
    return {}


def complete(options: Mapping[str, str], where: str) -> dict[str, str]:
    """Return the options with a revision: the revision of the study if it names one, else the commit of the layout."""
    find_layout(options["dataset"])
    try:
        return {**options, "revision": choose_revision(**options)}
    except UserError as error:
        raise UserError(f"{where}.revision: {error}") from None


def covers(options: Mapping[str, str], languages: Sequence[str]) -> list[str]:
    """Return the languages that the dataset has."""
    folders = find_layout(options["dataset"]).folders
    return [language for language in languages if language in folders]


def files(options: Mapping[str, str], language: str, splits: Sequence[str] = SPLITS) -> list[Path]:
    """Return an empty list: a downloaded corpus reads no files of the user."""
    return []


def describe(options: Mapping[str, str]) -> dict[str, Any]:
    """Return the origin of the sentences, as `download` recorded it."""
    return {"source": read_json(Path(options["folder"]) / SOURCE)}


def download(options: Mapping[str, str], language: str, splits: Sequence[str], out: Path) -> None:
    """Download the splits of one language and write out/{split}.parquet and out/source.json.

    options: dataset and revision. The revision must be pinned, so that all languages come from one commit. Raises
    UserError, and writes nothing, if the revision is not pinned or has moved, if the hub does not have a file, or if
    a file cannot be read.
    """
    dataset = options["dataset"]
    revision = choose_revision(dataset, options["revision"])
    layout, folder = find_layout(dataset), _find_folder(dataset, language)
    patterns = {split: [f"{folder}/*{layout.splits[split]}*{suffix}" for suffix in _FORMATS] for split in splits}
    wanted = [pattern for of_split in patterns.values() for pattern in of_split]
    snapshot = fetch_snapshot(dataset, revision, wanted, kind="dataset")
    dropped: dict[str, dict[str, int]] = {}
    read = {}
    for split in splits:
        paths = {n: p for n, p in sorted(snapshot.files.items()) if any(fnmatch(n, one) for one in patterns[split])}
        if not paths:
            raise UserError(
                f"corpus hub: {dataset} at {revision} has no {split} split of {language} in parquet or JSON "
                f"({patterns[split][0]}); choose another revision, or leave {language} out of `languages`"
            )
        read[split], dropped[split] = _read_split(layout, paths, language, split, f"corpus hub: {dataset}")
    for split, examples in read.items():
        write_examples(Path(out) / f"{split}.parquet", examples, type(examples[0]))
    write_json(Path(out) / SOURCE, {**snapshot.describe(), "dropped": dropped})


def _refuse_other_kind(dataset: str, kind: str) -> None:
    found = find_layout(dataset).kind
    if found != kind:
        raise UserError(
            f"corpus hub: {dataset} is for tasks of kind {found}, not {kind}; correct `kind` or `corpus` under `tasks`"
        )


def _find_folder(dataset: str, language: str) -> str:
    folders = find_layout(dataset).folders
    if language not in folders:
        raise UserError(
            f"corpus hub: {dataset} does not have language {language!r}, only {' '.join(sorted(folders))}; "
            f"leave {language} out of `languages`, or choose another corpus"
        )
    return folders[language]


def _read_split(
    layout: Layout, paths: Mapping[str, Path], language: str, split: str, where: str
) -> tuple[list[Any], dict[str, int]]:
    """Return the examples in the files of one split, and the number of dropped items by reason."""
    examples: list[Any] = []
    dropped: Counter[str] = Counter()
    for name, path in paths.items():
        rows = read_rows(path, layout, language, f"{where}: {name}")
        read, left_out = parse_rows(rows, layout, language, split, len(examples), f"{where}: {name}")
        examples += read
        dropped += left_out
    if split in ("train", "validation") and layout.splits.get("train") == layout.splits.get("validation"):
        examples = cut_validation(examples, split) if examples else []
    if not examples:
        raise UserError(
            f"{where}: {', '.join(paths)}: no usable examples of {language} in the {split} split; "
            f"choose another revision, or leave {language} out of `languages`"
        )
    return examples, dict(sorted(dropped.items()))
