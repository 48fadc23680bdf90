"""Main effects, ranks and correlations of weighted cells: comparison with least squares and scipy on repeated cells."""

import numpy as np
import pytest
from scipy import stats

from isogloss.analysis.statistics.transforms import (
    DOUBLE_CENTRED,
    TRANSFORMS,
    WITHIN_TARGET,
    correlate,
    list_effects,
    rank,
    standardise_cells,
    transform,
)

OFF = ~np.eye(7, dtype=bool)


@pytest.fixture
def cells():
    """Return values of 7 languages, and the weights of a bootstrap sample with languages 0 and 3 twice and 5 never."""
    generator = np.random.default_rng(3)
    count = np.array([2.0, 1, 1, 2, 1, 0, 1])
    there = OFF & (generator.random((7, 7)) > 0.2)
    return generator.standard_normal((2, 7, 7)), count[:, None] * count * there


def spell_out(values, weights):
    """Return values, sources and targets of the single cells, each repeated as often as its weight says."""
    rows, columns = np.nonzero(weights)
    times = weights[rows, columns].astype(int)
    return np.repeat(values[rows, columns], times), np.repeat(rows, times), np.repeat(columns, times)


def fit(values, rows, columns, name):
    eye = np.eye(7)
    design = {"raw": np.ones((len(rows), 1)), WITHIN_TARGET: eye[columns]}
    design[DOUBLE_CENTRED] = np.hstack([eye[rows], eye[columns]])
    return values - design[name] @ np.linalg.lstsq(design[name], values, rcond=None)[0]


@pytest.mark.parametrize("name", TRANSFORMS)
def test_residuals_and_correlation_are_least_squares_on_the_sample(cells, name):
    (one, other), weights = cells
    left = [transform(values, weights, name) for values in (one, other)]
    spelt = [fit(*spell_out(values, weights), name) for values in (one, other)]
    for mine, theirs in zip(left, spelt, strict=True):
        np.testing.assert_allclose(spell_out(mine, weights)[0], theirs, atol=1e-8)
    assert correlate(*left, weights) == pytest.approx(np.corrcoef(*spelt)[0, 1], abs=1e-8)


def test_stacks_are_computed_as_each_alone(cells):
    (one, other), weights = cells
    stack = transform(np.stack([one, other]), np.stack([weights, OFF.astype(float)]), DOUBLE_CENTRED)
    np.testing.assert_allclose(stack[0], transform(one, weights, DOUBLE_CENTRED))
    np.testing.assert_allclose(stack[1], transform(other, OFF.astype(float), DOUBLE_CENTRED))


def test_ranks_are_scipys_mid_ranks_with_ties_and_repetition(cells):
    (values, _), weights = cells
    rounded = np.round(values)
    expected = stats.rankdata(spell_out(rounded, weights)[0])
    np.testing.assert_allclose(spell_out(rank(rounded, weights), weights)[0], expected)
    assert len(np.unique(expected)) < len(expected) / 2


def test_effects_are_orthonormal_and_counted():
    basis, ends = list_effects(OFF)
    assert ends == {"raw": 1, WITHIN_TARGET: 7, DOUBLE_CENTRED: 13}
    np.testing.assert_allclose(basis.T @ basis, np.eye(13), atol=1e-12)


def test_a_feature_of_the_target_alone_leaves_nothing():
    own = np.tile(np.arange(7.0), (7, 1))
    weights = OFF.astype(float)
    other = transform(np.random.default_rng(0).random((7, 7)), weights, DOUBLE_CENTRED)
    for name in (DOUBLE_CENTRED, WITHIN_TARGET):
        assert np.isnan(correlate(transform(own, weights, name), other, weights))


def test_standardised_cells():
    values = standardise_cells(np.arange(49.0).reshape(7, 7) * 1e4, OFF)
    assert (values[OFF].mean(), values[OFF].std()) == (pytest.approx(0), pytest.approx(1))
    assert not standardise_cells(np.full((7, 7), 0.3), OFF).any()


def test_an_unknown_transform():
    with pytest.raises(ValueError, match="unknown transform 'triple': choose from raw, double-centred, within-target"):
        transform(np.ones((3, 3)), np.ones((3, 3)), "triple")
