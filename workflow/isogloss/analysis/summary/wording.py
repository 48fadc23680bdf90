"""Parts of the sentences of summary.md: numbers with table and column, p-values, intervals, lists, settings."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from isogloss.analysis.data.scores import SETTING, UNNAMED
from isogloss.common.run import ADDED_KEY, TEST_CORPUS

Tables = Mapping[str, pd.DataFrame]
"""The tables of an analysis; the keys are their names without `.csv`."""

Row = Mapping[str, object]


def cite(row: Row, table: str, column: str, digits: int = 3) -> str:
    """Return a number with its table and column: `0.417 [correlations.pearson_r]`."""
    value = row[column]
    shown = "not computed" if pd.isna(value) else f"{value:.{digits}f}"
    return f"{shown} [{table}.{column}]"


def cite_share(row: Row, table: str, column: str) -> str:
    """Return a share as a percentage: `83.0% [variance.share_both]`."""
    return f"{row[column]:.1%} [{table}.{column}]"


def cite_p(row: Row, table: str, column: str) -> str:
    """Return a p-value with its relation sign: `= 0.0037 [correlations.p_qap]`."""
    return f"{show_p(row[column])} [{table}.{column}]"


def show_p(p: float) -> str:
    """Return `= 0.0037`, or `< 0.0001`."""
    return "< 0.0001" if p < 0.0001 else f"= {p:.4f}"


def cite_interval(row: Row, table: str, low: str = "low", high: str = "high", digits: int = 3) -> str:
    """Return a 95% interval: `95% interval 0.073 to 0.496 [correlations.low, correlations.high]`."""
    if pd.isna(row[low]) or pd.isna(row[high]):
        return f"no interval [{table}.note]"
    ends = f"{row[low]:.{digits}f} to {row[high]:.{digits}f}"
    return f"95% interval {ends} [{table}.{low}, {table}.{high}]"


def list_names(names: Iterable[str]) -> str:
    """Return `a, b and c`; `none` if there are no names."""
    *first, last = list(names) or ["none"]
    return f"{', '.join(first)} and {last}" if first else last


def name_score(metric: str) -> str:
    """Return a metric's name in a sentence."""
    return {"f1": "F1"}.get(metric, metric)


def name_way(row: Row) -> str:
    """Return the name of a setting without its task and model: `20 shots, sequential, n = 600`."""
    how = "zero-shot" if row["shots"] == 0 else f"{row['shots']} shots, {row['adaptation']}"
    return f"{how}, n = {row['n']}" if row["n"] else how


def name_group(row: Row) -> str:
    """Return a heading with the task, model and test corpus of a row, and with any added axes."""
    task, model, test_corpus = row["task"], row["model"], row[TEST_CORPUS]
    on = "" if test_corpus in (task, UNNAMED) else f", tested on {test_corpus}"
    on += "".join(f", {name} {row[name]}" for name in ADDED_KEY)
    return "The scores" if (task, model) == (UNNAMED, UNNAMED) else f"{task}, {model}{on}"


def select(table: pd.DataFrame, row: Row, columns: Sequence[str] = SETTING) -> pd.DataFrame:
    """Return the rows of a table that equal `row` in `columns`, by default the columns of a setting."""
    chosen = np.ones(len(table), dtype=bool)
    for column in columns:
        chosen &= (table[column] == row[column]).to_numpy()
    return table[chosen]


def list_ways(table: pd.DataFrame) -> list[dict]:
    """Return each setting of a table as a row of SETTING, sorted by number of shots, so that zero-shot is first."""
    rows = table[list(SETTING)].drop_duplicates().sort_values(["shots", "n", "adaptation"])
    return rows.to_dict("records")
