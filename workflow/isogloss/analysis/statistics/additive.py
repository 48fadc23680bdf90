"""The additive baseline, score = source effect + target effect: statements about pairs must go beyond it."""

from collections.abc import Sequence

import numpy as np

from isogloss.analysis.statistics.conventions import NO_SHARE


def code_labels(labels: Sequence[str]) -> np.ndarray:
    """Return the dummy columns of labels, a len(labels) x levels array of 0 and 1, levels in sorted order."""
    values = np.asarray(labels, dtype=str)
    return (values[:, None] == np.unique(values)[None, :]).astype(float)


def code_languages(sources: Sequence[str], targets: Sequence[str]) -> np.ndarray:
    """Return the design matrix of the additive baseline, pairs x (sources + targets); it spans the constant too."""
    return np.hstack([code_labels(sources), code_labels(targets)])


def take_out(design: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the residuals of a least-squares fit of values (n, or n x k) on a design matrix of any rank (n x q)."""
    return values - design @ np.linalg.lstsq(design, values, rcond=None)[0]


def explain(design: np.ndarray, values: np.ndarray) -> float:
    """Return the R2 of a least-squares fit of values (n) on a design matrix (n x q) that spans the constant."""
    return float(1 - (take_out(design, values) ** 2).sum() / ((values - values.mean()) ** 2).sum())


def find_redundant(base: np.ndarray, columns: np.ndarray) -> list[bool]:
    """Return, for each column (n x k), whether it is a linear combination of the base (n x q) and earlier columns.

    `base` must span the constant. A constant column is therefore redundant.
    """
    kept, redundant = base, []
    for column in columns.T:
        spread = column.std()
        redundant.append(bool(spread <= NO_SHARE * max(np.abs(column).max(), NO_SHARE)))
        if redundant[-1]:
            continue
        standard = (column - column.mean()) / spread
        redundant[-1] = bool((take_out(kept, standard) ** 2).mean() <= NO_SHARE)
        if not redundant[-1]:
            kept = np.column_stack([kept, standard])
    return redundant
