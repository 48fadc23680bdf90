"""Read one file of any known form: the form is chosen by content, then the task makes examples of the entries."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from isogloss.common.annotation import Annotation
from isogloss.common.errors import UserError
from isogloss.common.registry import load_part
from isogloss.corpora.forms.columns import cut_header, read_columns
from isogloss.corpora.forms.objects import read_json, read_parquet
from isogloss.corpora.forms.records import Reading, Records
from isogloss.corpora.forms.tables import find_delimiter, read_table
from isogloss.corpora.forms.text import cut_comments, find_ending, read_text
from isogloss.corpora.readers.languages import keep_language
from isogloss.corpora.readers.tags import split_tag

EXTRA = {"id": ("id", "guid", "qid"), "language": ("language", "lang")}
"""Columns of every task that are read if a file has them."""
_PARQUET = b"PAR1"
_JSON = re.compile(r'\s*(\[\s*)?\{\s*"(?:[^"\\\n]|\\.)*"\s*:|\s*[\[{]\s*[\]}]\s*\Z')
_JSON_ENDINGS = ("json", "jsonl", "ndjson")


def read_file(
    path: Path, reading: Reading, annotation: Annotation, language: str, split: str
) -> tuple[list[Any], Counter[str]]:
    """Return the examples of one file and what was left out or corrected, by reason.

    Raises UserError for a file that cannot be read, that is for another kind of task, or that has no usable examples.
    """
    records = read_records(path, reading, annotation, str(path))
    return parse_records(records, annotation, language, split)


def parse_records(
    records: Records, annotation: Annotation, language: str, split: str
) -> tuple[list[Any], Counter[str]]:
    """Return the examples that a task makes of the entries of a file, and what was left out or corrected."""
    from isogloss.tasks import find_task

    records, annotation = keep_language(records, language), complete_annotation(annotation)
    examples = load_part(find_task(annotation.kind).parser)(records, annotation, language, split)
    if not examples:
        left = ", ".join(f"{reason} {count}" for reason, count in (+records.counts).items())
        raise UserError(
            f"{records.name}: contains no usable examples{f' ({left})' if left else ''}; add examples to it, or leave "
            f"{language} out of `languages`"
        )
    return examples, +records.counts


def complete_annotation(annotation: Annotation) -> Annotation:
    """Return an annotation with the usual labels of its kind if it names none."""
    from isogloss.tasks import find_task

    return annotation if annotation.labels else replace(annotation, labels=find_task(annotation.kind).names)


def read_records(path: Path, reading: Reading, annotation: Annotation, name: str) -> Records:
    """Return the entries of a file with the columns of the task. name: the file in messages."""
    from isogloss.tasks import find_task

    task, annotation = find_task(annotation.kind), complete_annotation(annotation)
    columns = task.columns
    with path.open("rb") as file:
        is_parquet = file.read(4) == _PARQUET
    if is_parquet or path.suffix == ".parquet":
        return read_parquet(path, name, columns, EXTRA, reading)
    text = read_text(path, reading.encoding)
    if not text.strip():
        return Records(name, [])
    if task.by_word:
        header, text = cut_header(text, columns, reading)
        if header or not _is_table(text, path, columns, reading):
            if not header:
                _refuse_other_kind(text, name, annotation.kind)
            reading = replace(reading, columns=header or reading.columns)
            return read_columns(text, name, reading, _make_recogniser(annotation, task.by_word), task.by_word)
    text, dropped = cut_comments(text, reading.comment)
    if not _JSON.match(text) and not find_delimiter(text, columns, reading):
        _refuse_other_kind(text, name, annotation.kind)
    read = read_json if _is_json(text, path) else read_table
    records = read(text, name, columns, EXTRA, reading)
    records.counts.update(dropped)
    return records


def _is_table(text: str, path: Path, columns: Mapping[str, Sequence[str]], reading: Reading) -> bool:
    """Return whether a file of a task that labels words is JSON or has a header, not a word on each line."""
    named = {column: name for column, name in reading.columns.items() if isinstance(name, str)}
    return _is_json(text, path) or bool(find_delimiter(text, columns, replace(reading, columns=named)))


def _is_json(text: str, path: Path) -> bool:
    return bool(_JSON.match(text)) or find_ending(path) in _JSON_ENDINGS


def _make_recogniser(annotation: Annotation, by_word: str) -> Any:
    """Return a function that says whether a cell can be a tag of the task, whether the task has this type or not."""
    labels = {"O", *annotation.labels, *annotation.map}
    if by_word != "entities":
        return labels.__contains__
    return lambda cell: cell in labels or bool(split_tag(cell)[0])


def _refuse_other_kind(text: str, name: str, kind: str) -> None:
    """Raise UserError if a file clearly has the columns of another kind of task."""
    from isogloss.tasks import TASKS, find_task

    for other in TASKS:
        columns: Mapping[str, Sequence[str]] = find_task(other).columns
        if other != kind and columns and find_delimiter(text, columns, Reading()):
            raise UserError(
                f"{name}: looks like a file for kind {other}, not {kind}; correct `kind` or `corpus` under `tasks`, or "
                "name the columns in `columns`"
            )
