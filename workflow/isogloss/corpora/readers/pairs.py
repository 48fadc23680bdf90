"""Sentence pairs of a user's: a TSV file whose header names `premise`, `hypothesis` and `label`.

Nothing is quoted: a quotation mark is one of the text's. Columns may stand in any order; others are left alone.
"""

from pathlib import Path

from isogloss.common.errors import UserError
from isogloss.common.examples import RELATIONS, SentencePair
from isogloss.corpora.readers.utf8 import read_text

COLUMNS = ("premise", "hypothesis", "label")


def recognise_pairs(text: str) -> bool:
    """Whether the first line of a file is the header of sentence pairs."""
    return set(COLUMNS) <= set(text.split("\n", 1)[0].removesuffix("\r").split("\t"))


def read_pairs(path: Path, language: str, split: str) -> list[SentencePair]:
    """Read one file: its pairs, named `{language}-{split}-{number}` from 0, in the order of the file.

    A UserError names file and line of a header without the columns, a row of another length, an empty text, or a label
    outside the set.
    """
    header, *lines = (line.removesuffix("\r") for line in read_text(path).split("\n"))
    names = header.split("\t")
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise UserError(
            f"{path}:1: the header {header[:60]!r} has no column {missing[0]!r}: an nli file begins with "
            "premise, hypothesis and label, parted by TABs"
        )
    places = [names.index(column) for column in COLUMNS]
    pairs = []
    for number, line in enumerate(lines, start=2):
        if not line.strip(" \t"):
            continue
        row = line.split("\t")
        if len(row) != len(names):
            raise UserError(
                f"{path}:{number}: found {len(row)} column(s) where the header has {len(names)}: part the columns by "
                "one TAB each, and keep TABs out of the text"
            )
        premise, hypothesis, label = (row[place].strip(" ") for place in places)
        for column, text in (("premise", premise), ("hypothesis", hypothesis)):
            if not text.strip():
                raise UserError(f"{path}:{number}: the {column} is empty: remove the line")
        if label not in RELATIONS:
            raise UserError(
                f"{path}:{number}: label {label!r} is outside the set: expected one of {' '.join(RELATIONS)}"
            )
        pairs.append(SentencePair(f"{language}-{split}-{len(pairs)}", language, premise, hypothesis, label))
    if not pairs:
        raise UserError(f"{path}: holds no sentence pair: fill it, or leave the language out")
    return pairs
