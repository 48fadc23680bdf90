"""Sentences for tagging in CoNLL's manner: a token and its tag a line, a blank line after each sentence.

A line is `token<TAB>tag` or `token<space>tag`. Tags are IOB1 or IOB2 and leave as IOB2. Tokens may contain any Unicode
space or zero-width character: only TAB and the ASCII space part columns.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from isogloss.common.errors import UserError
from isogloss.common.examples import ENTITY_TYPES, TaggedSentence
from isogloss.corpora.readers.utf8 import read_text

_TAGS = ("O", *(f"{prefix}-{kind}" for kind in ENTITY_TYPES for prefix in "BI"))

Row = tuple[int, str, str]  # line number, token, tag


def read_sentences(path: Path, language: str, split: str) -> list[TaggedSentence]:
    """Read one file: its sentences, named `{language}-{split}-{number}` from 0, tags in IOB2.

    A prefix such as `sw:` is taken off the tokens if every token of the file carries that of its own language.
    """
    sentences = list(_group_rows(path))
    if not sentences:
        raise UserError(f"{path}: holds no sentence: fill it, or leave the language out")
    prefix = f"{language}:"
    is_prefixed = all(token.startswith(prefix) for rows in sentences for _, token, _ in rows)
    cut = len(prefix) if is_prefixed else 0
    for line, token, _ in (row for rows in sentences for row in rows):
        if not token[cut:]:
            raise UserError(f"{path}:{line}: no token behind the prefix {prefix!r}: remove the line")
    return [
        TaggedSentence(
            id=f"{language}-{split}-{number}",
            language=language,
            tokens=tuple(token[cut:] for _, token, _ in rows),
            tags=convert_to_iob2([tag for _, _, tag in rows]),
        )
        for number, rows in enumerate(sentences)
    ]


def convert_to_iob2(tags: Sequence[str]) -> tuple[str, ...]:
    """Turn IOB1 or IOB2 tags into IOB2: an I-X that follows no X begins an entity and becomes B-X."""
    before = ("O", *tags)
    return tuple(
        f"B-{tag[2:]}" if tag.startswith("I-") and last[1:] != tag[1:] else tag
        for last, tag in zip(before, tags, strict=False)
    )


def _group_rows(path: Path) -> Iterator[list[Row]]:
    """Yield the rows of each sentence of a file."""
    rows: list[Row] = []
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        # A form feed or a no-break space alone is a broken row, not a blank line: strip ASCII spaces only.
        text = line.removesuffix("\r")
        if text.strip(" \t") and not text.startswith("-DOCSTART-"):
            rows.append((number, *_split_row(text, f"{path}:{number}")))
        elif rows:
            yield rows
            rows = []
    if rows:
        yield rows


def _split_row(text: str, where: str) -> tuple[str, str]:
    """Return token and tag of a line."""
    columns = text.split("\t") if "\t" in text else [column for column in text.split(" ") if column]
    if len(columns) != 2 or not columns[0].strip(" "):
        raise UserError(
            f"{where}: found {len(columns)} column(s) in {text!r}: write a token and a tag parted by a TAB or a space"
        )
    token, tag = (column.strip(" ") for column in columns)
    if tag not in _TAGS:
        raise UserError(f"{where}: tag {tag!r} is outside the scheme: expected one of {' '.join(_TAGS)}")
    return token, tag
