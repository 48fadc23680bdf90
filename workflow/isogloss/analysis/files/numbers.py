"""Scores as people write them: decimal commas, percent signs and missing values."""

import re
from pathlib import Path

import pandas as pd

from isogloss.analysis.data.scores import NO_SCALE, PERCENT, UNIT
from isogloss.analysis.files.text import COMMA, show
from isogloss.common.errors import UserError
from isogloss.common.tables import find_line

_MISSING = {"", "-", "--", "–", "—", "na", "n/a", "#n/a", "nan", "null", "none"}
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?\s*%?", re.IGNORECASE)
_LARGEST = 1e9
"""Scores beyond this are refused: sums of their squares would lose all digits of smaller ones."""

_RANGES = {
    UNIT: (0.0, 1.0, "a number in 0..1"),
    PERCENT: (0.0, 100.0, "a percentage in 0..100"),
    NO_SCALE: (-_LARGEST, _LARGEST, f"a number in {-_LARGEST:g}..{_LARGEST:g}"),
}
"""The lowest and the highest score of each scale, and what a score must be, for messages."""


def is_missing(cell: str) -> bool:
    """Return whether a cell says that there is no score: empty, a dash, NA or nan."""
    return cell.casefold() in _MISSING


def is_number(cell: str) -> bool:
    """Return whether a cell is a number, with a decimal point or comma and perhaps a percent sign."""
    return _NUMBER.fullmatch(_clean(cell)) is not None


def has_numbers(cells: list[str]) -> bool:
    """Return whether cells have at least one number, and otherwise missing values only."""
    given = [cell for cell in cells if not is_missing(cell)]
    return bool(given) and all(map(is_number, given))


def read_numbers(cells: pd.Series, path: Path, scale: str, separator: str) -> pd.Series:
    """Return scores as numbers; missing ones are NaN.

    `cells` has the text of the scores, and an index as find_line requires it. `scale` is one of SCALES. `separator` is
    that of the file. Percentages, with a percent sign or by the scale, are divided by 100. Raises UserError with the
    file, the line and the number of such cells for a cell that is not a number, for a score outside the scale, and for
    mixed notations.
    """
    missing = cells.map(is_missing).astype(bool)
    given = cells[~missing].map(_clean)
    signs = given.str.endswith("%").astype(bool)
    _refuse_mixture(given, signs, path, "percent signs", "write all scores with % or none")
    if signs.any():
        scale = PERCENT
    wrong = ~given.map(is_number).astype(bool)
    _refuse(given, wrong, path, f"not {_RANGES[scale][2]}", "correct it, or leave it empty if it is missing")
    _check_commas(given, path, separator)
    numbers = given.str.removesuffix("%").str.replace(",", ".", regex=False).astype(float)
    _refuse_range(given, numbers, path, scale, bool(signs.any()))
    # Assignment by position, because all cells of a row of a matrix have the same index.
    scores = pd.Series(float("nan"), index=cells.index)
    scores.iloc[(~missing).to_numpy().nonzero()[0]] = (numbers / 100 if scale == PERCENT else numbers).to_numpy()
    return scores


def _clean(cell: str) -> str:
    return re.sub(r"\s+%$", "%", cell.replace("−", "-").strip())


def _check_commas(given: pd.Series, path: Path, separator: str) -> None:
    commas = given.str.contains(",", regex=False).astype(bool)
    points = given.str.contains(".", regex=False).astype(bool)
    if separator == COMMA:
        _refuse(given, commas, path, "with a comma", "write a decimal point")
    if points.any():
        _refuse_mixture(given[commas | points], commas[commas | points], path, "decimal commas", "write one of the two")


def _refuse_range(given: pd.Series, numbers: pd.Series, path: Path, scale: str, signs: bool) -> None:
    """Raise UserError for a score outside the range of the scale, and for the scale `percent` of scores up to 1."""
    low, high, wanted = _RANGES[scale]
    beyond = ~numbers.between(low, high)
    if scale == PERCENT and not signs and len(numbers) and numbers.max() <= 1:
        raise UserError(f"{path}: no score is above 1, so the scores are not percentages; remove --scale percent")
    if scale == UNIT and 2 * numbers.gt(1).sum() >= len(numbers) and numbers.between(0, 100).all():
        advice = "add --scale percent, or --scale none to take the scores as they are"
        _refuse(given, beyond, path, "probably a percentage", advice)
    others = "" if scale == NO_SCALE or signs else ", or add --scale none to take the scores as they are"
    _refuse(given, beyond, path, f"not {wanted}", f"correct it{others}")


def _refuse_mixture(given: pd.Series, marked: pd.Series, path: Path, what: str, advice: str) -> None:
    """Raise UserError if only some scores have a mark; the message names the first of the rarer kind."""
    if not marked.any() or marked.all():
        return
    rarer = marked if marked.sum() * 2 <= len(marked) else ~marked
    has = "has" if rarer is marked else "is without"
    line, cell = _find_first(given, rarer)
    raise UserError(
        f"{path}:{line}: score is {show(cell)}: {marked.sum()} of {len(marked)} scores have {what}, and this one {has} "
        f"one; {advice}"
    )


def _refuse(given: pd.Series, wrong: pd.Series, path: Path, what: str, advice: str) -> None:
    if wrong.any():
        line, cell = _find_first(given, wrong)
        count = f" ({wrong.sum()} such scores of {len(given)})" if wrong.sum() > 1 else ""
        raise UserError(f"{path}:{line}: score is {show(cell)}, {what}{count}; {advice}")


def _find_first(given: pd.Series, marked: pd.Series) -> tuple[int, str]:
    """Return the line and the text of the first marked cell."""
    return find_line(marked), given[marked.to_numpy()].iloc[0]
