"""Files with a word and its tags on each line: CoNLL in its many layouts, with a blank line after each sentence.

Only TAB and the ASCII space separate columns, so words may contain any other Unicode space or zero-width character.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from isogloss.common.errors import UserError
from isogloss.corpora.forms.fields import Names, find_column
from isogloss.corpora.forms.records import COMMENTS, Reading, Record, Records

_INDEX = re.compile(r"\d+")
_NO_WORD = re.compile(r"\d+[-.]\d+")
"""Index of a line of CoNLL-U that is no word: a multiword token (1-2) or an empty node (1.1)."""
CONLLU = 10
"""Number of columns in CoNLL-U."""
_DOCUMENT, _COMMENT = "-DOCSTART-", "#"
_SAMPLE = 2000
"""Number of lines by which the layout of a file is recognised; all lines are checked when they are read."""


class Sentence(NamedTuple):
    """The lines of a sentence, which are split into cells when they are read, and their numbers."""

    numbers: list[int]
    lines: list[str]


class Layout(NamedTuple):
    """Which column has the word and which has the tag, counted from 0. width: number of columns if every line must have
    all of them, else 0. indexed: whether the first column counts the words."""

    token: int
    tag: int
    width: int
    indexed: bool


def read_columns(text: str, name: str, reading: Reading, is_tag: Callable[[str], bool], by_word: str) -> Records:
    """Return the sentences of a file as records with the columns `tokens` and `tags`.

    is_tag: whether a cell can be a tag of the task. by_word: see isogloss.tasks.base.Task. Known layouts are
    recognised: words and tags in two columns; the tag last (CoNLL 2002 and 2003, MultiCoNER, Label Studio); an index
    first (GermEval, Universal NER: word and tag follow); CoNLL-U for part-of-speech tags. Comment lines begin with `#`,
    stand before a sentence and do not have the form of a word. Raises UserError, with the line, for a file that cannot
    be read in this way.
    """
    counts: Counter[str] = Counter()
    sentences = _group_lines(text, reading.comment, counts)
    sample = list(islice(_list_lines(sentences), _SAMPLE))
    sample = [line for line in sample if not line[1][0].startswith(_COMMENT)] or sample
    if not sample:
        return Records(name, [], "word", counts)
    width = Counter(len(cells) for _, cells in sample).most_common(1)[0][0]
    indexed = width > 2 and _counts_words(sentences)
    layout = _choose_layout(width, indexed, name, reading, by_word)
    if not reading.columns:
        _refuse_one_column(sentences, width, name)
        _refuse_other_layout(sample, layout, width, name, is_tag)
    if not reading.comment:
        sentences = [_drop_comments(one, layout, width, is_tag, counts) for one in sentences]
    rows = [row for sentence in sentences if (row := _read_sentence(sentence, layout, name, sentences))]
    _refuse_numbers(rows, layout, name)
    return Records(name, rows, "word", counts)


def cut_header(text: str, columns: Names, reading: Reading) -> tuple[dict[str, int], str]:
    """Return the numbers of the columns if the first line names them, and the text with this line blank.

    The numbers are empty, and the text is unchanged, if the first line is no header.
    """
    start = len(text) - len(text.lstrip("\n"))
    line = text[start:].split("\n", 1)[0]
    names = [cell.strip() for cell in (line.split("\t") if "\t" in line else line.split(" "))]
    chosen = {column: place for column, place in reading.columns.items() if isinstance(place, int)}
    named = replace(reading, columns={column: name for column, name in reading.columns.items() if column not in chosen})
    found = {column: find_column(names, column, columns, named) for column in columns}
    if line.startswith(_COMMENT) or not all(found.values()) or len(set(found.values())) < len(found):
        return {}, text
    places = {column: names.index(name) + 1 for column, name in found.items()}
    return {**places, **chosen}, text[:start] + text[start + len(line) :]


def _group_lines(text: str, comment: str, counts: Counter[str]) -> list[Sentence]:
    """Return the lines of each sentence. comment: what the lines to leave out begin with, or empty."""
    sentences = []
    numbers, lines = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        # A line with only a form feed or a no-break space is an error, not a blank line: strip only spaces and TABs.
        stripped = line.rstrip(" \t")
        if comment and stripped.startswith(comment):
            counts[COMMENTS] += 1
        elif stripped and not stripped.startswith(_DOCUMENT):
            numbers.append(number)
            lines.append(stripped)
        elif lines:
            sentences.append(Sentence(numbers, lines))
            numbers, lines = [], []
    return [*sentences, Sentence(numbers, lines)] if lines else sentences


def _split(line: str) -> list[str]:
    return line.split("\t") if "\t" in line else [cell for cell in line.split(" ") if cell]


def _list_lines(sentences: Iterable[Sentence]) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of each line."""
    for sentence in sentences:
        yield from zip(sentence.numbers, map(_split, sentence.lines), strict=True)


def _drop_comments(
    sentence: Sentence, layout: Layout, width: int, is_tag: Callable[[str], bool], counts: Counter[str]
) -> Sentence:
    """Return a sentence without the lines at its start that begin with `#` and do not have the form of a word."""
    start = 0
    while start < len(sentence.lines) and sentence.lines[start].startswith(_COMMENT):
        cells = _split(sentence.lines[start])
        if len(cells) == width and not layout.indexed and is_tag(cells[layout.tag].strip()):
            break
        start += 1
    if not start:
        return sentence
    counts[COMMENTS] += start
    return Sentence(sentence.numbers[start:], sentence.lines[start:])


