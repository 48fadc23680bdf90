"""Read sentence pairs from a TSV file whose header has the columns `premise`, `hypothesis` and `label`.

There is no quoting: quotation marks are part of the text. Columns can be in any order; other columns are ignored.
"""

from pathlib import Path

from isogloss.common.errors import UserError
from isogloss.common.examples import RELATIONS, SentencePair
from isogloss.corpora.readers.utf8 import read_text

COLUMNS = ("premise", "hypothesis", "label")


def recognise_pairs(text: str) -> bool:
    """Return whether the first line of a file is the header of a file of sentence pairs."""
    return set(COLUMNS) <= set(text.split("\n", 1)[0].removesuffix("\r").split("\t"))


def read_pairs(path: Path, language: str, split: str) -> list[SentencePair]:
    """Return the pairs of one file in its order, with ids `{language}-{split}-{number}`, numbered from 0.

    Raises UserError, with file and line, for a header without these columns, a row with another number of columns,
    an empty text, or an unknown label.
    """
    header, *lines = (line.removesuffix("\r") for line in read_text(path).split("\n"))
    names = header.split("\t")
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise UserError(
            f"{path}:1: the header {header[:60]!r} has no column {missing[0]!r}; begin the file with a header "
            "line that names premise, hypothesis and label, separated by TABs"
        )
    places = [names.index(column) for column in COLUMNS]
    pairs = []
    for number, line in enumerate(lines, start=2):
        if not line.strip(" \t"):
            continue
        row = line.split("\t")
        if len(row) != len(names):
            raise UserError(
                f"{path}:{number}: found {len(row)} column(s), but the header has {len(names)}; separate columns by "
                "one TAB, and do not use TABs or line breaks in the text"
            )
        premise, hypothesis, label = (row[place].strip(" ") for place in places)
        for column, text in (("premise", premise), ("hypothesis", hypothesis)):
            if not text.strip():
                raise UserError(f"{path}:{number}: the {column} is empty; add its text, or remove the line")
        if label not in RELATIONS:
            raise UserError(f"{path}:{number}: unknown label {label!r}; use one of {' '.join(RELATIONS)}")
        pairs.append(SentencePair(f"{language}-{split}-{len(pairs)}", language, premise, hypothesis, label))
    if not pairs:
        raise UserError(f"{path}: contains no sentence pairs; add pairs to it, or leave {language} out of `languages`")
    return pairs
