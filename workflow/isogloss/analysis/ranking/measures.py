"""How good a ranking of a target's sources is. Ties are taken by expectation, so that no order of rows decides."""

from dataclasses import dataclass
from math import comb

import numpy as np

from isogloss.analysis.statistics.conventions import TIE

TOP = 3
"""Sources at the head of a ranking that NDCG and the wider hit look at."""

_RELEVANCE = 10
"""Of the best source; each place below has 1 less, down to 0 (LangRank)."""


@dataclass(frozen=True)
class Measures:
    """Of one target: NDCG@3 (0..1), regret@1 (a difference of scores), and chances of a hit (0..1)."""

    ndcg_at_3: float
    regret_at_1: float
    top_1: float
    top_3: float


def measure_ranking(scores: np.ndarray, predictions: np.ndarray) -> Measures:
    """Judge the order that predictions give a target's sources.

    scores: of each source on the target. predictions: a number a source, the highest ranked first; sources
    without one (NaN) stand behind all others, tied. Each measure is its mean over all orders of tied sources:

    - NDCG@3: sum of gain / log2(1 + place) over the first 3 places, divided by the same of the best order.
      Gain 2^rel - 1, rel = max(10 - rank + 1, 0) by rank of the true score (Lin et al. 2019, section 4.3).
      Sources of equal score share the mean gain of the ranks they take, so that no order of theirs is wrong.
    - regret@1: the best score less that of the source ranked first.
    - top 1: whether the source ranked first has the best score; top 3: whether one of the first 3 has.

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
    """Return each source's gain 2^rel - 1; tied sources share the mean over the ranks they take."""
    gains = np.empty(len(scores))
    rank = 1
    for group in group_ties(scores):
        ranks = np.arange(rank, rank + len(group))
        gains[group] = (2.0 ** np.maximum(_RELEVANCE - ranks + 1, 0) - 1).mean()
        rank += len(group)
    return gains


def group_ties(values: np.ndarray) -> list[np.ndarray]:
    """Return the places of the values, tied ones together, the highest first."""
    order = np.argsort(-values, kind="stable")
    ordered = values[order]
    # Not by differences: two sources without a prediction are both at minus infinity.
    new = ordered[1:] < ordered[:-1] - TIE
    return np.split(order, np.flatnonzero(new) + 1)


def _discount(gains: np.ndarray, groups: list[np.ndarray]) -> float:
    """The discounted gain of the first places; a place within a group of ties has the group's mean gain."""
    expected = np.concatenate([np.full(len(group), gains[group].mean()) for group in groups])[:TOP]
    return float((expected / np.log2(2 + np.arange(len(expected)))).sum())


def _find_chance(best: np.ndarray, groups: list[np.ndarray]) -> float:
    """The chance that a best source is among the first places."""
    left = TOP
    for group in groups:
        found = int(best[group].sum())
        if len(group) > left:
            return 1 - comb(len(group) - found, left) / comb(len(group), left)
        if found:
            return 1.0
        left -= len(group)
    return 0.0
