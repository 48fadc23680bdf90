"""Paired differences: comparison with scipy and with the power of the noncentral t, and bootstrap coverage."""

import numpy as np
import pytest
from scipy import stats

from isogloss.analysis.statistics.paired import find_detectable, find_t_interval, paired_bootstrap, rate_counts

DIFFERENCES = np.array([0.03, -0.01, 0.05, 0.02, 0.00, 0.04, -0.02, 0.06, 0.01, 0.02])


def test_the_t_interval_is_scipy_s():
    mean, low, high = find_t_interval(DIFFERENCES)
    known = stats.ttest_1samp(DIFFERENCES, 0).confidence_interval(0.95)
    assert (mean, low, high) == pytest.approx((0.02, known.low, known.high))
    assert find_t_interval(np.array([0.3]))[0] == 0.3
    assert np.isnan(find_t_interval(np.array([0.3]))[1:]).all()


def test_no_gain_is_claimed_in_95_percent_of_draws_and_a_detectable_one_is_found_in_80():
    generator = np.random.default_rng(0)
    draws = generator.normal(0, 0.03, (4000, 10))
    ends = np.array([find_t_interval(differences)[1:] for differences in draws])
    assert 1 - np.mean((ends[:, 0] > 0) | (ends[:, 1] < 0)) == pytest.approx(0.95, abs=0.01)
    gain = find_detectable(np.array([-0.03, 0.03] * 5)) / np.std([-0.03, 0.03] * 5, ddof=1) * 0.03
    assert np.mean(ends[:, 0] + gain > 0) == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize("count", [3, 10, 40])
def test_the_detectable_difference_has_a_power_of_80_percent(count):
    differences = np.random.default_rng(count).normal(0.01, 0.05, count)
    detectable = find_detectable(differences)
    shift = detectable / (differences.std(ddof=1) / np.sqrt(count))
    edge = stats.t.ppf(0.975, count - 1)
    power = stats.nct.sf(edge, count - 1, shift) + stats.nct.cdf(-edge, count - 1, shift)
    assert power == pytest.approx(0.8, abs=1e-4)
    assert np.isnan(find_detectable(differences[:2]))


def test_counts_are_f1_and_nothing_to_count_is_0():
    assert rate_counts(np.array([3.0, 4.0, 5.0])) == pytest.approx(2 * 3 / 9)
    assert rate_counts(np.zeros(3)) == 0


def draw_counts(generator: np.random.Generator, sentences: int, shares: list[float]) -> list[np.ndarray]:
    """Return counts of models that find given shares of the same gold entities, with the same difficult sentences."""
    gold = generator.integers(1, 4, sentences)
    ease = generator.normal(0, 1, sentences)
    found = []
    for share in shares:
        chance = stats.norm.cdf(stats.norm.ppf(share) + 0.7 * ease)
        correct = generator.binomial(gold, chance)
        found.append(np.stack([correct, gold, correct + generator.poisson(0.3, sentences)]).astype(float))
    return found


def test_the_paired_bootstrap_covers_the_true_difference():
    generator = np.random.default_rng(0)
    shares = [0.6, 0.5]
    one, other = draw_counts(np.random.default_rng(1), 400_000, shares)
    truth = rate_counts(one.sum(axis=1)) - rate_counts(other.sum(axis=1))
    assert truth == pytest.approx(0.068, abs=0.005)
    covered = []
    for _ in range(120):
        low, high = paired_bootstrap(*([counts] for counts in draw_counts(generator, 200, shares)), seed=0)
        covered.append(low <= truth <= high)
    assert 0.90 <= np.mean(covered) <= 0.985


def test_pairing_takes_out_what_both_arms_find_hard():
    one, other = draw_counts(np.random.default_rng(2), 300, [0.6, 0.6])
    low, high = paired_bootstrap([one], [other], seed=0)
    shuffled = other[:, np.random.default_rng(3).permutation(300)]
    wide = paired_bootstrap([one], [shuffled], seed=0)
    assert high - low < 0.9 * (wide[1] - wide[0])
    assert paired_bootstrap([one], [one], seed=0) == (0, 0)
    assert paired_bootstrap([one, one], [other], seed=0) == (low, high)
