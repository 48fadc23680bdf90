"""Resampling of languages: closed forms, and how often the intervals include the true correlation."""

import numpy as np
import pytest

from isogloss.analysis.statistics.resampling import (
    DRAWS,
    draw_languages,
    find_bootstrap_interval,
    find_difference_intervals,
    find_jackknife_interval,
    resample_correlations,
)
from isogloss.analysis.statistics.transforms import DOUBLE_CENTRED, RAW

TEN = ~np.eye(10, dtype=bool)
PLANTED = 0.5


def draw(generator):
    """Return scores that correlate with a feature at r = 0.5, and the feature; languages explain most of the rest."""
    own, pair = generator.standard_normal(10), np.triu(generator.standard_normal((10, 10)), 1)
    feature = (own[:, None] + own) / 2 + (pair + pair.T) / np.sqrt(2)
    shapes = ((10, 1), 0.3), ((1, 10), 0.55), ((10, 10), 0.15)
    noise = sum(np.sqrt(share) * generator.standard_normal(shape) for shape, share in shapes)
    return PLANTED * feature + np.sqrt(1 - PLANTED**2) * noise, feature


def test_languages_are_drawn_with_replacement_and_never_fewer_than_four():
    counts = draw_languages(5, 2000, seed=0)
    assert counts.shape == (2000, 5)
    assert set(counts.sum(axis=1)) == {5}
    assert (counts > 0).sum(axis=1).min() == 4
    assert (counts == 2).any()


def test_jackknife_leaves_out_one_language():
    score, feature = draw(np.random.default_rng(0))
    (found,) = resample_correlations(score, feature[None], TEN, RAW, seed=0)
    rest = TEN[1:, 1:]
    assert found.r == pytest.approx(np.corrcoef(score[TEN], feature[TEN])[0, 1])
    assert found.left_out[0] == pytest.approx(np.corrcoef(score[1:, 1:][rest], feature[1:, 1:][rest])[0, 1])
    assert len(found.draws) == DRAWS


def test_bootstrap_counts_pairs_as_often_as_drawn_and_never_a_language_with_itself():
    score, feature = draw(np.random.default_rng(0))
    (found,) = resample_correlations(score, feature[None], TEN, RAW, seed=5)
    drawn = np.repeat(np.arange(10), draw_languages(10, DRAWS, seed=5)[7].astype(int))
    pairs = [(i, j) for i in drawn for j in drawn if i != j]
    one, other = (np.array([matrix[pair] for pair in pairs]) for matrix in (score, feature))
    assert found.draws[7] == pytest.approx(np.corrcoef(one, other)[0, 1])


@pytest.mark.slow
def test_intervals_hold_the_planted_correlation_in_95_percent():
    """1,000 draws with 10 languages; the true correlation of scores and feature is 0.5."""
    generator = np.random.default_rng(21)
    found, bootstrap, jackknife = [], [], []
    for _ in range(1000):
        score, feature = draw(generator)
        (resampled,) = resample_correlations(score, feature[None], TEN, RAW, seed=0)
        found.append(resampled.r)
        for held, (low, high) in (
            (bootstrap, find_bootstrap_interval(resampled.r, resampled.draws)),
            (jackknife, find_jackknife_interval(resampled)),
        ):
            held.append(low <= PLANTED <= high)
    assert np.mean(found) == pytest.approx(PLANTED, abs=0.02)
    assert 0.93 <= np.mean(bootstrap) <= 0.97
    assert 0.93 <= np.mean(jackknife) <= 0.97


@pytest.mark.slow
def test_double_centred_the_jackknife_holds_and_the_bootstrap_is_too_wide():
    """200 draws; the true r of the pair components is 0.5 sqrt(0.5) / sqrt(0.25 x 0.5 + 0.75 x 0.15)."""
    truth = 0.5 * np.sqrt(0.5) / np.sqrt(0.25 * 0.5 + 0.75 * 0.15)
    generator = np.random.default_rng(22)
    held = []
    for _ in range(200):
        score, feature = draw(generator)
        (resampled,) = resample_correlations(score, feature[None], TEN, DOUBLE_CENTRED, seed=0)
        intervals = find_bootstrap_interval(resampled.r, resampled.draws), find_jackknife_interval(resampled)
        held.append([low <= truth <= high for low, high in intervals])
    wide, narrow = np.mean(held, axis=0)
    assert wide >= 0.98
    assert 0.93 <= narrow <= 0.99


def test_a_feature_does_not_differ_from_itself():
    score, feature = draw(np.random.default_rng(0))
    one, other = resample_correlations(score, np.stack([feature, feature]), TEN, RAW, seed=0)
    assert find_difference_intervals(one, other) == (0, 0, 0, 0)
