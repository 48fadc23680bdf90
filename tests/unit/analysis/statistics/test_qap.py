"""QAP: comparison with all permutations, and its type I error when pairs are not independent."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from isogloss.analysis.statistics.qap import qap, qap_incomplete
from isogloss.analysis.statistics.transforms import TRANSFORMS, WITHIN_TARGET, correlate, transform

SIX = ~np.eye(6, dtype=bool)


@pytest.fixture
def matrices():
    generator = np.random.default_rng(7)
    feature = generator.random((6, 6))
    return 0.5 * feature + 0.3 * generator.random((6, 6)), feature


def test_qap_agrees_with_all_permutations(matrices):
    score, feature = matrices
    r, _ = stats.pearsonr(feature[SIX], score[SIX])
    every = []
    for order in permutations(range(6)):
        moved = score[np.ix_(order, order)]
        every.append(abs(stats.pearsonr(feature[SIX], moved[SIX])[0]) >= abs(r) - 1e-12)
    found_r, found_p = qap(score, feature[None], 20000, seed=1)
    assert len(every) == 720
    assert found_r[0] == pytest.approx(r)
    assert found_p[0] == pytest.approx(np.mean(every), abs=0.01)


@pytest.mark.parametrize("gaps_in", ["scores", "feature", "both"])
def test_qap_with_gaps_agrees_with_all_permutations_refitted(matrices, gaps_in):
    score, feature = matrices
    gaps = {"scores": ([(0, 1), (2, 4), (5, 0)], []), "feature": ([], [(1, 3), (4, 2)])}
    gaps["both"] = (gaps["scores"][0], gaps["feature"][1])
    for matrix, cells in zip((score, feature), gaps[gaps_in], strict=True):
        for cell in cells:
            matrix[cell] = np.nan
    every = {name: [] for name in TRANSFORMS}
    for order in permutations(range(6)):
        moved = feature[np.ix_(order, order)]
        there = SIX & np.isfinite(score) & np.isfinite(moved)
        for name, values in every.items():
            left = [transform(one, there.astype(float), name) for one in (score, moved)]
            values.append(abs(float(correlate(*left, there.astype(float)))))
    found = qap_incomplete(score, feature, 20000, seed=1)
    for name, values in every.items():
        assert abs(found[name][0]) == pytest.approx(values[0], abs=1e-8)
        assert found[name][1] == pytest.approx(np.mean(np.array(values) >= values[0] - 1e-12), abs=0.012)


def test_qap_p_is_never_below_one_in_n_plus_one():
    feature = np.arange(100.0).reshape(10, 10) ** 2
    _, p = qap(feature, feature[None], 999, seed=0)
    assert p[0] == 1 / 1000


def draw(generator, languages=10):
    """Return scores and a feature that are unrelated to each other, but both depend on their languages."""
    own = generator.standard_normal(languages)
    feature = own[:, None] + own + 0.5 * generator.standard_normal((languages, languages))
    sources, targets = generator.standard_normal((2, languages))
    return sources[:, None] + 1.5 * targets + 0.5 * generator.standard_normal((languages, languages)), feature


def test_without_an_effect_qap_errs_in_5_percent_and_the_plain_p_far_more_often():
    generator = np.random.default_rng(11)
    off = ~np.eye(10, dtype=bool)
    plain, permuted = [], []
    for _ in range(1000):
        score, feature = draw(generator)
        plain.append(stats.pearsonr(score[off], feature[off])[1] < 0.05)
        permuted.append(qap(score, feature[None], 199, seed=len(permuted))[1][0] <= 0.05)
    assert np.mean(plain) > 0.3
    assert np.mean(permuted) == pytest.approx(0.05, abs=0.015)


def test_with_gaps_qap_errs_in_5_percent_under_each_transform():
    generator = np.random.default_rng(12)
    found = []
    for _ in range(1000):
        score, feature = draw(generator, languages=8)
        score[generator.random((8, 8)) < 0.1] = np.nan
        tests = qap_incomplete(score, feature, 99, seed=len(found))
        found.append([tests[name][1] <= 0.05 for name in TRANSFORMS])
    np.testing.assert_allclose(np.mean(found, axis=0), 0.05, atol=0.015)


def test_within_targets_a_feature_of_the_target_has_no_p():
    score, _ = draw(np.random.default_rng(0), languages=6)
    score[0, 1] = np.nan
    found = qap_incomplete(score, np.tile(np.arange(6.0), (6, 1)), 99, seed=0)
    assert np.isfinite(found["raw"][1])
    assert np.isnan(found[WITHIN_TARGET][1])
