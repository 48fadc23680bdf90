"""Mixed models: comparison with balanced analysis of variance and with statsmodels."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from isogloss.analysis.statistics.mixed import fit_mixed


def draw_crossed(rows, columns, spread, seed=0):
    """Return row labels, column labels and values of a complete design; spread: its standard deviations."""
    generator = np.random.default_rng(seed)
    effect = spread[0] * generator.normal(size=(rows, 1)) + spread[1] * generator.normal(size=(1, columns))
    values = effect + spread[2] * generator.normal(size=(rows, columns))
    row, column = np.indices(values.shape)
    return row.ravel().astype(str), column.ravel().astype(str), values


def analyse_balanced(values):
    """Return the mean squares of rows, columns and the rest of a complete matrix."""
    rows, columns = values.shape
    by_row, by_column, mean = values.mean(axis=1), values.mean(axis=0), values.mean()
    rest = values - by_row[:, None] - by_column[None, :] + mean
    squares = columns * ((by_row - mean) ** 2).sum(), rows * ((by_column - mean) ** 2).sum(), (rest**2).sum()
    return squares[0] / (rows - 1), squares[1] / (columns - 1), squares[2] / (rows - 1) / (columns - 1)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_reml_of_a_balanced_design_is_its_analysis_of_variance(scale):
    row, column, values = draw_crossed(7, 5, (scale, 2 * scale, 0.5 * scale))
    fit = fit_mixed(values.ravel(), np.ones((35, 1)), [row, column])
    of_rows, of_columns, rest = analyse_balanced(values)
    assert fit.residual == pytest.approx(rest, rel=1e-5)
    assert fit.variances == pytest.approx([(of_rows - rest) / 5, (of_columns - rest) / 7], rel=1e-4)
    assert fit.coefficients[0] == pytest.approx(values.mean(), abs=1e-9 * scale)


def test_a_variance_that_would_be_negative_is_exactly_0():
    """Rows are more similar than by chance, so their variance is 0 and the rest is what columns do not explain."""
    _, _, values = draw_crossed(6, 5, (0, 1, 1), seed=1)
    values -= values.mean(axis=1, keepdims=True)
    row, column = (labels.ravel().astype(str) for labels in np.indices(values.shape))
    fit = fit_mixed(values.ravel(), np.ones((30, 1)), [row, column])
    within = ((values - values.mean(axis=0)) ** 2).sum() / (5 * 5)
    between = 6 * values.mean(axis=0).var(ddof=1)
    assert fit.variances[0] == 0
    assert fit.residual == pytest.approx(within, rel=1e-5)
    assert fit.variances[1] == pytest.approx((between - within) / 6, rel=1e-4)


def test_coefficients_and_variances_are_those_of_statsmodels_off_the_diagonal():
    generator = np.random.default_rng(0)
    source, target = np.nonzero(~np.eye(12, dtype=bool))
    feature = generator.normal(size=(132, 2))
    score = generator.normal(size=12)[source] + 2 * generator.normal(size=12)[target]
    score += feature @ [0.5, -0.2] + generator.normal(size=132)
    fit = fit_mixed(score, np.column_stack([np.ones(132), feature]), [source.astype(str), target.astype(str)])
    table = pd.DataFrame({"y": score, "u": feature[:, 0], "v": feature[:, 1], "s": source, "t": target, "one": 1})
    crossed = {"s": "0 + C(s)", "t": "0 + C(t)"}
    known = MixedLM.from_formula("y ~ u + v", groups="one", vc_formula=crossed, re_formula="0", data=table).fit()
    assert known.converged
    assert fit.coefficients == pytest.approx(known.fe_params.to_numpy(), abs=1e-4)
    assert fit.variances == pytest.approx(known.vcomp, rel=2e-3)
    assert fit.residual == pytest.approx(known.scale, rel=2e-3)


@pytest.mark.slow
def test_three_crossed_groupings_find_the_variances_put_in():
    """15 families of 4 rows, 30 columns, variances 1, 0.5, 2 and 0.25; the tolerance is three standard errors."""
    generator = np.random.default_rng(3)
    row, column = np.indices((60, 30))
    family = row // 4
    values = generator.normal(size=15)[family] + np.sqrt(0.5) * generator.normal(size=60)[row]
    values += np.sqrt(2) * generator.normal(size=30)[column] + 0.5 * generator.normal(size=row.shape)
    labels = [part.ravel().astype(str) for part in (family, row, column)]
    fit = fit_mixed(values.ravel(), np.ones((values.size, 1)), labels)
    # The standard error of a variance v from m independent values is v * sqrt(2 / m). Family means also vary by rows.
    errors = np.array([1.125, 0.5, 2, 0.25]) * np.sqrt(2 / np.array([15, 45, 30, 1700]))
    assert (np.abs(np.array([*fit.variances, fit.residual]) - [1, 0.5, 2, 0.25]) < 3 * errors).all()


def test_nothing_left_for_the_residual():
    row, column, values = draw_crossed(5, 5, (1, 1, 0))
    assert fit_mixed(values.ravel(), np.ones((25, 1)), [row, column]) is None
    assert fit_mixed(np.ones(25), np.ones((25, 1)), [row, column]) is None
