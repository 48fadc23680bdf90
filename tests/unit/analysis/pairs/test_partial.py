"""Partial correlations: residuals, all permutations, and type I error with correlated predictors."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import COLUMNS
from isogloss.analysis.pairs.partial import partial_qap, tabulate_partial
from isogloss.analysis.statistics.transforms import DOUBLE_CENTRED, RAW

LANGUAGES = list("abcdef")
PLACES = [(i, j) for i in range(6) for j in range(6) if i != j]
OFF = ~np.eye(6, dtype=bool)


@pytest.fixture
def matrices():
    generator = np.random.default_rng(5)
    x, z = generator.random((2, 6, 6))
    x += 0.7 * z
    return 0.5 * x + 0.5 * z + 0.3 * generator.random((6, 6)), x, z


def tabulate(score, **features) -> pd.DataFrame:
    rows = [
        ["ner", "mini", *(LANGUAGES[i], 1, LANGUAGES[j]), "ner", 0, "direct", 1, "f1", score[i, j]] for i, j in PLACES
    ]
    table = pd.DataFrame([(LANGUAGES[i], LANGUAGES[j]) for i, j in PLACES], columns=["source", "target"])
    table = table.assign(**{name: [values[cell] for cell in PLACES] for name, values in features.items()})
    return tabulate_partial(Evidence(pd.DataFrame(rows, columns=COLUMNS), table, permutations=99))


def test_partial_correlation_and_plain_p_are_those_of_a_regression(matrices):
    score, x, z = matrices
    table = tabulate(score, x=x, z=z).set_index(["transform", "feature", "given"])
    fitted = sm.OLS(score[OFF], sm.add_constant(np.column_stack([z[OFF], x[OFF]]))).fit()
    t, freedom = fitted.tvalues[-1], fitted.df_resid
    row = table.loc[(RAW, "x", "z")]
    assert row["partial_r"] == pytest.approx(t / np.sqrt(t**2 + freedom))
    assert row["p_plain"] == pytest.approx(fitted.pvalues[-1])
    assert row["qap_r"] == pytest.approx(row["partial_r"])
    assert row["feature_given_r"] == pytest.approx(np.corrcoef(x[OFF], z[OFF])[0, 1])
    rows, columns = np.nonzero(OFF)
    effects = np.hstack([np.eye(6)[rows], np.eye(6)[columns][:, 1:]])
    fitted = sm.OLS(score[OFF], np.column_stack([effects, z[OFF], x[OFF]])).fit()
    assert table.loc[(DOUBLE_CENTRED, "x", "z"), "p_plain"] == pytest.approx(fitted.pvalues[-1], abs=1e-7)


def test_qap_agrees_with_every_permutation_of_the_residuals(matrices):
    score, x, z = matrices

    def take_out(values):
        design = np.column_stack([np.ones(30), z[OFF]])
        return values - design @ np.linalg.lstsq(design, values, rcond=None)[0]

    left = np.zeros((6, 6))
    left[OFF] = take_out(x[OFF])
    of_score, every = take_out(score[OFF]), []
    for order in permutations(range(6)):
        moved = take_out(left[np.ix_(order, order)][OFF])
        every.append(abs(np.corrcoef(of_score, moved)[0, 1]))
    r, p = partial_qap(score, np.stack([x, z]), [(0, 1)], RAW, 20000, seed=1)
    assert abs(r[0]) == pytest.approx(every[0])
    assert p[0] == pytest.approx(np.mean(np.array(every) >= every[0] - 1e-12), abs=0.012)


@pytest.mark.parametrize(("name", "effect"), [(RAW, 0), (DOUBLE_CENTRED, 1)])
def test_a_feature_that_adds_nothing_to_a_correlated_one_errs_in_5_percent(name, effect):
    """2,000 draws, ten languages: x correlates with z at 0.6; the score depends on z or on neither."""
    generator = np.random.default_rng(41)
    found = []
    for draw in range(2000):
        own, pair = generator.standard_normal((2, 10)), generator.standard_normal((2, 10, 10))
        z, other = (own[:, :, None] + own[:, None, :] + pair) / np.sqrt(3)
        x = 0.6 * z + 0.8 * other
        sources, targets = generator.standard_normal((2, 10))
        score = effect * z + sources[:, None] + targets + generator.standard_normal((10, 10))
        found.append(partial_qap(score, np.stack([x, z]), [(0, 1)], name, 99, seed=draw)[1][0] <= 0.05)
    assert np.mean(found) == pytest.approx(0.05, abs=0.015)


def test_what_is_left_out_and_why(matrices):
    score, x, z = matrices
    lacking = x.copy()
    lacking[2] = lacking[:, 2] = np.nan
    gappy = x.copy()
    gappy[0, 1] = gappy[2, 3] = np.nan
    table = tabulate(score, x=x, double=2 * x + 1, constant=np.ones((6, 6)), lacking=lacking, gappy=gappy, z=z)
    table = table[table["transform"] == RAW].set_index(["feature", "given"])
    note = "no partial correlation: x or the scores are fully explained by double"
    assert table.loc[("x", "double"), "note"] == note
    note = "no partial correlation: a feature or the scores are constant"
    assert table.loc[("x", "constant"), "note"] == note
    assert table.loc[("z", "lacking"), ["qap_languages", "note"]].tolist() == [
        5,
        "QAP permutes the 5 languages without a missing pair",
    ]
    assert table.loc[("z", "gappy"), "note"] == "no QAP: it needs at least 5 languages without a missing pair"
    assert np.isfinite(table.loc[("z", "gappy"), "partial_r"])
    assert table.loc[[("x", "double"), ("x", "constant"), ("z", "gappy")], "p_qap"].isna().all()
