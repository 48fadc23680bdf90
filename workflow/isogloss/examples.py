"""Examples as they travel between rooms: frozen dataclasses, kept in parquet.

Each kind of task has one class of example; its fields are the columns of the corpus files.
"""

import dataclasses
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from isogloss.files import complete_file

SPLITS = ("train", "validation", "test")
ENTITY_TYPES = ("LOC", "ORG", "PER")  # of the NER schema; its tags are O and B- and I- of each


@dataclass(frozen=True)
class TaggedSentence:
    """A sentence for sequence tagging.

    id: stable name within its corpus, such as `sw-train-17`. language: ISO 639-1 code.
    tokens and tags: of equal length; tags are IOB2 (`O`, `B-PER`, `I-PER`, ...).
    """

    id: str
    language: str
    tokens: tuple[str, ...]
    tags: tuple[str, ...]


Example = TypeVar("Example")


def write_examples(path: str | os.PathLike, examples: Sequence[Example], kind: type[Example]) -> None:
    """Write examples of class `kind` to a parquet file, one row each, one column a field."""
    import pyarrow
    import pyarrow.parquet

    names = [field.name for field in dataclasses.fields(kind)]
    types = {
        field.name: pyarrow.list_(pyarrow.string()) if "tuple" in str(field.type) else pyarrow.string()
        for field in dataclasses.fields(kind)
    }
    table = pyarrow.table({name: pyarrow.array([getattr(e, name) for e in examples], types[name]) for name in names})
    with complete_file(path) as beside:
        pyarrow.parquet.write_table(table, beside)


def read_examples(path: str | os.PathLike, kind: type[Example]) -> list[Example]:
    """Read the examples of class `kind` from a parquet file that `write_examples` wrote."""
    import pyarrow.parquet

    rows = pyarrow.parquet.read_table(path).to_pylist()
    return [kind(**{name: tuple(v) if isinstance(v, list) else v for name, v in row.items()}) for row in rows]
