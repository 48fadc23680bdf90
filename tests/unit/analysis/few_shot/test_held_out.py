"""Laws compared on held-out numbers of shots: errors, choice of the right law, and too few numbers of shots."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import COLUMNS as SCORES
from isogloss.analysis.few_shot.held_out import APART, COLUMNS, NOT_MEASURED, ON_CURVE, compare_laws, tabulate_laws
from isogloss.analysis.few_shot.laws import LAWS, measure_rise
from isogloss.analysis.few_shot.learning_curves import Curve

SHOTS = np.array([0, 5, 10, 20, 50, 100, 200, 500], dtype=float)
TRUTH = {
    "log": 0.2 + 0.08 * np.log1p(SHOTS),
    "power": 0.2 + 0.6 * measure_rise("power", SHOTS, np.array(0.35)),
    "saturating": 0.2 + 0.5 * measure_rise("saturating", SHOTS, np.array(60.0)),
}


def make_curve(scores, shots=SHOTS) -> Curve:
    return Curve(("ner", "mini", "ner", 600, "sequential"), "pair", "en", "de", "f1", 1, 1, shots, scores, {})


def make_scores(shots, scores) -> pd.DataFrame:
    rows = [
        ["ner", "mini", "en", 600, "de", "ner", k, "sequential" if k else "direct", 1, "f1", score]
        for k, score in zip(shots, scores, strict=True)
    ]
    return pd.DataFrame(rows, columns=SCORES)


def choose(scores, shots=SHOTS):
    return next(one for one in compare_laws([make_curve(scores, shots)])[0] if one.chosen)


def test_held_out_errors_of_the_log_law_are_those_of_polyfit():
    scores = np.random.default_rng(0).random(len(SHOTS))
    fitted = {(one.law, one.zero_shots): one for one in compare_laws([make_curve(scores)])[0]}
    assert list(fitted) == [(law, zero_shots) for law in LAWS for zero_shots in (ON_CURVE, APART)]
    for zero_shots, first in ((ON_CURVE, 0), (APART, 1)):
        expected = []
        for size in range(2, len(SHOTS)):
            kept = [place for place in range(first, len(SHOTS)) if place != size]
            line = np.polyfit(np.log1p(SHOTS[kept]), scores[kept], 1)
            expected.append(np.clip(np.polyval(line, np.log1p(SHOTS[size])), 0, 1) - scores[size])
        np.testing.assert_allclose(fitted["log", zero_shots].held_out, expected, atol=1e-12)


@pytest.mark.parametrize("law", LAWS)
def test_a_law_without_noise_is_found_with_zero_shots_on_the_curve(law):
    found = choose(TRUTH[law])
    assert (found.law, found.zero_shots) == (law, ON_CURVE)
    assert np.abs(found.held_out).max() < 1e-5


@pytest.mark.parametrize("law", LAWS)
def test_the_right_law_is_found_in_most_draws(law):
    """With noise of a standard deviation of 0.01 in the mean over seeds, at least 9 in 10 of 300 draws are right."""
    noise = np.random.default_rng(1).normal(0, 0.01, (300, len(SHOTS)))
    fitted = compare_laws([make_curve(TRUTH[law] + one) for one in noise])
    found = Counter(next(one.law for one in candidates if one.chosen) for candidates in fitted)
    assert found[law] >= 270


def test_zero_shots_are_set_apart_where_they_are_of_another_regime_and_seldom_else():
    """The zero-shot score is 0.1 above the law, or on it, with noise of 0.005; 200 draws each."""
    noise = np.random.default_rng(2).normal(0, 0.005, (200, len(SHOTS)))
    for drop, fewest, most in ((0.1, 140, 200), (0.0, 0, 20)):
        fitted = compare_laws([make_curve(TRUTH["power"] + one + drop * (SHOTS == 0)) for one in noise])
        chosen = [next(one for one in candidates if one.chosen) for candidates in fitted]
        assert fewest <= sum(one.zero_shots == APART for one in chosen) <= most


def test_the_table_tells_fit_and_errors_and_the_jump_of_zero_shots():
    scores = TRUTH["saturating"] + 0.1 * (SHOTS == 0)
    table = tabulate_laws(Evidence(make_scores(SHOTS.astype(int), scores)))
    assert list(table.columns) == COLUMNS
    assert table["kind"].value_counts().to_dict() == {"all": 6, "target": 6, "pair": 6}
    (chosen,) = table[(table["kind"] == "target") & (table["chosen"] == True)].to_dict("records")  # noqa: E712
    assert (chosen["law"], chosen["zero_shots"], chosen["n_sizes"], chosen["sources"]) == (
        "saturating",
        APART,
        8,
        "each",
    )
    found = [chosen[column] for column in ("start", "gain", "shape", "asymptote", "jump")]
    np.testing.assert_allclose(found, [0.2, 0.5, 60, 0.7, 0.1], rtol=1e-4)
    for column in ("rmse", "interpolation_rmse", "extrapolation_error", "held_out_rmse"):
        assert chosen[column] < 1e-6
    log = table[(table["law"] == "log") & (table["kind"] == "pair") & (table["zero_shots"] == ON_CURVE)].iloc[0]
    squares = 5 * log["interpolation_rmse"] ** 2 + log["extrapolation_error"] ** 2
    assert log["held_out_rmse"] == pytest.approx(np.sqrt(squares / 6))


def test_fewer_than_five_sizes_give_a_slope_and_no_comparison():
    table = tabulate_laws(Evidence(make_scores([0, 20, 50, 100], [0.1, 0.4, 0.5, 0.55])))
    assert table["law"].tolist() == ["log"] * 3
    np.testing.assert_allclose(table["gain"], np.polyfit(np.log1p([0, 20, 50, 100]), [0.1, 0.4, 0.5, 0.55], 1)[0])
    assert table[["held_out_rmse", "interpolation_rmse", "extrapolation_error", "chosen"]].isna().all(axis=None)
    assert set(table["note"]) == {"slope only: a comparison of laws requires 5 numbers of shots, here 4"}


def test_five_sizes_give_a_comparison_with_or_without_zero_shots():
    for shots, treatments in (([0, 10, 20, 50, 100], {ON_CURVE, APART}), ([5, 10, 20, 50, 100], {NOT_MEASURED})):
        table = tabulate_laws(Evidence(make_scores(shots, [0.1, 0.3, 0.4, 0.5, 0.55])))
        assert set(table["zero_shots"]) == treatments
        assert table["held_out_rmse"].notna().all()


def test_constant_scores_have_no_law_and_falling_ones_no_rising_one():
    table = tabulate_laws(Evidence(make_scores(SHOTS.astype(int), [0.4] * 8)))
    assert table["note"].tolist() == ["no law: constant scores"] * 3
    assert table[["law", "gain", "held_out_rmse", "chosen"]].isna().all(axis=None)
    falling = tabulate_laws(Evidence(make_scores(SHOTS.astype(int), np.linspace(0.6, 0.3, 8))))
    assert (falling.loc[falling["law"] == "log", "gain"] < 0).all()
    assert set(falling.loc[falling["law"] != "log", "note"]) == {"the scores do not rise: the curve is flat"}


def test_one_number_of_shots_has_no_row():
    assert tabulate_laws(Evidence(make_scores([0], [0.4]))).empty


def test_an_exact_fit_has_no_error_of_fit():
    table = tabulate_laws(Evidence(make_scores([0, 20], [0.1, 0.4])))
    assert table["rmse"].isna().all()
