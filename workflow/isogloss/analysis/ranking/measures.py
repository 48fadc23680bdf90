"""Measures of a ranking of a target's sources. A tie counts as the mean over its orders, so row order has no effect."""

from dataclasses import dataclass
from math import comb

import numpy as np

from isogloss.analysis.statistics.conventions import TIE

TOP = 3
"""The number of sources at the top of a ranking that NDCG@3 and top 3 consider."""

_RELEVANCE = 10
"""The relevance of the best source; each following rank has 1 less, down to 0 (LangRank)."""


@dataclass(frozen=True)
class Measures:
    """Measures of one target: NDCG@3 (0..1), regret@1 (a difference of scores), and probabilities of a hit (0..1)."""

    ndcg_at_3: float
    regret_at_1: float
    top_1: float
    top_3: float


def measure_ranking(scores: np.ndarray, predictions: np.ndarray) -> Measures:
    """Measure how well predictions rank the sources of one target.

    `scores` is an array with the score of each source on the target. `predictions` is an array with one number per
    source; the highest is ranked first. Sources without a prediction (NaN) are ranked last and tied. Returns an object
    with four measures. If predictions are tied, each measure is its mean over all orders of the tied sources.

    - `ndcg_at_3`: NDCG@3, the sum of gain / log2(1 + place) over the first 3 places, divided by this sum for the best
      order. The gain is 2^rel - 1 with rel = max(10 - rank + 1, 0), from the rank of the true score (Lin et al. 2019,
      section 4.3). Sources with equal scores share the mean gain of their ranks, so all their orders are equally good.
    - `regret_at_1`: the best score minus the score of the source that is ranked first.
    - `top_1`: whether the source that is ranked first has the best score (0..1).
    - `top_3`: whether one of the first 3 sources has the best score (0..1).

    Source of the means over tied orders: McSherry & Najork 2008, section 3.
    """
    gains = find_gains(scores)
    best = scores >= scores.max() - TIE
    groups = group_ties(np.where(np.isnan(predictions), -np.inf, predictions))
    first = groups[0]
    return Measures(
        ndcg_at_3=_discount(gains, groups) / _discount(gains, group_ties(gains)),
        regret_at_1=float(scores.max() - scores[first].mean()),
        top_1=float(best[first].mean()),
        top_3=_find_chance(best, groups),
    )


def find_gains(scores: np.ndarray) -> np.ndarray:
    """Return the gain 2^rel - 1 of each source; tied sources share the mean gain of their ranks."""
    gains = np.empty(len(scores))
    rank = 1
    for group in group_ties(scores):
        ranks = np.arange(rank, rank + len(group))
        gains[group] = (2.0 ** np.maximum(_RELEVANCE - ranks + 1, 0) - 1).mean()
        rank += len(group)
    return gains


def group_ties(values: np.ndarray) -> list[np.ndarray]:
    """Return the indices of the values in groups of ties, the highest values first."""
    order = np.argsort(-values, kind="stable")
    ordered = values[order]
    # Differences do not work here: sources without a prediction are all at minus infinity.
    new = ordered[1:] < ordered[:-1] - TIE
    return np.split(order, np.flatnonzero(new) + 1)


def _discount(gains: np.ndarray, groups: list[np.ndarray]) -> float:
    """Return the discounted gain of the first places; each place within a group of ties has the group's mean gain."""
    expected = np.concatenate([np.full(len(group), gains[group].mean()) for group in groups])[:TOP]
    return float((expected / np.log2(2 + np.arange(len(expected)))).sum())


def _find_chance(best: np.ndarray, groups: list[np.ndarray]) -> float:
    """Return the probability that a best source is among the first places."""
    left = TOP
    for group in groups:
        found = int(best[group].sum())
        if len(group) > left:
            return 1 - comb(len(group) - found, left) / comb(len(group), left)
        if found:
            return 1.0
        left -= len(group)
    return 0.0
