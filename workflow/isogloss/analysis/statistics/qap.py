"""Permutation tests for language pairs, which are not independent because they share languages."""

from collections.abc import Callable, Iterator

import numpy as np

from isogloss.analysis.statistics.conventions import NO_SQUARES, TIE
from isogloss.analysis.statistics.transforms import TRANSFORMS, correlate, list_effects, transform

_BATCH = 500
"""Permutations per batch. It limits the memory to batch x languages^2 numbers."""

Measure = Callable[[np.ndarray], np.ndarray]
"""A function from orders of languages (B x L) to the correlation under each transform (TRANSFORMS x B)."""


def qap(
    scores: np.ndarray, features: np.ndarray, permutations: int = 10000, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Correlate a score matrix with features, and test each r by the quadratic assignment procedure (QAP).

    `scores` is an L x L array and `features` an F x L x L array. Rows are sources and columns are targets, for the same
    L languages in the same order. Both must be complete off the diagonal; the diagonal is ignored. `permutations` is
    the number of random permutations of the languages, drawn with `seed`.

    Returns two arrays of length F: Pearson's r of scores and feature, and its two-sided p-value, which is
    `(1 + #{|r_perm| >= |r| - 1e-12}) / (1 + permutations)`. `r_perm` is the correlation after the rows and columns of
    the scores are permuted together.

    A permutation does not change mean and variance of the cells, so each `r_perm` is one dot product of standardised
    matrices. Ranks and residuals of complete matrices are permuted with the languages too. With ranks as input, the
    function therefore tests Spearman's r; with residuals of `transform`, it tests transformed scores and features.

    Source: Krackhardt 1988, "Predicting with networks", Social Networks 10.
    """
    score = _standardise(scores)
    feature = np.stack([_standardise(one) for one in features]).reshape(len(features), -1).T
    observed = score.reshape(-1) @ feature
    exceeding = np.zeros(len(features), dtype=int)
    for order in draw_orders(len(scores), permutations, seed):
        permuted = score[order[:, :, None], order[:, None, :]].reshape(len(order), -1) @ feature
        exceeding += (np.abs(permuted) >= np.abs(observed) - TIE).sum(axis=0)
    return observed, (1 + exceeding) / (1 + permutations)


def qap_incomplete(
    scores: np.ndarray, feature: np.ndarray, permutations: int = 10000, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """Correlate a score matrix with one feature, and test r by QAP when cells are missing.

    `scores` and `feature` are L x L arrays with NaN in missing cells. Rows are sources and columns are targets, for the
    same L languages in the same order; the diagonal is ignored. `permutations` is the number of random permutations of
    the languages, drawn with `seed`.

    Returns a dict from the name of each transform (TRANSFORMS) to (r, p), with the p of `qap`. Each permutation uses
    the cells that both matrices then have. Means, or source and target effects, are fitted again to these cells, in the
    scores and in the feature. A permutation that leaves nothing to correlate counts as `r_perm = 0`. r and p are NaN if
    the observed cells leave nothing to correlate.
    """
    off = ~np.eye(len(scores), dtype=bool)
    # Permute the matrix with fewer missing cells. If it is complete, every permutation uses the same cells.
    kept, moved = sorted((scores, feature), key=lambda matrix: int(np.isfinite(matrix[off]).sum()))
    measure = (_keep_cells if np.isfinite(moved[off]).all() else _change_cells)(kept, moved)
    observed = measure(np.arange(len(scores))[None])[:, 0]
    exceeding = np.zeros(len(TRANSFORMS), dtype=int)
    for order in draw_orders(len(scores), permutations, seed):
        permuted = np.nan_to_num(np.abs(measure(order)))
        exceeding += (permuted >= np.abs(observed)[:, None] - TIE).sum(axis=1)
    p = np.where(np.isfinite(observed), (1 + exceeding) / (1 + permutations), np.nan)
    return {name: (float(observed[place]), float(p[place])) for place, name in enumerate(TRANSFORMS)}


def _keep_cells(kept: np.ndarray, moved: np.ndarray) -> Measure:
    """Return a measure for an incomplete matrix and orders of a complete one; all orders use the same cells.

    The residual sum of squares of a reordered matrix is its sum of squares minus that of its projection on the effects.
    """
    languages = len(kept)
    there = np.isfinite(kept) & ~np.eye(languages, dtype=bool)
    rows, columns = np.nonzero(there)
    effects, ends = list_effects(there)
    shares = effects.T @ kept[there]
    left = np.column_stack([kept[there] - effects[:, : ends[name]] @ shares[: ends[name]] for name in TRANSFORMS])
    norms = (left**2).sum(axis=0)

    def measure(orders: np.ndarray) -> np.ndarray:
        cells = np.take(orders * languages, rows, axis=1) + np.take(orders, columns, axis=1)
        values = np.take(moved, cells)
        total = (values**2).sum(axis=1)
        taken = np.cumsum((values @ effects) ** 2, axis=1)
        products = values @ left
        result = np.full((len(TRANSFORMS), len(orders)), np.nan)
        for place, name in enumerate(TRANSFORMS):
            rest = total - taken[:, ends[name] - 1]
            good = (rest > NO_SQUARES * total) & (norms[place] > NO_SQUARES)
            result[place, good] = products[good, place] / np.sqrt(norms[place] * rest[good])
        return result

    return measure


def _change_cells(kept: np.ndarray, moved: np.ndarray) -> Measure:
    """Return a measure for two incomplete matrices; each order has its own cells and effects."""
    off = ~np.eye(len(kept), dtype=bool)
    there = [off & np.isfinite(matrix) for matrix in (kept, moved)]
    filled = [np.where(known, one, 0.0) for known, one in zip(there, (kept, moved), strict=True)]

    def measure(orders: np.ndarray) -> np.ndarray:
        cells = orders[:, :, None], orders[:, None, :]
        weights = (there[0] & there[1][cells]).astype(float)
        both = filled[0][None], filled[1][cells]
        return np.stack([correlate(*(transform(one, weights, name) for one in both), weights) for name in TRANSFORMS])

    return measure


def draw_orders(languages: int, permutations: int, seed: int) -> Iterator[np.ndarray]:
    """Yield random orders of the languages in batches of at most 500 (batch x L), determined by the seed."""
    generator = np.random.default_rng(seed)
    for start in range(0, permutations, _BATCH):
        count = min(_BATCH, permutations - start)
        yield generator.permuted(np.tile(np.arange(languages), (count, 1)), axis=1)


def _standardise(matrix: np.ndarray) -> np.ndarray:
    """Centre the cells off the diagonal and scale them to a sum of squares of 1; set the diagonal to 0."""
    off = ~np.eye(len(matrix), dtype=bool)
    centred = np.where(off, matrix - matrix[off].mean(), 0.0)
    return centred / np.sqrt((centred**2).sum())
