"""Layouts of score tables: columns by any of their usual names, and matrices with a column for each target."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from isogloss.analysis.data.languages import parse_tag
from isogloss.analysis.data.score_cells import is_missing, is_number
from isogloss.analysis.data.text_files import Cells, read_cells, show
from isogloss.common.errors import UserError
from isogloss.common.run import METRIC, SCORE_KEY

SYNONYMS = {
    "source": "sources src source_lang source_language src_lang src_language train_lang train_language "
    "training_language transfer_lang transfer_language lang_source",
    "target": "tgt trg target_lang target_language tgt_lang tgt_language test_lang test_language eval_lang "
    "eval_language evaluation_language task_lang task_language lang_target",
    "score": "scores value result performance",
}
"""Names of columns, in lower case with `_` between words, that are read as source, target and score."""

FALLBACKS = {
    "source": "train from",
    "target": "test to eval",
    "score": "f1 f1_score accuracy acc las uas bleu chrf em exact_match",
}
"""Names that are read in the same way if the table has no column of the first kind."""

_METRICS = {"f1_score": "f1", "acc": "accuracy", "em": "exact_match"}
_FIXED = [column for column in SCORE_KEY if column not in ("sources", "target")]
_SUMS = {"avg", "average", "mean", "macro_avg", "macro_average", "total", "overall", "std", "sum", "max", "min"}
_CORNER = re.compile(r"^(\w+?)s?\s*(?:\\|/|\||→|->|>|_to_| to | x | vs\.? )\s*(\w+?)s?$")
_CODE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*|[a-z]{4}\d{4}")


@dataclass(frozen=True)
class Layout:
    """A scores table as text, with the columns source (or sources), target, score and any others of the long form.

    The index is the line of the file minus 2, which find_line requires. `separator` is that of the file. `square` is
    True if the file is a matrix, so that empty cells of a language with itself do not count as missing.
    """

    text: pd.DataFrame
    separator: str
    square: bool


def read_layout(path: Path) -> Layout:
    """Read a scores table of either layout as text.

    Raises UserError with the file for two columns of the same meaning, for a missing column, and for a matrix of
    which the first cell does not say whether the rows are sources.
    """
    cells = read_cells(path, "scores")
    places = _place_columns(path, cells)
    if {"source", "target", "score"} <= places.keys():
        return _read_long(path, cells, places)
    others = [place for place in range(1, len(cells.header)) if cells.header[place].lower() not in _FIXED]
    if _is_matrix(cells, others):
        return _read_wide(path, cells, _read_corner(cells.header[0]), others)
    lacking = next(name for name in ("source", "target", "score") if name not in places)
    raise UserError(
        f"{path}: no column {lacking!r}: the file is {cells.describe()}; name the columns source,target,score, or "
        "write a matrix with source\\target in its first cell"
    )


def _is_matrix(cells: Cells, others: list[int]) -> bool:
    """Return whether the columns at some places are targets: numbers only, or named as the rows are."""
    names = [cells.header[place] for place in others]
    if all(simplify(name) in _list_scores() for name in names):
        return False
    numeric = [_list_column(cells, place) for place in others]
    if all(is_number(cell) or is_missing(cell) for column in numeric for cell in column):
        return any(is_number(cell) for column in numeric for cell in column)
    shared = {row[0] for row in cells.rows} & set(names)
    return len(shared) > 1 and 2 * len(shared) >= len(names)


def simplify(name: str) -> str:
    """Return the name of a column in lower case, with `_` between its words."""
    return re.sub(r"[\s_.\-]+", "_", name.strip().casefold()).strip("_")


def _list_scores() -> set[str]:
    return {"score", *SYNONYMS["score"].split(), *FALLBACKS["score"].split()}


def _place_columns(path: Path, cells: Cells) -> dict[str, int]:
    """Return the place of each column that the analysis reads; the names are those of the short form."""
    names = [simplify(name) for name in cells.header]
    places: dict[str, int] = {}
    for role, synonyms in SYNONYMS.items():
        found = [place for place, name in enumerate(names) if name in {role, *synonyms.split()}]
        found = found or [place for place, name in enumerate(names) if name in FALLBACKS[role].split()]
        if role != "score":  # in a matrix, a short name such as `to` or `src` is a language code above numbers
            found = [place for place in found if len(names[place]) > 3 or not _has_numbers(cells, place)]
        if len(found) > 1:
            first, second = (show(cells.header[place]) for place in found[:2])
            raise UserError(
                f"{path}: the columns {first} and {second} both mean {role}; rename the one that is not the {role}"
                + (", or write one row for each metric, with its name in a column metric" if role == "score" else "")
            )
        if found:
            places[role] = found[0]
    for role in _FIXED:
        exact = [place for place, name in enumerate(cells.header) if name == role]
        found = exact or [place for place, name in enumerate(names) if name == role]
        if len(found) > 1:
            raise UserError(f"{path}: two columns are called {show(cells.header[found[0]])}; rename one of them")
        if found:
            places[role] = found[0]
    return places


def _list_column(cells: Cells, place: int) -> list[str]:
    return [row[place] if place < len(row) else "" for row in cells.rows]


def _has_numbers(cells: Cells, place: int) -> bool:
    """Return whether a column has numbers and missing values only."""
    column = _list_column(cells, place)
    return any(map(is_number, column)) and all(is_number(cell) or is_missing(cell) for cell in column)


def _read_long(path: Path, cells: Cells, places: dict[str, int]) -> Layout:
    required = max(places[role] for role in ("source", "target", "score"))
    _refuse_short(path, cells, required + 1)
    index = pd.Index([line - 2 for line in cells.lines])
    columns = {role: _list_column(cells, place) for role, place in places.items()}
    if "sources" in cells.header:
        columns = {"sources" if role == "source" else role: column for role, column in columns.items()}
    text = pd.DataFrame(columns, index=index, dtype=str)
    named = simplify(cells.header[places["score"]])
    if METRIC not in text.columns and named in FALLBACKS["score"].split():
        text[METRIC] = _METRICS.get(named, named)
    return Layout(text, cells.separator, False)


def _refuse_short(path: Path, cells: Cells, required: int) -> None:
    short = [(line, row) for line, row in zip(cells.lines, cells.rows, strict=True) if len(row) < required]
    if short:
        line, row = short[0]
        other = next((one for one in (";", "\t", ",") if one != cells.separator and one in row[0]), "")
        advice = f"{show(other)} does not separate columns in this file" if other else "complete the row"
        raise UserError(
            f"{path}:{line}: the row has {len(row)} of {len(cells.header)} cells ({len(short)} such rows of "
            f"{len(cells.rows)}): the file is {cells.describe()}; {advice}"
        )


def _read_corner(corner: str) -> str:
    """Return which side of a matrix is in the first column: `source`, `target`, or empty if its header does not say."""
    roles = {word: role for role, words in SYNONYMS.items() for word in (role, *words.split()) if role != "score"}
    roles |= {word: role for role in ("source", "target") for word in FALLBACKS[role].split()}
    roles |= {"targets": "target"}
    found = _CORNER.match(corner.strip().casefold())
    if found:
        first, second = (roles.get(simplify(part), "") for part in found.groups())
        return first if {first, second} == {"source", "target"} else ""
    return roles.get(simplify(corner), "")


def _read_wide(path: Path, cells: Cells, rows_are: str, others: list[int]) -> Layout:
    if not rows_are:
        raise UserError(
            f"{path}: a matrix whose first cell is {show(cells.header[0])}, which does not say which language is the "
            "source; write source\\target there if each row is a source, or target\\source if each row is a target"
        )
    _refuse_short(path, cells, max(others) + 1)
    labels = {row[0] for row in cells.rows}
    names = [cells.header[place] for place in others]
    _check_names(path, names, labels)
    fixed = {cells.header[p].lower(): p for p in range(1, len(cells.header)) if p not in others}
    side = "target" if rows_are == "source" else "source"
    records, index = [], []
    for line, row in zip(cells.lines, cells.rows, strict=True):
        shared = {name: row[place] for name, place in fixed.items()}
        for name, place in zip(names, others, strict=True):
            records.append({rows_are: row[0], side: name, **shared, "score": row[place]})
            index.append(line - 2)
    return Layout(pd.DataFrame(records, index=index, dtype=str), cells.separator, True)


def _check_names(path: Path, names: list[str], labels: Iterable[str]) -> None:
    """Refuse columns of a matrix that are no languages: means, deviations, sizes."""
    for name in dict.fromkeys(names):
        known = name in labels or parse_tag(name) is not None or _CODE.fullmatch(name)
        if not name or not known or (simplify(name) in _SUMS and name not in labels):
            raise UserError(
                f"{path}: a matrix with the column {show(name)}, which is no language code; remove the column, or "
                "name the columns source,target,score"
            )
        if names.count(name) > 1:
            raise UserError(f"{path}: a matrix with two columns {show(name)}; remove one of them")


def check_labels(text: pd.DataFrame, path: Path) -> None:
    """Raise UserError for a source or target that is no language: empty, a mean, a truth value or a number."""
    for column in ("sources", "target"):
        for code in dict.fromkeys(code for cell in text[column].unique() for code in re.split(r"\+", cell)):
            problem = _find_problem(code.strip(), column)
            if problem:
                has = [code in cell.split("+") for cell in text[column]]
                line = int(text.index[has][0]) + 2
                rows = f" ({sum(has)} rows)" if sum(has) > 1 else ""
                raise UserError(f"{path}:{line}: {column} is {show(code) if code else 'empty'}{rows}{problem}")


def _find_problem(code: str, column: str) -> str:
    if code in ("", "-", "NaN", "N/A", "n/a"):
        return "; add a language code"
    if simplify(code) in {"avg", "average", "mean", "macro_avg", "macro_average", "overall"}:
        return ", a mean over languages and no language; remove these rows"
    if code.casefold() in ("false", "true"):
        return ", which a program wrote in place of the code no (Norwegian) or of another word; write the language code"
    if is_number(code):
        return ", a number; add a language code"
    if code == "none" and column == "target":
        return "; only sources can be none; add the language of the test set"
    return ""
