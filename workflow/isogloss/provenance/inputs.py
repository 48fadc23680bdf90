"""The inputs of a job: check each file before it is read, and note its digest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from isogloss.common.examples import read_examples
from isogloss.provenance.digests import LARGE, digest_file
from isogloss.provenance.seal import (
    CHANGED,
    FOREIGN,
    TRUNCATED,
    Provenance,
    Unfit,
    find_record,
    read_provenance,
    read_record,
)

Example = TypeVar("Example")


@dataclass
class Inputs:
    """The files that a job reads from the folder of a study.

    root: the folder of the study. digests: path within the folder -> digest of the content; None for a file that was
    written before records had digests, which is read without a check.
    """

    root: Path
    digests: dict[str, str | None] = field(default_factory=dict)

    def read_examples(self, path: Path, kind: type[Example] | None = None) -> list[Example]:
        """Return the examples in a file .../LANGUAGE/SPLIT.parquet after checking it.

        Raises Unfit if the file does not fit its record, or if it contains another language than its folder says.
        """
        self.check(path)
        examples = read_examples(path, kind)
        other = next((one.language for one in examples if one.language != path.parent.name), None)
        if other is not None:
            raise Unfit(path, FOREIGN, f"contains text of language {other}, not {path.parent.name}", path.parent)
        return examples

    def note(self, path: Path) -> dict[str, str | None]:
        """Check a file or a folder and return the digests so far."""
        self.check(path)
        return self.digests

    def check(self, path: Path) -> Path:
        """Check a file or a folder of the study against its record, note its digest, and return the path.

        Files of less than LARGE bytes are hashed; of larger ones, the sizes are compared. Raises Unfit that names
        the file that does not fit.
        """
        name = name_input(path, self.root)
        if name in self.digests:
            return path
        folder = path if path.is_dir() else path.parent
        record = find_record(folder)
        made = None if record is None else read_provenance(read_record(record))
        if made is None:
            self.digests[name] = None
            return path
        if path.is_dir():
            for file in made.files:
                check_file(folder, file, made)
            self.digests[name] = made.content
        else:
            self.digests[name] = check_file(folder, path.name, made)
        return path


def find_root(path: Path, depth: int) -> Path:
    """Return the folder of a study that contains a path; depth: number of folders between them.

    A path that is not as deep is not in the folder of a study; then it is relative to the working directory.
    """
    return path.parents[depth] if depth < len(path.parents) else Path()


def check_inputs(paths: Iterable[Path]) -> None:
    """Check files and folders of a study that a job reads without noting what its result was made from."""
    inputs = Inputs(Path())
    for path in paths:
        inputs.check(path)


def name_input(path: Path, root: Path) -> str:
    """Return the path of an input within the folder of the study; a path outside the folder stays as it is."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def check_file(folder: Path, name: str, made: Provenance, *, whole: bool = False) -> str:
    """Return the stored digest of a file after comparing its size with the record and, below LARGE bytes, its bytes.

    folder, name: the folder of the record, and the file as the record names it. whole: hash also larger files. Raises
    Unfit if the file is missing, truncated or changed, or if the record does not name it.
    """
    path = folder / name
    if name not in made.files:
        raise Unfit(path, FOREIGN, "the record of its folder does not name this file", folder)
    said: Mapping[str, Any] = made.files[name]
    try:
        size = path.stat().st_size
        same = not (whole or size < LARGE) or size != said["bytes"] or digest_file(path) == said["digest"]
    except OSError as error:
        raise Unfit(path, TRUNCATED, f"cannot be read ({error.strerror}), but its record names it", folder) from None
    if size != said["bytes"]:
        state = TRUNCATED if size < said["bytes"] else CHANGED
        raise Unfit(path, state, f"has {size:,} bytes, not {said['bytes']:,} as when it was written", folder)
    if not same:
        raise Unfit(path, CHANGED, "was changed after it was written (another digest)", folder)
    return said["digest"]