def _choose_layout(width: int, indexed: bool, name: str, reading: Reading, by_word: str) -> Layout:
    if reading.columns:
        wanted = [reading.columns.get(column) for column in ("tokens", "tags")]
        if not all(isinstance(place, int) for place in wanted):
            raise UserError(
                f"{name}: this file has a word on each line and no header, so columns are chosen by number; write "
                "`columns: {tokens: 1, tags: 2}` with the numbers of your columns"
            )
        if max(wanted) > width:
            raise UserError(
                f"{name}: most lines have {width} column(s), but `columns` names column {max(wanted)}; correct it"
            )
        return Layout(wanted[0] - 1, wanted[1] - 1, 0, indexed)
    if indexed:
        return Layout(1, 3 if width == CONLLU and by_word == "labels" else 2, 0, indexed)
    return Layout(0, width - 1, width, indexed)


def _counts_words(sentences: Sequence[Sentence]) -> bool:
    """Return whether the first column counts the words of each sentence from 0 or 1."""
    for sentence in sentences:
        found = [_split(line)[0] for line in sentence.lines]
        found = [cell for cell in found if not _NO_WORD.fullmatch(cell)]
        while found and found[0].startswith(_COMMENT):
            del found[0]
        if not found:
            continue
        start = found[0] if found[0] in ("0", "1") else ""
        if not start or found != [str(number) for number in range(int(start), int(start) + len(found))]:
            return False
    return bool(sentences)


def _refuse_one_column(sentences: Sequence[Sentence], width: int, name: str) -> None:
    """Raise UserError if most lines are only one cell."""
    if width > 1:
        return
    alone = [(number, cells[0]) for number, cells in _list_lines(sentences) if len(cells) == 1]
    number, cell = alone[0]
    raise UserError(
        f"{name}:{number}: {len(alone)} lines have one column, the first {cell[:40]!r}; a line is a word and its tag, "
        "separated by a TAB or a space"
    )


def _refuse_other_layout(
    sample: Sequence[tuple[int, list[str]]], layout: Layout, width: int, name: str, is_tag: Callable[[str], bool]
) -> None:
    """Raise UserError if the tag column contains other things than tags and another column contains only tags."""
    full = [line for line in sample if len(line[1]) == width]
    number, cells = full[0]
    able = [place for place in range(width) if all(is_tag(one[place].strip()) for _, one in full)]
    if able and layout.tag not in able:
        tag, word = able[-1] + 1, layout.token + 1
        raise UserError(
            f"{name}:{number}: the tags are in column {tag} of {width}, as in {' '.join(cells)[:60]!r}; write `local: "
            f"{{path: ..., columns: {{tokens: {2 if tag == word else word}, tags: {tag}}}}}` with the columns of your "
            "file"
        )
    if width > 2 and not cells[0].startswith(_COMMENT) and not any(is_tag(one[layout.tag].strip()) for _, one in full):
        raise UserError(
            f"{name}:{number}: column {layout.tag + 1} of {width} has no tag of the task, only such as "
            f"{cells[layout.tag][:30]!r}; write `columns: {{tokens: {layout.token + 1}, tags: ...}}` with the column "
            "of the tags, or `map` their names"
        )


def _read_sentence(sentence: Sentence, layout: Layout, name: str, sentences: Sequence[Sentence]) -> Record | None:
    token, tag, width, indexed = layout
    numbers, rows = sentence.numbers, [_split(line) for line in sentence.lines]
    if indexed:
        kept = [place for place, cells in enumerate(rows) if not _NO_WORD.fullmatch(cells[0])]
        numbers, rows = [numbers[place] for place in kept], [rows[place] for place in kept]
    needed = max(token, tag) + 1
    for place, cells in enumerate(rows):
        if len(cells) != width if width else len(cells) < needed:
            _refuse_line(numbers[place], cells, layout, name, sentences)
    words = [cells[token].strip(" ") for cells in rows]
    if not all(words):
        place = words.index("")
        _refuse_line(numbers[place], rows[place], layout, name, sentences)
    return Record(numbers, {"tokens": words, "tags": [cells[tag].strip() for cells in rows]}) if rows else None


def _refuse_line(number: int, cells: list[str], layout: Layout, name: str, sentences: Sequence[Sentence]) -> None:
    needed = layout.width or max(layout.token, layout.tag) + 1
    alike = sum(len(other) == len(cells) for _, other in _list_lines(sentences))
    shown = "\t".join(cells)[:50]
    if len(cells) == needed or (not layout.width and len(cells) > needed):
        raise UserError(f"{name}:{number}: found {len(cells)} columns but no word in {shown!r}; remove the line")
    advice = "separate a word and its tag by a TAB or a space, and give every line the same columns"
    if cells[0].startswith(_COMMENT):
        advice = f"write `local: {{path: ..., comment: '{cells[0][:8]}'}}` if this is a comment"
    raise UserError(
        f"{name}:{number}: found {len(cells)} column(s) in {shown!r}, but other lines have {needed} ({alike} such "
        f"line{'s' if alike > 1 else ''}); {advice}"
    )


def _refuse_numbers(rows: list[Record], layout: Layout, name: str) -> None:
    """Raise UserError if every word of a file is a number: these are indices, and the words are missing."""
    words = (word for row in rows for word in row.fields["tokens"])
    if sum(len(row.lines) for row in rows) > 1 and all(_INDEX.fullmatch(word) for word in words):
        raise UserError(
            f"{name}:{rows[0].lines[0]}: every word is a number, so column {layout.token + 1} seems to be an index; "
            "add the words, or write `columns: {tokens: ..., tags: ...}` with the numbers of the columns"
        )
