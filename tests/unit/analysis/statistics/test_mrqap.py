"""MRQAP: comparison with statsmodels and brute force, and its type I error when pairs share languages."""

import numpy as np
import pytest
import statsmodels.api as sm
from squares import draw_dyadic

from isogloss.analysis.statistics.mrqap import mrqap
from isogloss.analysis.statistics.transforms import DOUBLE_CENTRED, RAW


def draw_matrices(languages, missing=0, features=3, seed=0):
    generator = np.random.default_rng(seed)
    score, *others = (draw_dyadic(generator, languages) for _ in range(features + 1))
    off = np.flatnonzero(~np.eye(languages, dtype=bool))
    score.flat[generator.choice(off, missing, replace=False)] = np.nan
    return score, np.stack(others)


def code_effects(source, target, centring):
    """Return the design columns of the effects that a centring removes."""
    if centring == RAW:
        return np.ones((len(source), 1))
    dummies = [(part[:, None] == np.arange(1, part.max() + 1)[None, :]) * 1.0 for part in (source, target)]
    return np.column_stack([np.ones(len(source)), *dummies])


def find_last_t(score, last, others, centring):
    """Return t of one matrix given the others, by statsmodels on the cells that all matrices have."""
    there = np.isfinite(score) & np.isfinite(last) & ~np.eye(len(score), dtype=bool)
    columns = [matrix[there] for matrix in others]
    design = np.column_stack([code_effects(*np.nonzero(there), centring), *columns, last[there]])
    return sm.OLS(score[there], design).fit().tvalues[-1]


@pytest.mark.parametrize("missing", [0, 5])
@pytest.mark.parametrize("centring", [RAW, DOUBLE_CENTRED])
def test_t_and_p_are_those_of_least_squares_permutation_by_permutation(centring, missing):
    """The residuals of a feature on the others are permuted and refitted by statsmodels, in the same 60 orders."""
    score, features = draw_matrices(7, missing)
    t, p = mrqap(score, features, 60, 5, centring)
    orders = np.random.default_rng(5).permuted(np.tile(np.arange(7), (60, 1)), axis=1)
    there = np.isfinite(score) & ~np.eye(7, dtype=bool)
    for place in range(3):
        others = np.delete(features, place, axis=0)
        assert t[place] == pytest.approx(find_last_t(score, features[place], others, centring))
        design = np.column_stack([code_effects(*np.nonzero(there), centring), *(one[there] for one in others)])
        residual = np.full((7, 7), np.nan)
        residual[there] = sm.OLS(features[place][there], design).fit().resid
        permuted = [find_last_t(score, residual[np.ix_(order, order)], others, centring) for order in orders]
        exceeding = (np.abs(permuted) >= abs(t[place]) * (1 - 1e-9)).sum()
        assert p[place] == (1 + exceeding) / 61


def test_p_is_never_below_one_in_n_plus_one():
    score, features = draw_matrices(10, features=2)
    _, p = mrqap(features[0] + 1e-3 * score, features, 999, 0, RAW)
    assert p[0] == 1 / 1000


@pytest.mark.parametrize("centring", [RAW, DOUBLE_CENTRED])
def test_mrqap_holds_5_percent_where_least_squares_does_not(centring):
    """1,000 draws without an effect; rows and columns have 70% of the variance; predictors correlate at 0.6."""
    generator = np.random.default_rng(0)
    off = ~np.eye(10, dtype=bool)
    rejected, rejected_plain, correlation = np.zeros(2), np.zeros(2), []
    for seed in range(1000):
        one, other, score = (draw_dyadic(generator, 10) for _ in range(3))
        other = 0.6 * one + 0.8 * other
        correlation.append(np.corrcoef(one[off], other[off])[0, 1])
        t, p = mrqap(score, np.stack([one, other]), 199, seed, centring)
        rejected += p <= 0.05
        rejected_plain += np.abs(t) > 1.988  # two-sided 5% of t with 87 degrees of freedom
    assert np.mean(correlation) == pytest.approx(0.6, abs=0.02)
    assert (np.abs(rejected / 1000 - 0.05) <= 0.015).all()
    if centring == RAW:
        assert (rejected_plain / 1000 > 0.2).all()


@pytest.mark.slow
def test_mrqap_holds_5_percent_with_missing_cells():
    """1,000 draws with a tenth of the cells missing, the maximum that the regression table accepts."""
    generator = np.random.default_rng(2)
    off = np.flatnonzero(~np.eye(10, dtype=bool))
    rejected = np.zeros(2)
    for seed in range(1000):
        one, other, score = (draw_dyadic(generator, 10) for _ in range(3))
        score.flat[generator.choice(off, 9, replace=False)] = np.nan
        _, p = mrqap(score, np.stack([one, 0.6 * one + 0.8 * other]), 199, seed, RAW)
        rejected += p <= 0.05
    assert (np.abs(rejected / 1000 - 0.05) <= 0.015).all()


def test_a_planted_effect_is_found():
    generator = np.random.default_rng(1)
    found = []
    for seed in range(100):
        one, other, noise = (draw_dyadic(generator, 10) for _ in range(3))
        score = 0.6 * one + 0.8 * noise
        _, p = mrqap(score, np.stack([one, 0.6 * one + 0.8 * other]), 199, seed, DOUBLE_CENTRED)
        found.append(p <= 0.05)
    power = np.mean(found, axis=0)
    assert power[0] > 0.95
    assert power[1] < 0.12


def test_a_feature_with_nothing_of_its_own_has_no_t():
    score, features = draw_matrices(6, features=2)
    target = np.tile(np.arange(6.0), (6, 1))
    t, p = mrqap(score, np.stack([features[0], target]), 50, 0, DOUBLE_CENTRED)
    assert np.isfinite([t[0], p[0]]).all()
    assert np.isnan([t[1], p[1]]).all()


def test_the_same_seed_gives_the_same_numbers():
    score, features = draw_matrices(9, missing=3)
    one, other = (mrqap(score, features, 700, 4, RAW) for _ in range(2))
    assert one[0].tobytes() == other[0].tobytes() and one[1].tobytes() == other[1].tobytes()
