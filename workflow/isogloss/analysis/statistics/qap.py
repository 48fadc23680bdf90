"""Tests for pairs of languages that share languages, and so are not independent of each other."""

from collections.abc import Callable, Iterator

import numpy as np

from isogloss.analysis.statistics.conventions import NO_SQUARES, TIE
from isogloss.analysis.statistics.transforms import TRANSFORMS, correlate, list_effects, transform

_BATCH = 500
"""Permutations at a time: bounds the memory to batch x languages^2 numbers."""

Measure = Callable[[np.ndarray], np.ndarray]
"""Orders of languages (B x L) in, the correlation under each transform (TRANSFORMS x B) out."""


def qap(
    scores: np.ndarray, features: np.ndarray, permutations: int = 10000, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Correlate a matrix of scores with features, and test each by the quadratic assignment procedure (QAP).

    scores: L x L, features: F x L x L, both complete off the diagonal, which is ignored; rows are sources and
    columns targets of the same languages in the same order. Returns Pearson's r and the p-value of each
    feature (F each): p = (1 + #{|r_perm| >= |r| - 1e-12}) / (1 + permutations), where r_perm is the
    correlation after permuting the scores' rows and columns together.

    Source: Krackhardt 1988, "Predicting with networks", Social Networks 10. A permutation keeps mean and
    variance of the cells, so each r_perm is one dot product of standardised matrices. Ranks and residuals of
    complete matrices move with the languages too: given those, this tests Spearman's r and centred scores.
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
    """Test the correlation of scores with a feature by QAP where cells are missing: r and p for each transform.

    scores, feature: L x L, NaN where missing; the diagonal is ignored. At each permutation, those cells count that
    both matrices then have, and source and target effects are fitted anew to them, in the scores and in the feature.
    A permutation that leaves nothing to correlate counts as r_perm = 0. NaN where the cells as they are leave nothing.
    """
    off = ~np.eye(len(scores), dtype=bool)
    # The one with fewer gaps is moved: if it has none, the same cells count at every permutation.
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
    """Prepare to correlate a matrix with gaps with reorderings of one without: the same cells count each time.

    What is left of a reordered matrix is its sum of squares less that of its projection on the effects.
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
    """The same where both matrices have gaps, so that each order has cells and effects of its own."""
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
    """Yield random orders of the languages, at most 500 at a time: batch x L. The seed decides them all."""
    generator = np.random.default_rng(seed)
    for start in range(0, permutations, _BATCH):
        count = min(_BATCH, permutations - start)
        yield generator.permuted(np.tile(np.arange(languages), (count, 1)), axis=1)


def _standardise(matrix: np.ndarray) -> np.ndarray:
    """Centre the cells off the diagonal and scale them to a sum of squares of 1; the diagonal is 0."""
    off = ~np.eye(len(matrix), dtype=bool)
    centred = np.where(off, matrix - matrix[off].mean(), 0.0)
    return centred / np.sqrt((centred**2).sum())
