"""Read delimited text as people export it: detect the separator, and refuse what is not such a table by name."""

import csv
import io
import os
import re
from dataclasses import dataclass
from pathlib import Path

from isogloss.common.errors import UserError

COMMA, SEMICOLON, TAB = ",", ";", "\t"
_NAMES = {COMMA: "comma", SEMICOLON: "semicolon", TAB: "TAB"}
_SHOWN = 30
"""The maximum number of characters of a cell that a message quotes."""

_ENCODINGS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
"""Byte order marks, and the encoding that each announces."""

_FORMATS = {
    b"PK\x03\x04": "an Excel workbook or another zip file; export the sheet as CSV UTF-8",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; export the sheet as CSV UTF-8",
    b"PAR1": "a Parquet file; write it as csv",
    b"\x1f\x8b": "compressed with gzip; decompress it",
}
"""What the first bytes of a file say that it is, and what to do."""


@dataclass(frozen=True)
class Cells:
    """The cells of a delimited text file, stripped.

    `header` has the names of the columns. `rows` has the other rows that are not empty, filled up to the length of the
    header. `lines` has the line of the file at which each row starts, and `lengths` the number of cells that it has
    there. `separator` is a comma, a semicolon or a TAB.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    lengths: tuple[int, ...]
    separator: str

    def list_column(self, place: int) -> list[str]:
        """Return the cells of the column at a place of the header."""
        return [row[place] for row in self.rows]

    def describe(self) -> str:
        """Return the separator and the names of the columns, shortened, for a message."""
        names = ",".join(self.header)
        return f"{_NAMES[self.separator]}-separated, with the columns {show(names, 80)}"


def show(cell: str, most: int = _SHOWN) -> str:
    """Return a cell in quotes for a message, cut to at most `most` characters."""
    return repr(cell if len(cell) <= most else cell[: most - 3] + "...")


def read_cells(path: str | os.PathLike, kind: str) -> Cells:
    """Read a csv file of which the header line determines the separator: comma, semicolon or TAB.

    `kind` names the content in messages, such as `scores`. UTF-8, UTF-16 with a byte order mark, any line ends and a
    first line `sep=;` are accepted. Cells beyond the header are accepted if they are empty. Raises UserError with the
    file, and the line if there is one, for a file that cannot be read, another format or encoding, a header without a
    separator, an unclosed quote, and a row that is longer than the header.
    """
    path = Path(path)
    lines = re.split(r"\r\n|\r|\n", _read_text(path, kind))
    first = next((place for place, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise UserError(f"{path}: the file is empty; a table of {kind} requires a header and rows")
    declared = re.fullmatch(r'\s*"?sep=(.)"?[,;\s]*', lines[first])
    if declared and declared[1] in _NAMES:
        separator, skipped = declared[1], first + 1
    else:
        separator, skipped = _find_separator(path, first + 1, lines[first]), 0
    rows = _split(path, "\n" * skipped + "\n".join(lines[skipped:]), separator)
    if not rows:
        raise UserError(f"{path}: no header below line {skipped}; a table of {kind} requires a header and rows")
    header = rows.pop(0)[1]
    while not header[-1]:
        header = header[:-1]
    _refuse_longer(path, header, rows, separator)
    body = tuple((*row[: len(header)], *[""] * (len(header) - len(row))) for _, row in rows)
    return Cells(header, body, tuple(line for line, _ in rows), tuple(len(row) for _, row in rows), separator)


def _read_text(path: Path, kind: str) -> str:
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise UserError(f"{path}: cannot be read as a csv table of {kind}: {problem.strerror}") from None
    for start, described in _FORMATS.items():
        if content.startswith(start):
            raise UserError(f"{path}: the file is {described}")
    encoding = next((name for mark, name in _ENCODINGS.items() if content.startswith(mark)), "utf-8")
    if encoding != "utf-16" and b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise UserError(f"{path}:{line}: the file has NUL bytes, as UTF-16 or binary data; save it as UTF-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        guess = ", probably Latin-1 or Windows-1252" if encoding == "utf-8" else ""
        raise UserError(
            f"{path}:{line}: the byte 0x{content[problem.start]:02x} is not {encoding.removesuffix('-sig').upper()}"
            f"{guess}; save the file as UTF-8"
        ) from None
    if text.lstrip()[:1] in ("{", "[", "<"):
        raise UserError(f"{path}: the file is JSON, HTML or XML; write it as csv")
    return text


def _find_separator(path: Path, line: int, header: str) -> str:
    counts = {}
    for separator in _NAMES:
        try:
            counts[separator] = len(next(csv.reader([header], delimiter=separator, strict=True)))
        except csv.Error:
            counts[separator] = header.count(separator) + 1
    most = max(counts.values())
    best = [separator for separator, count in counts.items() if count == most]
    if most == 1:
        other = next((f"; it seems to be separated by {one!r}" for one in ("|", ":") if one in header), "")
        raise UserError(
            f"{path}:{line}: the header {show(header)} has no comma, semicolon or TAB{other}; separate the columns by "
            "one of these"
        )
    if len(best) > 1:
        names = " and ".join(_NAMES[one] for one in best)
        raise UserError(
            f"{path}:{line}: the header {show(header)} has as many columns by {names}; use one separator, and put "
            "names that contain the other in quotes"
        )
    return best[0]


def _split(path: Path, text: str, separator: str) -> list[tuple[int, tuple[str, ...]]]:
    """Return the line and the cells of each row that is not empty."""
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True, skipinitialspace=separator != TAB)
    rows, line = [], 1
    try:
        for row in reader:
            cells = tuple(cell.strip() for cell in row)
            if any(cells):
                rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as problem:
        raise UserError(f"{path}:{line}: cannot be read as csv: {problem}; check the quotes of this row") from None
    return rows


def _refuse_longer(
    path: Path, header: tuple[str, ...], rows: list[tuple[int, tuple[str, ...]]], separator: str
) -> None:
    longer = [(line, row) for line, row in rows if any(row[len(header) :])]
    if not longer:
        return
    line, row = longer[0]
    advice = "correct the row, or the header"
    if separator == COMMA and row[-1].rstrip("%").isdigit():
        advice = "if the numbers have a decimal comma, write points, or separate the columns by semicolons"
    raise UserError(
        f"{path}:{line}: the row has {len(row)} cells, the header {show(','.join(header))} has {len(header)} "
        f"({len(longer)} such rows of {len(rows)}); {advice}"
    )
