"""Paired differences between two systems: intervals over test sentences and over languages, and what could be seen."""

from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
from scipy import stats
from statsmodels.stats.power import TTestPower

from isogloss.analysis.statistics.conventions import CONFIDENCE, DRAWS

POWER = 0.8


def rate_counts(counts: np.ndarray) -> np.ndarray:
    """Return 2 correct / (gold + predicted) of summed counts (3 x ...), 0 where there is nothing to count.

    F1 by entities; accuracy where each example counts one of each.
    """
    correct, gold, predicted = np.asarray(counts, dtype=float)
    total = gold + predicted
    return np.where(total > 0, 2 * correct / np.where(total > 0, total, 1), 0.0)


def resample_sentences(runs: Sequence[np.ndarray], seed: int) -> np.ndarray:
    """Return the mean score of some runs in each of DRAWS bootstrap samples of their test sentences.

    runs: counts of each, 3 x S. The samples depend on S and the seed alone, so that they are the same for two
    systems: their difference is that of the paired bootstrap (Koehn 2004, "Statistical significance tests for machine
    translation evaluation", section 4; Berg-Kirkpatrick et al. 2012).
    """
    drawn = _draw_sentences(runs[0].shape[1], seed).astype(float)
    return np.mean([rate_counts(counts @ drawn.T) for counts in runs], axis=0)


@lru_cache(maxsize=1)
def _draw_sentences(sentences: int, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.multinomial(sentences, np.full(sentences, 1 / sentences), size=DRAWS).astype(np.uint16)


def paired_bootstrap(one: Sequence[np.ndarray], other: Sequence[np.ndarray], seed: int) -> tuple[float, float]:
    """Return the 95% percentile interval of the difference of two systems' mean scores over test sentences.

    one, other: counts of the runs of each, 3 x S, over the same sentences. Which sentences were trained on, and the
    seeds, are taken as they are.
    """
    differences = resample_sentences(one, seed) - resample_sentences(other, seed)
    low, high = np.quantile(differences, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def find_t_interval(differences: np.ndarray) -> tuple[float, float, float]:
    """Return the mean of paired differences, one a language, and its 95% interval by Student's t.

    The interval is NaN with fewer than two languages.
    """
    mean, count = float(np.mean(differences)), len(differences)
    if count < 2:
        return mean, np.nan, np.nan
    half = stats.t.ppf((1 + CONFIDENCE) / 2, count - 1) * np.std(differences, ddof=1) / np.sqrt(count)
    return mean, mean - float(half), mean + float(half)


def find_detectable(differences: np.ndarray) -> float:
    """Return the smallest mean difference that a paired t test of so many languages would find with a power of 0.8.

    Two-sided at 0.05, the true standard deviation taken to be that of the differences (Cohen 1988, chapter 2).
    NaN with fewer than three languages.
    """
    if len(differences) < 3:
        return np.nan
    return _find_effect(len(differences)) * float(np.std(differences, ddof=1))


@cache
def _find_effect(count: int) -> float:
    """Return the same in standard deviations."""
    return float(TTestPower().solve_power(nobs=count, alpha=1 - CONFIDENCE, power=POWER, alternative="two-sided"))
