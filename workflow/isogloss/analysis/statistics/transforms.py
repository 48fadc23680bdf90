"""Main effects of source and target taken out of matrices, ranks, and correlations over weighted cells.

Everything here works on stacks: values and weights are ... x L x L and broadcast against each other; rows are
sources and columns targets. A cell of weight 0 is not there, whatever its value; a weight of 2 is a cell given
twice. So one code serves a matrix with missing cells, its permutations and its bootstrap samples.
"""

import numpy as np

from isogloss.analysis.statistics.conventions import NO_SQUARES, RIDGE, TIE

RAW, DOUBLE_CENTRED, WITHIN_TARGET = TRANSFORMS = ("raw", "double-centred", "within-target")

_BASIS = 1e-8
"""Singular values of 0/1 designs below this are 0."""


def transform(values: np.ndarray, weights: np.ndarray, name: str) -> np.ndarray:
    """Take main effects out of matrices: residuals of weighted least squares, 0 where a cell is not there.

    name: `raw` takes out the mean only; `within-target` the mean of each column; `double-centred` the additive
    fit value ~ source + target over the cells that are there (without the diagonal, that is not the same as
    taking out row and column means, so it is solved for). Raises ValueError for another name.
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
        raise ValueError(f"no transform {name!r}: there are {', '.join(TRANSFORMS)}")
    return np.where(weights > 0, there - fitted, 0.0)


def _fit_additive(there: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Fit row and column effects: rows are eliminated, the normal equations of the columns are solved."""
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
    """Return an orthonormal basis (C x K) of the effects that transforms take out, and how many columns each takes.

    there: L x L, the cells that count, C of them, in row-major order. The first column is the mean, the next ones
    are what targets add, the last ones what sources add, so each transform takes out the columns before some point.
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
    """Return the mid-rank of each cell of one matrix among those that are there, for each stack of weights.

    values: L x L; weights: ... x L x L, how often each cell counts. 0 where a cell is not there.
    """
    flat = values.reshape(-1)
    order = np.argsort(flat, kind="stable")
    first = np.concatenate([[True], np.diff(flat[order]) > TIE])
    # Tied cells share what is counted before the first of them and what is counted after the last.
    tie = np.cumsum(first) - 1
    start = np.flatnonzero(first)
    end = np.append(start[1:], len(flat))
    counts = weights.reshape(*weights.shape[:-2], -1)[..., order]
    counted = np.concatenate([np.zeros((*counts.shape[:-1], 1)), np.cumsum(counts, axis=-1)], axis=-1)
    ranks = np.empty(counts.shape)
    ranks[..., order] = ((counted[..., start] + counted[..., end] + 1) / 2)[..., tie]
    return np.where(weights > 0, ranks.reshape(weights.shape), 0.0)


def correlate(one: np.ndarray, other: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the correlation of residuals as `transform` returns them (means are 0); NaN where one is constant."""
    weighted = weights * one
    sums = (weighted * one).sum(axis=(-2, -1)), (weights * other * other).sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (weighted * other).sum(axis=(-2, -1)) / np.sqrt(sums[0] * sums[1])
    return np.where((sums[0] > NO_SQUARES) & (sums[1] > NO_SQUARES), r, np.nan)


def standardise_cells(values: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Bring the cells that are there to mean 0 and standard deviation 1; all 0 if they are constant.

    No correlation changes, and what counts as a tie or as nothing left no longer depends on the unit.
    """
    cells = values[there]
    spread = cells.std() if len(cells) else 0.0
    centred = np.where(there, values - (cells.mean() if len(cells) else 0.0), 0.0)
    return centred / spread if spread > TIE * max(1e-300, np.abs(cells).max(initial=0.0)) else np.zeros_like(values)
