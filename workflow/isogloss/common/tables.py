"""Read csv tables; error messages contain the file, the line and the column."""

import os
from pathlib import Path

import numpy as np
import pandas as pd

from isogloss.common.errors import UserError


def read_text(path: str | os.PathLike, kind: str) -> pd.DataFrame:
    """Return a csv table as text. Cells are stripped, an empty cell is "", and lines without any value are skipped.

    kind: what the rows are, for the error message. The index of the result is the one that find_line expects. Raises
    UserError if the file does not exist or is not a csv table.
    """
    path = Path(path)
    try:
        text = pd.read_csv(path, dtype=str, keep_default_na=False, skip_blank_lines=False, encoding="utf-8-sig")
    except (OSError, ValueError) as problem:
        reason = str(problem).strip().splitlines()[0]
        raise UserError(f"{path}: cannot be read as a csv table of {kind} ({reason}); correct the file") from None
    text = text.rename(columns=lambda name: str(name).strip()).fillna("")
    text = text.apply(lambda cells: cells.str.strip())
    return text[(text != "").any(axis=1)] if len(text.columns) else text


def read_numbers(cells: pd.Series, path: str | os.PathLike, wanted: str, right: str) -> pd.Series:
    """Return text cells as numbers. Raises UserError for the first cell that is not a valid number.

    wanted: what a cell must be and what to do, for the error message. right: `count` (whole, 0 or
    more) or `number` (finite; an empty cell becomes NaN).
    """
    numbers = pd.to_numeric(cells, errors="coerce").astype(float)
    finite = np.isfinite(numbers)
    good = {
        "count": finite & (numbers >= 0) & (numbers % 1 == 0),
        "number": finite | (cells == ""),
    }[right]
    if not good.all():
        raise UserError(f"{path}:{find_line(~good)}: {cells.name} is {cells[~good].iloc[0]!r}, not {wanted}")
    return numbers


def find_line(wrong: pd.Series) -> int:
    """Return the line in the file of the first row that is marked as wrong. The header is line 1."""
    return int(wrong.index[wrong.to_numpy()][0]) + 2
