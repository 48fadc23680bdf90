"""Jackknife variances, and intervals from sums of them."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from isogloss.analysis.statistics.conventions import CONFIDENCE


def jackknife(versions: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the jackknife variance of an estimate and its degrees of freedom.

    `versions` is a u x G array: row i has the G values of the estimate without unit i. A unit can be a language;
    without a language, all its pairs are dropped together. Returns the variances (G), which are (u - 1) / u times the
    sum of squares of the versions about their mean, and the degrees of freedom u - 1.

    Source: Tukey 1958; Efron & Tibshirani 1993, "An introduction to the bootstrap", chapter 11.
    """
    units = len(versions)
    return (units - 1) / units * ((versions - versions.mean(axis=0)) ** 2).sum(axis=0), units - 1


def find_half_width(parts: Sequence[tuple[np.ndarray, float]]) -> np.ndarray:
    """Return half the width of a 95% interval, from independent variances and their degrees of freedom.

    `parts` is a sequence of (variances, degrees of freedom), as `jackknife` returns them; all variances have the same
    length G. Returns G values: Student's t times the square root of the sum of the variances.

    Source of the degrees of freedom of the sum: Satterthwaite 1946, "An approximate distribution of estimates of
    variance components", Biometrics 2.
    """
    total = np.sum([variance for variance, _ in parts], axis=0)
    weight = np.sum([variance**2 / freedom for variance, freedom in parts], axis=0)
    freedom = np.where(weight > 0, total**2 / np.where(weight > 0, weight, 1.0), parts[0][1])
    return stats.t.ppf((1 + CONFIDENCE) / 2, freedom) * np.sqrt(total)
