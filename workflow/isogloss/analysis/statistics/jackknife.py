"""Jackknife variances, and intervals from sums of them."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from isogloss.analysis.statistics.conventions import CONFIDENCE


def jackknife(versions: np.ndarray) -> tuple[np.ndarray, float]:
    """Return variance and degrees of freedom of an estimate from its versions without one unit each (units x G).

    (u - 1) / u times the sum of squares about their mean, with u - 1 degrees of freedom (Tukey 1958; Efron & Tibshirani
    1993, "An introduction to the bootstrap", chapter 11). Leaving out a language drops all its pairs at once.
    """
    units = len(versions)
    return (units - 1) / units * ((versions - versions.mean(axis=0)) ** 2).sum(axis=0), units - 1


def find_half_width(parts: Sequence[tuple[np.ndarray, float]]) -> np.ndarray:
    """Return half the width of the 95% interval from independent variances and their degrees of freedom.

    Student's t times the root of the sum; the sum has the degrees of freedom of Satterthwaite 1946, "An approximate
    distribution of estimates of variance components", Biometrics 2.
    """
    total = np.sum([variance for variance, _ in parts], axis=0)
    weight = np.sum([variance**2 / freedom for variance, freedom in parts], axis=0)
    freedom = np.where(weight > 0, total**2 / np.where(weight > 0, weight, 1.0), parts[0][1])
    return stats.t.ppf((1 + CONFIDENCE) / 2, freedom) * np.sqrt(total)
