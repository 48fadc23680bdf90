"""Paired differences between two systems: intervals over test sentences or languages, and the detectable difference."""

from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
from scipy import stats
from statsmodels.stats.power import TTestPower

from isogloss.analysis.statistics.conventions import CONFIDENCE, DRAWS

POWER = 0.8


def rate_counts(counts: np.ndarray) -> np.ndarray:
    """Return 2 x correct / (gold + predicted) of summed counts (3 x ...), or 0 if there is nothing to count.

    This is F1 for counts of entities, and accuracy if each example counts one gold and one predicted item.
    """
    correct, gold, predicted = np.asarray(counts, dtype=float)
    total = gold + predicted
    return np.where(total > 0, 2 * correct / np.where(total > 0, total, 1), 0.0)


def resample_sentences(runs: Sequence[np.ndarray], seed: int) -> np.ndarray:
    """Return the mean score of runs in each of DRAWS bootstrap samples of their S test sentences.

    `runs` has the counts of each run, 3 x S: correct, gold and predicted. The samples depend only on S and `seed`. They
    are therefore the same for two systems, and the difference of two results is that of the paired bootstrap (Koehn
    2004, "Statistical significance tests for machine translation evaluation", section 4; Berg-Kirkpatrick et al. 2012).
    """
    drawn = _draw_sentences(runs[0].shape[1], seed).astype(float)
    return np.mean([rate_counts(counts @ drawn.T) for counts in runs], axis=0)


@lru_cache(maxsize=1)
def _draw_sentences(sentences: int, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.multinomial(sentences, np.full(sentences, 1 / sentences), size=DRAWS).astype(np.uint16)


def paired_bootstrap(one: Sequence[np.ndarray], other: Sequence[np.ndarray], seed: int) -> tuple[float, float]:
    """Return the 95% interval (low, high) of the difference between two systems' mean scores, by paired bootstrap.

    `one` and `other` are the runs of each system. Each run is a 3 x S array of counts of correct, gold and predicted
    items in the same S test sentences. Its score is 2 x correct / (gold + predicted): F1, or accuracy if each example
    counts one gold and one predicted item. `seed` determines the 1,000 samples of sentences. The interval has the
    percentiles of the mean score of `one` minus that of `other`. It does not account for the choice of training
    sentences and of seeds.

    Source: Koehn 2004, "Statistical significance tests for machine translation evaluation", section 4;
    Berg-Kirkpatrick et al. 2012.
    """
    differences = resample_sentences(one, seed) - resample_sentences(other, seed)
    low, high = np.quantile(differences, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def find_t_interval(differences: np.ndarray) -> tuple[float, float, float]:
    """Return the mean of paired differences and its 95% interval by Student's t: mean, low, high.

    `differences` is an array with one value per language. Both ends of the interval are NaN with fewer than two
    languages.
    """
    mean, count = float(np.mean(differences)), len(differences)
    if count < 2:
        return mean, np.nan, np.nan
    half = stats.t.ppf((1 + CONFIDENCE) / 2, count - 1) * np.std(differences, ddof=1) / np.sqrt(count)
    return mean, mean - float(half), mean + float(half)


def find_detectable(differences: np.ndarray) -> float:
    """Return the smallest mean difference that a paired t test over these languages detects with a power of 0.8.

    `differences` is an array with one value per language. The test is two-sided at the level 0.05. The true standard
    deviation is assumed to be that of the differences. The result is in units of the differences, and NaN with fewer
    than three languages.

    Source: Cohen 1988, chapter 2.
    """
    if len(differences) < 3:
        return np.nan
    return _find_effect(len(differences)) * float(np.std(differences, ddof=1))


@cache
def _find_effect(count: int) -> float:
    """Return the detectable difference in units of the standard deviation, for `count` languages."""
    return float(TTestPower().solve_power(nobs=count, alpha=1 - CONFIDENCE, power=POWER, alternative="two-sided"))
