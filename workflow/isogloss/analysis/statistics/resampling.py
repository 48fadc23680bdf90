"""Intervals of correlations by resampling of languages, not of pairs.

The *bootstrap* draws languages with replacement; a pair counts as often as both its languages were drawn. The
*jackknife* leaves out one language at a time. Both estimate the standard error of Fisher's z from these samples.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from isogloss.analysis.statistics.conventions import CONFIDENCE, DRAWS
from isogloss.analysis.statistics.transforms import DOUBLE_CENTRED, RAW, correlate, list_effects, rank, transform

FEWEST_DISTINCT = 4
"""A bootstrap sample with fewer distinct languages is drawn again."""

_BATCH = 100
_LARGEST = 1 - 1e-9
_NORMAL = 1.959964


@dataclass(frozen=True)
class Resampled:
    """A correlation and its values in resampled languages.

    r: Pearson's r. draws: its values in DRAWS bootstrap samples. left_out: its L values without one language each.
    noise: L x L, the contribution of each pair's own noise to r, where noise is the score minus main effects and
    feature. spearman, spearman_draws: Spearman's r and its bootstrap values. A sample that leaves nothing to correlate
    is NaN in draws and left_out.
    """

    r: float
    draws: np.ndarray
    left_out: np.ndarray
    noise: np.ndarray
    spearman: float
    spearman_draws: np.ndarray


def draw_languages(languages: int, draws: int, seed: int) -> np.ndarray:
    """Draw languages with replacement: return how often each was drawn, draws x L, at least 4 distinct per draw."""
    generator = np.random.default_rng(seed)
    share = np.full(languages, 1 / languages)
    counts = generator.multinomial(languages, share, size=draws)
    while (few := (counts > 0).sum(axis=1) < FEWEST_DISTINCT).any():
        counts[few] = generator.multinomial(languages, share, size=int(few.sum()))
    return counts.astype(float)


def resample_correlations(
    scores: np.ndarray, features: np.ndarray, there: np.ndarray, name: str, seed: int
) -> list[Resampled]:
    """Resample the languages of a score matrix and compute its correlation with each feature in every sample.

    `scores` is an L x L array and `features` an F x L x L array, both standardised (see standardise_cells). Rows are
    sources and columns are targets. `there` is an L x L boolean array of the cells to use; the diagonal must be False.
    `name` is the transform, one of TRANSFORMS, which is fitted again in each sample. `seed` determines the samples.

    Returns a list of F objects, one per feature, for find_bootstrap_interval, find_jackknife_interval and
    find_difference_intervals. Their attributes are `r` (Pearson's r of all cells), `draws` (r in 1,000 bootstrap
    samples of the languages), `left_out` (r without one language each, length L), `noise` (L x L, the contribution of
    each pair's own noise to r), `spearman` and `spearman_draws` (Spearman's r and its bootstrap values).
    """
    languages = len(scores)
    counts = np.concatenate([np.ones((1, languages)), draw_languages(languages, DRAWS, seed), 1 - np.eye(languages)])
    pearson, spearman = np.empty((2, len(features), len(counts)))
    for start in range(0, len(counts), _BATCH):
        count = counts[start : start + _BATCH]
        weights = count[:, :, None] * count[:, None, :] * there
        score, ranked = (transform(one, weights, name) for one in (scores[None], rank(scores, weights)))
        for place, feature in enumerate(features):
            one = transform(feature[None], weights, name)
            pearson[place, start : start + _BATCH] = correlate(score, one, weights)
            one = transform(rank(feature, weights), weights, name)
            spearman[place, start : start + _BATCH] = correlate(ranked, one, weights)
    drawn, left_out = slice(1, 1 + DRAWS), slice(1 + DRAWS, None)
    return [
        Resampled(r[0], r[drawn], r[left_out], _measure_noise(scores, feature, there, name), rho[0], rho[drawn])
        for r, rho, feature in zip(pearson, spearman, features, strict=True)
    ]


def _measure_noise(scores: np.ndarray, feature: np.ndarray, there: np.ndarray, name: str) -> np.ndarray:
    """Return the contribution of each pair's own noise to r (L x L): its influence to first order."""
    weights = there.astype(float)
    total = weights.sum()
    score, one = transform(scores, weights, name), transform(feature, weights, name)
    r = float(correlate(score, one, weights))
    if not np.isfinite(r):
        return np.full(scores.shape, np.nan)
    score, one = score / np.sqrt((score**2).sum() / total), one / np.sqrt((one**2).sum() / total)
    own = transform(score - r * one, weights, DOUBLE_CENTRED)
    if name == RAW:  # correct for the degrees of freedom of the main effects; other transforms removed them before
        own = own * np.sqrt((total - 1) / max(total - 1 - list_effects(there)[1][DOUBLE_CENTRED], 1))
    return own * one / total


