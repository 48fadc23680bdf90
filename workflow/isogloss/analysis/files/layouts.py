"""Layouts of score tables: one score in each row, or a matrix with a column for each language."""

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from isogloss.analysis.files.columns import (
    FALLBACKS,
    OTHERS,
    REQUIRED,
    SCORE,
    SOURCE,
    TARGET,
    list_names,
    place_columns,
    simplify,
)
from isogloss.analysis.files.labels import is_language
from isogloss.analysis.files.numbers import has_numbers, is_missing, is_number
from isogloss.analysis.files.text import COMMA, SEMICOLON, TAB, Cells, read_cells, show
from isogloss.common.errors import UserError
from isogloss.common.run import METRIC

_METRICS = {"f1_score": "f1", "acc": "accuracy", "em": "exact_match"}
_CORNER = re.compile(r"(\w+?)\s*(?:\\|/|\||→|->|>|_to_| to | x | vs\.? )\s*(\w+?)")
"""Both sides in the first cell of a matrix, such as `source\\target`."""


@dataclass(frozen=True)
class Layout:
    """A scores table as text, with the columns source (or sources), target, score and any others of the long form.

    The index is the line of the file minus 2, which find_line requires. `separator` is that of the file. `ignored` has
    the names of the columns that are not read. `square` is True if the file is a matrix, so that empty cells of a
    language with itself do not count as missing.
    """

    text: pd.DataFrame
    separator: str
    ignored: tuple[str, ...] = ()
    square: bool = False


def read_layout(path: Path) -> Layout:
    """Read a scores table of either layout as text.

    Raises UserError with the file for two columns of the same meaning, for a missing column, and for a matrix of
    which the first cell does not say whether the rows are sources.
    """
    cells = read_cells(path, "scores")
    places = place_columns(path, cells)
    if places.keys() >= {*REQUIRED}:
        return _read_long(path, cells, places)
    label = places.get(SOURCE, places.get(TARGET, 0))
    named = [place for place, name in enumerate(cells.header) if (name or place) and name.lower() not in OTHERS]
    others = [place for place in named if place != label]
    if _is_matrix(cells, label, others):
        return _read_matrix(path, cells, label, others)
    lacking = next(name for name in REQUIRED if name not in places)
    raise UserError(
        f"{path}: no column {lacking!r}: the file is {cells.describe()}; name the columns source,target,score, or "
        "write a matrix with source\\target in its first cell"
    )


def _read_long(path: Path, cells: Cells, places: dict[str, int]) -> Layout:
    _refuse_short(path, cells, max(places[role] for role in REQUIRED) + 1)
    index = pd.Index([line - 2 for line in cells.lines])
    text = pd.DataFrame({role: cells.list_column(place) for role, place in places.items()}, index=index, dtype=str)
    if "sources" in cells.header:
        text = text.rename(columns={SOURCE: "sources"})
    named = simplify(cells.header[places[SCORE]])
    if METRIC not in text.columns and named in FALLBACKS[SCORE].split():
        text[METRIC] = _METRICS.get(named, named)
    ignored = [name for place, name in enumerate(cells.header) if name and place not in places.values()]
    return Layout(text, cells.separator, tuple(ignored))


def _refuse_short(path: Path, cells: Cells, required: int) -> None:
    short = [place for place, length in enumerate(cells.lengths) if length < required]
    if short:
        first = cells.rows[short[0]][0]
        other = next((one for one in (SEMICOLON, TAB, COMMA) if one != cells.separator and one in first), "")
        advice = f"{show(other)} does not separate columns in this file" if other else "complete the row"
        raise UserError(
            f"{path}:{cells.lines[short[0]]}: the row has {cells.lengths[short[0]]} of {len(cells.header)} cells "
            f"({len(short)} such rows of {len(cells.rows)}): the file is {cells.describe()}; {advice}"
        )


def _is_matrix(cells: Cells, label: int, others: list[int]) -> bool:
    """Return whether the columns at the places `others` are languages: numbers only, or named as the rows are.

    `label` is the place of the column that names the language of each row.
    """
    names = [cells.header[place] for place in others]
    if all(simplify(name) in list_names(SCORE) for name in names):
        return False
    columns = [cells.list_column(place) for place in others]
    if all(is_number(cell) or is_missing(cell) for column in columns for cell in column):
        return any(map(has_numbers, columns))
    shared = set(cells.list_column(label)) & set(names)
    return len(shared) > 1 and 2 * len(shared) >= len(names)


def _read_matrix(path: Path, cells: Cells, label: int, others: list[int]) -> Layout:
    rows_are = _read_corner(cells.header[label])
    if not rows_are:
        raise UserError(
            f"{path}: a matrix whose first cell is {show(cells.header[label])}, which does not say which language is "
            "the source; write source\\target there if each row is a source, or target\\source if each row is a target"
        )
    _refuse_short(path, cells, max(others) + 1)
    names = [cells.header[place] for place in others]
    _refuse_names(path, names, set(cells.list_column(label)))
    side = TARGET if rows_are == SOURCE else SOURCE
    shared = {name.lower(): place for place, name in enumerate(cells.header) if name.lower() in OTHERS}
    records = [
        {rows_are: row[label], side: name, SCORE: row[place], **{role: row[at] for role, at in shared.items()}}
        for row in cells.rows
        for name, place in zip(names, others, strict=True)
    ]
    index = [line - 2 for line in cells.lines for _ in names]
    return Layout(pd.DataFrame(records, index=index, dtype=str), cells.separator, square=True)


def _read_corner(corner: str) -> str:
    """Return which side of a matrix is in the first column: source, target, or empty if its header does not say."""
    roles = {name: role for role in (SOURCE, TARGET) for name in list_names(role)}
    found = _CORNER.fullmatch(corner.strip().casefold())
    if found is None:
        return roles.get(simplify(corner), "")
    first, second = (roles.get(simplify(part), "") for part in found.groups())
    return first if {first, second} == {SOURCE, TARGET} else ""


def _refuse_names(path: Path, names: list[str], rows: set[str]) -> None:
    """Refuse columns of a matrix that are no languages, such as means and sizes, and columns that occur twice."""
    for name in dict.fromkeys(names):
        if name not in rows and not is_language(name):
            raise UserError(
                f"{path}: a matrix with the column {show(name)}, which is no language code; remove the column, or "
                "name the columns source,target,score"
            )
        if names.count(name) > 1:
            raise UserError(f"{path}: a matrix with two columns {show(name)}; remove one of them")
