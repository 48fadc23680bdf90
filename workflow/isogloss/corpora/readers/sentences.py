"""Read tagged sentences from CoNLL-style files: one token and its tag per line, a blank line after each sentence.

A line is `token<TAB>tag` or `token<space>tag`. Tags are IOB1 or IOB2 and are returned as IOB2. Only TAB and the ASCII
space separate columns, so tokens may contain any other Unicode space or zero-width character.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from isogloss.common.errors import UserError
from isogloss.common.examples import ENTITY_TYPES, TaggedSentence
from isogloss.corpora.readers.utf8 import read_text

_TAGS = ("O", *(f"{prefix}-{kind}" for kind in ENTITY_TYPES for prefix in "BI"))

Row = tuple[int, str, str]  # line number, token, tag


def read_sentences(path: Path, language: str, split: str) -> list[TaggedSentence]:
    """Return the sentences of one file with tags in IOB2 and ids `{language}-{split}-{number}`, numbered from 0.

    If every token of the file has the language prefix of this corpus, such as `sw:`, the prefix is removed.
    """
    sentences = list(_group_rows(path))
    if not sentences:
        raise UserError(f"{path}: contains no sentences; add sentences to it, or leave {language} out of `languages`")
    prefix = f"{language}:"
    is_prefixed = all(token.startswith(prefix) for rows in sentences for _, token, _ in rows)
    cut = len(prefix) if is_prefixed else 0
    for line, token, _ in (row for rows in sentences for row in rows):
        if not token[cut:]:
            raise UserError(f"{path}:{line}: no token after the language prefix {prefix!r}; remove the line")
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
    """Convert IOB1 or IOB2 tags to IOB2: an I-X that does not follow an X begins an entity and becomes B-X."""
    before = ("O", *tags)
    return tuple(
        f"B-{tag[2:]}" if tag.startswith("I-") and last[1:] != tag[1:] else tag
        for last, tag in zip(before, tags, strict=False)
    )


def _group_rows(path: Path) -> Iterator[list[Row]]:
    """Yield the rows of each sentence of a file."""
    rows: list[Row] = []
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        # A line with only a form feed or a no-break space is an error, not a blank line: strip only spaces and TABs.
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
            f"{where}: found {len(columns)} column(s) in {text[:60]!r}, expected a non-empty token and its tag; "
            "separate them by a TAB or a space, and remove other columns"
        )
    token, tag = (column.strip(" ") for column in columns)
    if tag not in _TAGS:
        raise UserError(f"{where}: unknown tag {tag!r}; use one of {' '.join(_TAGS)}")
    return token, tag