def find_bootstrap_interval(r: float, draws: np.ndarray) -> tuple[float, float]:
    """Return the 95% bootstrap interval (low, high) of a correlation.

    `r` is the correlation and `draws` its values in bootstrap samples of the languages (see resample_correlations). The
    interval is from `tanh(z - 1.96 s)` to `tanh(z + 1.96 s)` with `z = arctanh(r)`; s is the standard deviation of z
    over the draws. Both ends are NaN if r is NaN or more than half of the draws are NaN.

    In simulations with scores that depend on their languages (see the tests), the coverage is 93-97% with 10 and with
    20 languages; an interval by percentiles covers up to 99%. If pairs are independent, as they may be after main
    effects are removed, the interval is too wide (99%), because resampling languages counts a pair's own noise three
    times.
    """
    known = draws[np.isfinite(draws)]
    if not np.isfinite(r) or len(known) < len(draws) / 2:
        return np.nan, np.nan
    return _span(r, float(np.arctanh(np.clip(known, -_LARGEST, _LARGEST)).std(ddof=1)), _NORMAL)


def find_jackknife_interval(resampled: Resampled) -> tuple[float, float]:
    """Return the 95% jackknife interval (low, high) of a correlation.

    `resampled` is one element of the result of resample_correlations. The interval is from `tanh(z - t s)` to
    `tanh(z + t s)` with `z = arctanh(r)` and Student's t with L - 1 degrees of freedom, for L languages. The variance
    is `s^2 = (L - 1)/L sum (z_i - mean)^2 - P`, where `z_i` is z without language i. P is the variance that the pairs'
    own noise adds to z. Each pair is left out with either of its languages, so the jackknife counts this part twice,
    and P is subtracted. `s^2` is at least half the jackknife variance. Both ends are NaN if r, or r without some
    language, is NaN.

    Source of the correction: Aronow, Samii & Assenova 2015, "Cluster-robust variance estimation for dyadic data",
    Political Analysis 23.
    """
    values = resampled.left_out
    if not np.isfinite(resampled.r) or not np.isfinite(values).all():
        return np.nan, np.nan
    z = np.arctanh(np.clip(values, -_LARGEST, _LARGEST))
    slope = 1 - min(resampled.r**2, _LARGEST)
    return _span(resampled.r, _correct_error(z, resampled.noise / slope), _quantile(len(values)))


def find_difference_intervals(one: Resampled, other: Resampled) -> tuple[float, float, float, float]:
    """Return the 95% intervals of a difference of two correlations: bootstrap low and high, jackknife low and high.

    `one` and `other` are two elements of one result of resample_correlations, so that both use the same samples. The
    difference is r of `one` minus r of `other`. The formulas are those of find_bootstrap_interval and
    find_jackknife_interval, but without Fisher's z. All four numbers are NaN if the difference, more than half of the
    bootstrap samples, or any sample without one language is undefined.
    """
    difference = one.r - other.r
    draws = one.draws - other.draws
    draws = draws[np.isfinite(draws)]
    left_out = one.left_out - other.left_out
    if not np.isfinite(difference) or len(draws) < DRAWS / 2 or not np.isfinite(left_out).all():
        return np.nan, np.nan, np.nan, np.nan
    wide = _NORMAL * float(draws.std(ddof=1))
    narrow = _quantile(len(left_out)) * _correct_error(left_out, one.noise - other.noise)
    return difference - wide, difference + wide, difference - narrow, difference + narrow


def _correct_error(left_out: np.ndarray, noise: np.ndarray) -> float:
    languages = len(left_out)
    variance = (languages - 1) / languages * ((left_out - left_out.mean()) ** 2).sum()
    of_pairs = (np.triu(noise + noise.T) ** 2).sum()
    return float(np.sqrt(max(variance - of_pairs, variance / 2)))


def _quantile(languages: int) -> float:
    return float(stats.t.ppf((1 + CONFIDENCE) / 2, languages - 1))


def _span(r: float, error: float, quantile: float) -> tuple[float, float]:
    z = np.arctanh(np.clip(r, -_LARGEST, _LARGEST))
    low, high = np.tanh([z - quantile * error, z + quantile * error])
    return float(low), float(high)
