"""Scores as people write them: decimal commas, percent signs and missing values."""

import re
from pathlib import Path

import pandas as pd

from isogloss.analysis.data.text_files import COMMA, show
from isogloss.common.errors import UserError

UNIT, PERCENT, NO_SCALE = "unit", "percent", "none"
SCALES = (UNIT, PERCENT, NO_SCALE)
"""Scores from 0 to 1, percentages from 0 to 100, and scores that are taken as they are."""

_MISSING = {"", "-", "--", "–", "—", "na", "n/a", "#n/a", "nan", "null", "none"}
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?\s*%?", re.IGNORECASE)
_LARGEST = 1e9
"""Scores beyond this are refused: sums of their squares would lose all digits of smaller ones."""


def is_missing(cell: str) -> bool:
    """Return whether a cell says that there is no score: empty, a dash, NA or nan."""
    return cell.casefold() in _MISSING


def is_number(cell: str) -> bool:
    """Return whether a cell is a number, with a decimal point or comma and perhaps a percent sign."""
    return _NUMBER.fullmatch(_clean(cell)) is not None


def _clean(cell: str) -> str:
    return re.sub(r"\s+%$", "%", cell.replace("−", "-").strip())


def read_score_cells(cells: pd.Series, path: Path, scale: str, separator: str) -> pd.Series:
    """Return scores as numbers; missing ones are NaN.

    `cells` has the text of the scores, and an index as find_line requires it. `scale` is one of SCALES. Percentages,
    with a percent sign or by the scale, are divided by 100. Raises UserError with the file, the line and the number
    of such cells for a cell that is not a number, for a score outside the scale, and for mixed notations.
    """
    missing = cells.map(is_missing).astype(bool)
    given = cells[~missing].map(_clean)
    signs = given.str.endswith("%").astype(bool)
    _refuse_mixture(given, signs, path, "percent signs", "write all scores with % or none")
    commas = given.str.contains(",", regex=False).astype(bool)
    if commas.any() and separator == COMMA:
        cell = given[commas].iloc[0]
        _refuse(given, commas, path, f"score is {show(cell)}, with a comma", "write a decimal point")
    points = given.str.contains(".", regex=False).astype(bool)
    if commas.any() and points.any():
        _refuse_mixture(given[commas | points], commas[commas | points], path, "decimal commas", "write one of the two")
    text = given.str.removesuffix("%").str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(text, errors="coerce").astype(float)
    wrong = ~given.map(is_number).astype(bool) | numbers.isna()
    wanted = {UNIT: "a number in 0..1", PERCENT: "a percentage in 0..100", NO_SCALE: "a finite number"}[scale]
    wanted = "a percentage in 0..100" if signs.any() else wanted
    if wrong.any():
        shown = show(cells[~missing][wrong].iloc[0])
        _refuse(given, wrong, path, f"score is {shown}, not {wanted}", "correct it, or leave it empty if it is missing")
    as_percent = bool(signs.any()) or scale == PERCENT
    if scale == PERCENT and not signs.any() and len(numbers) and numbers.max() <= 1:
        raise UserError(f"{path}: no score is above 1, so the scores are not percentages; remove --scale percent")
    if scale == UNIT and not as_percent and numbers.gt(1).any() and numbers.between(0, 100).all():
        above = numbers.gt(1)
        what = f"score is {numbers[above].iloc[0]:g}, probably a percentage"
        _refuse(given, above, path, what, "add --scale percent, or --scale none to take the scores as they are")
    low, high = (0.0, 100.0) if as_percent else (0.0, 1.0) if scale == UNIT else (-_LARGEST, _LARGEST)
    beyond = ~numbers.between(low, high)
    if beyond.any():
        wanted = f"a number in {-_LARGEST:g}..{_LARGEST:g}" if scale == NO_SCALE and not as_percent else wanted
        advice = (
            "correct it"
            if scale == NO_SCALE or as_percent
            else "correct it, or add --scale none to take the scores as they are"
        )
        _refuse(given, beyond, path, f"score is {show(cells[~missing][beyond].iloc[0])}, not {wanted}", advice)
    # Assignment by position, because all cells of a row of a matrix have the same index.
    scores = pd.Series(float("nan"), index=cells.index)
    scores.iloc[(~missing).to_numpy().nonzero()[0]] = (numbers / 100 if as_percent else numbers).to_numpy()
    return scores


def _refuse_mixture(given: pd.Series, marked: pd.Series, path: Path, what: str, advice: str) -> None:
    """Raise UserError if only some scores have a mark; the message names the first of the rarer kind."""
    if not marked.any() or marked.all():
        return
    rarer = marked if marked.sum() * 2 <= len(marked) else ~marked
    has = "has" if bool(marked[rarer.to_numpy()].iloc[0]) else "is without"
    cell = given[rarer.to_numpy()].iloc[0]
    line = int(given.index[rarer.to_numpy()][0]) + 2
    raise UserError(
        f"{path}:{line}: score is {show(cell)}: {marked.sum()} of {len(marked)} scores have {what}, and this one {has} "
        f"one; {advice}"
    )


def _refuse(given: pd.Series, wrong: pd.Series, path: Path, what: str, advice: str) -> None:
    wrong = wrong.to_numpy()
    line = int(given.index[wrong][0]) + 2
    count = f" ({wrong.sum()} such scores of {len(given)})" if wrong.sum() > 1 else ""
    raise UserError(f"{path}:{line}: {what}{count}; {advice}")
