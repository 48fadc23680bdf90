"""JSON files (lines, an array, SQuAD's nested form) and parquet files: entries with named fields."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.corpora.forms.fields import Names, find_column, refuse_missing
from isogloss.corpora.forms.records import Reading, Record, Records

Entry = tuple[int, Mapping[str, Any]]  # line or number, fields


def read_json(text: str, name: str, columns: Names, extra: Names, reading: Reading) -> Records:
    """Return the entries of a JSON file as records with the columns of the task.

    The file has one object on each line, or an array of objects, or an object whose `data` is such an array. An entry
    can also be an article or a paragraph in the form of SQuAD. Raises UserError, with the line, for other content.
    """
    by_line, entries = _list_entries(text, name)
    entries = list(chain.from_iterable(_open_paragraphs(number, entry, name) for number, entry in entries))
    unit = "line" if by_line else "entry"
    return Records(name, [_choose_fields(one, columns, extra, reading, name, by_line) for one in entries], unit)


def read_parquet(path: Path, name: str, columns: Names, extra: Names, reading: Reading) -> Records:
    """Return the rows of a parquet file as records. Labels that the file names (`ClassLabel`) are in `Records.labels`.

    Raises UserError if the file is not readable parquet or lacks a column of the task.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(path)
    except (OSError, pyarrow.ArrowException) as error:
        reason = " ".join(str(error).split())[:120]
        raise UserError(
            f"{name}: cannot be read as parquet ({reason}); get the file again, or choose another revision"
        ) from None
    entries = enumerate(table.to_pylist(), start=1)
    rows = [_choose_fields(one, columns, extra, reading, name, False) for one in entries]
    return Records(name, rows, "entry", labels=_read_class_labels(table, columns, reading))


def _read_class_labels(table: Any, columns: Names, reading: Reading) -> tuple[str, ...]:
    """Return the names that the library `datasets` wrote into a file for the numbers in its last column of the task."""
    stored = json.loads((table.schema.metadata or {}).get(b"huggingface", b"{}"))
    features = stored.get("info", {}).get("features", {})
    feature = features.get(find_column(table.column_names, list(columns)[-1], columns, reading), {})
    feature = feature if isinstance(feature, Mapping) else {}
    inner = feature.get("feature", feature)
    return tuple((inner if isinstance(inner, Mapping) else feature).get("names", ()))


def _list_entries(text: str, name: str) -> tuple[bool, list[Entry]]:
    """Return whether entries are numbered by line, and the entries."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if text.lstrip().startswith("{") and (len(lines) == 1 or _is_object(lines[0][1])):
        entries = [(number, _parse(line, name, number)) for number, line in lines]
        if len(entries) > 1 or "data" not in entries[0][1]:
            return True, [(number, _need_object(entry, f"{name}:{number}")) for number, entry in entries]
        content = entries[0][1]
    else:
        content = _parse(text, name, 1)
    listed = content.get("data") if isinstance(content, dict) else content
    if not isinstance(listed, list):
        keys = ", ".join(content)[:80] if isinstance(content, dict) else type(content).__name__
        raise UserError(
            f"{name}: contains one JSON value ({keys}) and no list of entries; write one object on each line, an "
            f"array of "
            'objects, or {"data": [...]}'
        )
    return False, [(number, _need_object(entry, f"{name}: entry {number}")) for number, entry in enumerate(listed, 1)]


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _parse(text: str, name: str, line: int) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_refuse_repeated)
    except _RepeatedKeyError as error:
        where = name if "\n" in text else f"{name}:{line}"
        raise UserError(f"{where}: an object has the key {error.args[0]!r} twice; remove one of them") from None
    except RecursionError:
        raise UserError(f"{name}:{line}: JSON is nested too deeply; correct the file") from None
    except json.JSONDecodeError as error:
        raise UserError(
            f"{name}:{line + error.lineno - 1}: not valid JSON ({error.msg}); write one object on each line, an array "
            f"of "
            'objects, or {"data": [...]}'
        ) from None
    except ValueError as error:  # a number with too many digits
        raise UserError(f"{name}:{line}: not valid JSON ({str(error)[:60]}); correct the file") from None


class _RepeatedKeyError(Exception):
    """An object of a JSON file has a key, the argument, more than once."""


def _refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entry = dict(pairs)
    if len(entry) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _RepeatedKeyError(next(key for key in keys if keys.count(key) > 1)[:40])
    return entry


def _need_object(entry: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(entry, dict):
        raise UserError(f"{where}: is {json.dumps(entry)[:40]}, not an object with named fields; correct the file")
    return entry


def _open_paragraphs(number: int, entry: Mapping[str, Any], name: str) -> Iterator[Entry]:
    """Yield the questions of an article or a paragraph in the form of SQuAD, or the entry itself."""
    if "paragraphs" not in entry and "qas" not in entry:
        yield number, entry
        return
    where = f"{name}: entry {number}"
    for paragraph in _need_list(entry, "paragraphs", where) if "paragraphs" in entry else [entry]:
        if "context" not in paragraph:
            raise UserError(f"{where}: a paragraph has no 'context', only {', '.join(paragraph)[:60]}; add it")
        for asked in _need_list(paragraph, "qas", where):
            yield number, {**asked, "context": paragraph["context"]}


def _need_list(entry: Mapping[str, Any], key: str, where: str) -> Sequence[Mapping[str, Any]]:
    listed = entry.get(key)
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise UserError(f"{where}: {key!r} is missing or is not a list of objects; write it in the form of SQuAD")
    return listed


def _choose_fields(entry: Entry, columns: Names, extra: Names, reading: Reading, name: str, by_line: bool) -> Record:
    number, given = entry
    names = list(given)
    fields = {}
    for column in (*columns, *extra):
        found = find_column(names, column, {**columns, **extra}, reading)
        if found:
            fields[column] = given[found]
        elif column in columns:
            where = f"{name}:{number}" if by_line else f"{name}: entry {number}"
            refuse_missing(column, names, columns, reading, where)
    return Record([number], fields)
