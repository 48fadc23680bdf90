"""Records: what a file contains, before it is known what a task makes of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

COMMENTS = "comment lines"
"""Reason under which `Records.counts` counts comment lines."""


class Record(NamedTuple):
    """One entry of a file: a sentence, a pair or a question.

    lines: the line of each word in a file with a word on each line, otherwise one line, or the number of the entry.
    fields: column of the task -> value. An absent column is missing in `fields`.
    """

    lines: list[int]
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Records:
    """The entries of one file.

    name: the file, for messages. unit: what `lines` count: the line of each `word`, the `line` of each record, or the
    `entry`, from 1, in a file without lines. counts: what was left out while reading, by reason. labels: label of each
    number, if the file or its description says so; empty if labels are used as they are.
    """

    name: str
    rows: list[Record]
    unit: Literal["word", "line", "entry"] = "line"
    counts: Counter[str] = field(default_factory=Counter)
    labels: tuple[str, ...] = ()

    def place(self, row: Record, word: int = 0) -> str:
        """Return where an entry, or a word of it, is in the file."""
        line = row.lines[word if self.unit == "word" else 0]
        return f"{self.name}: entry {line}" if self.unit == "entry" else f"{self.name}:{line}"


@dataclass(frozen=True)
class Reading:
    """How the files of a corpus are read. Empty values are chosen by content.

    columns: column of the task -> its name in the file, or its number from 1. comment: what a comment line begins with.
    encoding: see isogloss.corpora.forms.text. quoting: `csv` or `none`. split_names: split -> name of its file, with
    or without ending.
    """

    columns: Mapping[str, str | int] = field(default_factory=dict)
    comment: str = ""
    encoding: str = ""
    quoting: str = ""
    split_names: Mapping[str, str] = field(default_factory=dict)
