"""Tests for pairs of languages that share languages, and so are not independent of each other."""

import numpy as np

_BATCH = 500
"""Permutations at a time: bounds the memory to batch x languages^2 numbers."""

_TIE = 1e-12
"""Correlations this close are the same: the order of summation must not decide."""


def permute_correlations(
    scores: np.ndarray, features: np.ndarray, permutations: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Correlate a matrix of scores with features, and test each by the quadratic assignment procedure (QAP).

    scores: L x L, features: F x L x L, both complete off the diagonal, which is ignored; rows are sources and
    columns targets of the same languages in the same order. Returns Pearson's r and the p-value of each
    feature (F each): p = (1 + #{|r_perm| >= |r| - 1e-12}) / (1 + permutations), where r_perm is the
    correlation after permuting the scores' rows and columns together.

    Source: Krackhardt 1988, "Predicting with networks", Social Networks 10. A permutation keeps mean and
    variance of the cells, so each r_perm is one dot product of standardised matrices.
    """
    languages = len(scores)
    score = _standardise(scores)
    feature = np.stack([_standardise(one) for one in features]).reshape(len(features), -1).T
    observed = score.reshape(-1) @ feature
    generator = np.random.default_rng(seed)
    exceeding = np.zeros(len(features), dtype=int)
    for start in range(0, permutations, _BATCH):
        count = min(_BATCH, permutations - start)
        order = generator.permuted(np.tile(np.arange(languages), (count, 1)), axis=1)
        permuted = score[order[:, :, None], order[:, None, :]].reshape(count, -1) @ feature
        exceeding += (np.abs(permuted) >= np.abs(observed) - _TIE).sum(axis=0)
    return observed, (1 + exceeding) / (1 + permutations)


def _standardise(matrix: np.ndarray) -> np.ndarray:
    """Centre the cells off the diagonal and scale them to a sum of squares of 1; the diagonal is 0."""
    off = ~np.eye(len(matrix), dtype=bool)
    centred = np.where(off, matrix - matrix[off].mean(), 0.0)
    return centred / np.sqrt((centred**2).sum())
