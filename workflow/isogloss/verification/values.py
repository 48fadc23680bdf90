"""The values of a verification: a product, that is, the result of one job, and the report of an examination."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Product:
    """The result of one job.

    record: path of its record within the folder of the study. recipe: the digest of its recipe. folder: whether the job
    writes the whole folder of the record; otherwise it writes single files. identity: what the record must contain.
    run: whether the identity is under the key `run`.
    """

    record: str
    recipe: str
    folder: bool = True
    identity: Mapping[str, Any] = field(default_factory=dict)
    run: bool = False

    @property
    def declared_folder(self) -> bool:
        """Whether the rule of the job declares the folder as its output, and not the files in it."""
        return self.record.partition("/")[0] in ("models", "trimmed", "finetuned")

    @property
    def place(self) -> str:
        """The folder of the record, or the record itself if its job writes no other file."""
        return self.record if self.record.startswith("language_model/") else self.record.rpartition("/")[0]


class Fault(NamedTuple):
    """A file that does not fit. written: what its job wrote as a whole, which must be deleted to redo it."""

    path: Path
    state: str
    reason: str
    written: Path


@dataclass
class Report:
    """What an examination found.

    intact, unverified and missing: numbers of results; unverified results have no digests, and missing ones are not
    made yet. files: number of files that were hashed.
    """

    faults: list[Fault] = field(default_factory=list)
    intact: int = 0
    unverified: int = 0
    missing: int = 0
    files: int = 0
