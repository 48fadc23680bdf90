"""Files with a header and one entry on each line: TSV and CSV, with or without quoting."""

import csv
import io
import re
from collections.abc import Mapping, Sequence

from isogloss.common.errors import UserError
from isogloss.corpora.forms.fields import choose_columns, find_column
from isogloss.corpora.forms.records import Reading, Record, Records

_DELIMITERS = ("\t", ",", ";", "|")
_NAMES = {"\t": "TAB"}
_BLANK = re.compile(r"(?:[ \t]*\n)*")


def find_delimiter(text: str, columns: Mapping[str, Sequence[str]], reading: Reading) -> str:
    """Return the delimiter with which the first line is a header that has the columns of the task; empty if none."""
    header = text[_BLANK.match(text).end() :].split("\n", 1)[0]
    if reading.columns and all(isinstance(one, int) for one in reading.columns.values()):
        return next((one for one in _DELIMITERS if header.count(one) + 1 >= max(reading.columns.values())), "")
    for delimiter in _DELIMITERS:
        names = _split_header(header, delimiter)
        if len(names) > 1 and all(find_column(names, column, columns, reading) for column in columns):
            return delimiter
    return ""


def read_table(
    text: str, name: str, columns: Mapping[str, Sequence[str]], extra: Mapping[str, Sequence[str]], reading: Reading
) -> Records:
    """Return the rows of a file as records with the columns of the task.

    columns: column that the task needs -> its usual names. extra: columns that are read if the file has them. Raises
    UserError, with the line, for a missing column and for a row with another number of columns than the header.
    """
    delimiter = find_delimiter(text, columns, reading) or ("," if name.endswith((".csv", ".csv.gz")) else "\t")
    rows = _split_rows(text, delimiter, _choose_quoting(text, delimiter, reading), name)
    (line, header), *rest = rows or [(1, [])]
    header = [cell.strip() for cell in header]
    places = choose_columns(header, columns, extra, reading, f"{name}:{line}")
    by_number = reading.columns and all(isinstance(reading.columns.get(column), int) for column in columns)
    if by_number and not any(cell.casefold() in columns[key] for key in columns for cell in header):
        rest = rows  # columns are chosen by number, and the file has no header
    records = []
    for number, cells in rest:
        row = cells if any(cell.strip() for cell in cells[len(header) :]) else cells[: len(header)]
        if len(row) != len(header):
            raise UserError(
                f"{name}:{number}: found {len(row)} column(s), but the header has {len(header)}; separate columns by "
                f"one {_NAMES.get(delimiter, repr(delimiter))}, or write `quoting: csv` if texts are in quotes"
            )
        records.append(Record([number], {column: row[place].strip(" ") for column, place in places.items()}))
    return Records(name, records)


def _split_header(header: str, delimiter: str) -> list[str]:
    return [cell.strip().strip('"') for cell in header.split(delimiter)]


def _split_rows(text: str, delimiter: str, quoted: bool, name: str) -> list[tuple[int, list[str]]]:
    """Return (line, cells) of each row that is not blank."""
    if not quoted:
        lines = enumerate(text.split("\n"), start=1)
        return [(number, line.split(delimiter)) for number, line in lines if line.strip(" \t")]
    rows = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    csv.field_size_limit(2**31 - 1)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((start, row))
            start = reader.line_num + 1
    except csv.Error as error:
        raise UserError(
            f"{name}:{start}: not valid CSV ({error}); correct the quotes, or write `quoting: none` if quotation marks "
            "belong to the text"
        ) from None
    return rows


def _choose_quoting(text: str, delimiter: str, reading: Reading) -> bool:
    """Return whether quotation marks enclose texts and are doubled within them.

    A TSV file is quoted if a CSV writer, which quotes either all texts or only those that need it, would write the same
    file again. Otherwise, quotation marks are part of the text.
    """
    if reading.quoting:
        return reading.quoting == "csv"
    if '"' not in text:
        return False
    if delimiter != "\t":
        return True
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return any(_write(rows, delimiter, style) == text.rstrip("\n") for style in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL))


def _write(rows: list[list[str]], delimiter: str, style: int) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, quoting=style, lineterminator="\n").writerows(rows)
    return written.getvalue().rstrip("\n")
