"""Remove main effects of source and target from matrices; ranks and correlations over weighted cells.

All functions work on stacks: values and weights are ... x L x L and broadcast against each other. Rows are sources and
columns are targets. A cell with weight 0 is missing, for any value; a cell with weight 2 counts twice. The same code
therefore works for a matrix with missing cells, its permutations and its bootstrap samples.
"""

import numpy as np

from isogloss.analysis.statistics.conventions import NO_SQUARES, RIDGE, TIE

RAW, DOUBLE_CENTRED, WITHIN_TARGET = TRANSFORMS = ("raw", "double-centred", "within-target")
"""The names of the transforms of scores and features: `raw`, `double-centred` and `within-target`.

The function `transform` defines them.
"""

_BASIS = 1e-8
"""Singular values of 0/1 design matrices below this are rounding errors."""


def transform(values: np.ndarray, weights: np.ndarray, name: str) -> np.ndarray:
    """Remove main effects from matrices: return the residuals of weighted least squares, 0 in missing cells.

    `values` and `weights` are arrays of shape ... x L x L that broadcast against each other. Rows are sources and
    columns are targets. A weight is the number of times that a cell counts; 0 means missing.

    `name` is the transform. `raw` removes the mean only. `within-target` removes the mean of each column.
    `double-centred` removes the additive fit value ~ source + target over the cells that are present. Without the
    diagonal, this differs from subtracting row and column means, so the normal equations are solved. Raises ValueError
    for another name.
    """
    there = np.where(weights > 0, values, 0.0)
    if name == RAW:
        total = np.maximum(weights.sum(axis=(-2, -1), keepdims=True), 1)
        fitted = (weights * there).sum(axis=(-2, -1), keepdims=True) / total
    elif name == WITHIN_TARGET:
        total = np.maximum(weights.sum(axis=-2, keepdims=True), 1)
        fitted = (weights * there).sum(axis=-2, keepdims=True) / total
    elif name == DOUBLE_CENTRED:
        fitted = _fit_additive(there, weights)
    else:
        raise ValueError(f"unknown transform {name!r}: choose from {', '.join(TRANSFORMS)}")
    return np.where(weights > 0, there - fitted, 0.0)


def _fit_additive(there: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Fit row and column effects: eliminate the rows, then solve the normal equations of the columns."""
    in_row = np.maximum(weights.sum(axis=-1), 1)[..., None]
    normal = -np.swapaxes(weights, -2, -1) @ (weights / in_row)
    places = np.arange(weights.shape[-1])
    normal[..., places, places] += weights.sum(axis=-2) + RIDGE
    weighted = weights * there
    row_means = weighted.sum(axis=-1)[..., None] / in_row
    right = weighted.sum(axis=-2) - (weights * row_means).sum(axis=-2)
    columns = np.linalg.solve(normal, right[..., None])
    rows = row_means - weights @ columns / in_row
    return rows + np.swapaxes(columns, -2, -1)


def list_effects(there: np.ndarray) -> tuple[np.ndarray, dict[str, int]]:
    """Return an orthonormal basis (C x K) of the effects that transforms remove, and each transform's column count.

    `there` (L x L) marks the C cells that count, in row-major order. The first column of the basis is the mean. The
    next columns are the target effects, and the last ones the source effects. Each transform removes the first columns,
    up to its count.
    """
    rows, columns = np.nonzero(there)
    one_hot = np.eye(there.shape[-1])
    basis = np.full((len(rows), 1), 1 / np.sqrt(len(rows)))
    ends = {RAW: 1}
    for name, design in ((WITHIN_TARGET, one_hot[columns]), (DOUBLE_CENTRED, one_hot[rows])):
        left = design - basis @ (basis.T @ design)
        vectors, sizes, _ = np.linalg.svd(left, full_matrices=False)
        basis = np.hstack([basis, vectors[:, sizes > _BASIS]])
        ends[name] = basis.shape[1]
    return basis, ends


def rank(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the rank of each cell of one matrix among the cells that are present; ties get their mean rank.

    `values` is an L x L array. `weights` is an array of shape ... x L x L: the number of times that each cell counts, 0
    if it is missing. The result has the shape of `weights`, and is 0 in missing cells. Values within 1e-12 are tied.
    """
    flat = values.reshape(-1)
    order = np.argsort(flat, kind="stable")
    first = np.concatenate([[True], np.diff(flat[order]) > TIE])
    # Tied cells share the counts before the first of them and after the last of them.
    tie = np.cumsum(first) - 1
    start = np.flatnonzero(first)
    end = np.append(start[1:], len(flat))
    counts = weights.reshape(*weights.shape[:-2], -1)[..., order]
    counted = np.concatenate([np.zeros((*counts.shape[:-1], 1)), np.cumsum(counts, axis=-1)], axis=-1)
    ranks = np.empty(counts.shape)
    ranks[..., order] = ((counted[..., start] + counted[..., end] + 1) / 2)[..., tie]
    return np.where(weights > 0, ranks.reshape(weights.shape), 0.0)


def correlate(one: np.ndarray, other: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the correlation of two matrices, or stacks of matrices, over weighted cells.

    `one` and `other` are residuals as `transform` returns them, so that their weighted means are 0. All three arguments
    have the shape ... x L x L and broadcast against each other. The result has one value per matrix of the stack, NaN
    if one of the two matrices is constant.
    """
    weighted = weights * one
    sums = (weighted * one).sum(axis=(-2, -1)), (weights * other * other).sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (weighted * other).sum(axis=(-2, -1)) / np.sqrt(sums[0] * sums[1])
    return np.where((sums[0] > NO_SQUARES) & (sums[1] > NO_SQUARES), r, np.nan)


def standardise_cells(values: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Scale the cells that are present to mean 0 and standard deviation 1; return all 0 if they are constant.

    `values` is an L x L array and `there` an L x L boolean array of the cells that are present. Other cells become 0.
    Correlations do not change. After this, the thresholds for ties and rounding errors do not depend on the unit.
    """
    cells = values[there]
    spread = cells.std() if len(cells) else 0.0
    centred = np.where(there, values - (cells.mean() if len(cells) else 0.0), 0.0)
    return centred / spread if spread > TIE * max(1e-300, np.abs(cells).max(initial=0.0)) else np.zeros_like(values)
