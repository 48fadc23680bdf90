"""Forecast of target sentences: the inverse of planted laws, limits, notes, and the coverage of the interval."""

import numpy as np
import pandas as pd
import pytest

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import COLUMNS as SCORES
from isogloss.analysis.few_shot.bands import INTERPOLATION, Band, draw_bands
from isogloss.analysis.few_shot.forecast import COLUMNS, LADDER, find_shots, tabulate_forecast
from isogloss.analysis.few_shot.held_out import compare_laws, tabulate_laws
from isogloss.analysis.few_shot.laws import measure_rise
from isogloss.analysis.few_shot.learning_curves import Curve, list_curves

SHOTS = [0, 5, 10, 20, 50, 100, 200, 500]
TRUTH = {
    "log": lambda k: 0.2 + 0.08 * np.log1p(k),
    "power": lambda k: 0.2 + 0.6 * measure_rise("power", np.asarray(k, dtype=float), np.array(0.35)),
    "saturating": lambda k: 0.2 + 0.5 * measure_rise("saturating", np.asarray(k, dtype=float), np.array(60.0)),
}
INVERSE = {
    "log": lambda x: np.expm1((x - 0.2) / 0.08),
    "power": lambda x: (1 - (x - 0.2) / 0.6) ** (-1 / 0.35) - 1,
    "saturating": lambda x: -60 * np.log(1 - (x - 0.2) / 0.5),
}


def make_scores(scores: np.ndarray, shots=SHOTS) -> pd.DataFrame:
    """Return a scores table for one target from an array of sources x seeds x shots."""
    rows = [
        ["ner", "mini", f"s{source}", 600, "de", "ner", k, "sequential" if k else "direct", seed, "f1", score]
        for (source, seed, place), score in np.ndenumerate(scores)
        for k in [shots[place]]
    ]
    return pd.DataFrame(rows, columns=SCORES)


def forecast(scores, shots=SHOTS, kind="target", **given) -> pd.DataFrame:
    table = tabulate_forecast(Evidence(make_scores(np.asarray(scores), shots)), **given)
    return table[table["kind"] == kind].reset_index(drop=True)


@pytest.mark.parametrize("law", TRUTH)
def test_without_noise_the_forecast_is_the_laws_inverse(law):
    scores = np.tile(TRUTH[law](SHOTS), (3, 2, 1))
    table = forecast(scores, wanted=(0.3, 0.45, 0.6, 0.65))
    assert list(table.columns) == COLUMNS
    expected = [np.ceil(INVERSE[law](x)) for x in (0.3, 0.45, 0.6, 0.65)]
    for column in ("shots_needed", "shots_low", "shots_high"):
        np.testing.assert_allclose(table[column], expected)
    assert set(table["law"]) == {law}
    assert set(table["interval_from"]) == {"3 sources, 2 seeds or residuals of 8 sizes"}


def test_nothing_is_forecast_beyond_the_asymptote_or_four_times_the_most_shots():
    saturating = forecast([[TRUTH["saturating"](SHOTS)]], kind="pair", wanted=(0.69, 0.75))
    assert saturating["status"].tolist() == ["within", "not reached"]
    assert saturating["note"][1] == "the saturating law has its asymptote at 0.700"
    log = forecast([[TRUTH["log"](SHOTS)]], kind="pair", wanted=(0.2, 0.7, 0.8, 0.805, 0.9))
    assert log["status"].tolist() == ["at 0 shots", "beyond", "beyond", "beyond", "not reached"]
    assert log["note"][4] == "not reached within 2000 shots, 4 times the largest measured number"
    assert log.loc[4, ["shots_needed", "shots_low", "shots_high"]].isna().all()


def test_what_the_other_laws_say_stands_beside():
    table = forecast([[TRUTH["log"](SHOTS)]], kind="pair", wanted=(0.5,))
    said = dict(one.split() for one in table["by_law"][0].split(", "))
    assert list(said) == ["log", "power", "saturating"]
    assert float(said["log"]) == table["shots_needed"][0] == np.ceil(INVERSE["log"](0.5))


def test_three_sizes_are_interpolated_on_the_log_axis_and_not_left():
    """The scores are 0.2 at 0, 0.5 at 20, 0.6 at 100 shots: 0.55 is half way from ln 21 to ln 101, at 45.05 shots."""
    scores = np.array([0.2, 0.5, 0.6]) + np.array([-0.02, 0.0, 0.02])[:, None, None]
    table = forecast(scores, [0, 20, 100], wanted=(0.1, 0.35, 0.55, 0.7))
    assert set(table["law"]) == {INTERPOLATION}
    assert table["status"].tolist() == ["at 0 shots", "within", "within", "not reached"]
    np.testing.assert_array_equal(table["shots_needed"], [0, np.ceil(np.sqrt(21) - 1), 46, np.nan])
    half = 4.302653 * 0.02 / np.sqrt(3)
    up = np.expm1(np.log(21) + (0.05 - half) / 0.1 * np.log(101 / 21))
    assert table["shots_low"][2] == np.ceil(up)
    assert "interpolated between 3 measured numbers of shots, without a comparison of laws" in table["note"][2]
    assert "the interval does not include the sampling of shots: one seed" in table["note"][2]
    assert "below 20 shots, a straight line from the zero-shot score" in table["note"][1]
    assert "not reached within the 100 measured shots" in table["note"][3]
    assert "the interval has no upper end within 100 shots" in forecast(scores, [0, 20, 100], wanted=(0.59,))["note"][0]
    pair = forecast(scores, [0, 20, 100], kind="pair", wanted=(0.55,))
    assert pair[["shots_low", "shots_high"]].isna().all(axis=None)
    assert "no interval: one seed" in pair["note"][0]


def test_an_interval_that_begins_at_no_shots_begins_at_0_and_not_at_its_negative():
    shots, score = np.array([0.0, 100.0]), np.array([0.4, 0.6])
    band = Band(INTERPOLATION, "on the curve", shots, score, score - 0.1, score + 0.1, "", False)
    needed, low, high = find_shots(band, 0.5)
    assert (needed, str(low), high) == (10.0, "0.0", 100.0)  # half way on ln(1 + shots): sqrt(101) - 1 = 9.05


def test_the_default_ladder_has_a_row_a_step_for_each_curve():
    table = tabulate_forecast(Evidence(make_scores(np.tile(TRUTH["log"]([0, 20, 100]), (9, 1, 1)), [0, 20, 100])))
    assert table.groupby("kind").size().to_dict() == {"all": 5, "pair": 45, "target": 5}
    assert tuple(table["score_wanted"][:5]) == LADDER


def test_more_sentences_for_more_score():
    scores = TRUTH["power"](SHOTS) + np.random.default_rng(0).normal(0, 0.03, (5, 3, len(SHOTS)))
    table = tabulate_forecast(Evidence(make_scores(np.clip(scores, 0, 1))), wanted=np.linspace(0.1, 0.9, 33))
    for _, rows in table.groupby(["kind", "sources"]):
        for column in ("shots_needed", "shots_low", "shots_high"):
            reached = rows[column].notna()
            assert (np.diff(rows.loc[reached, column]) >= 0).all()
            assert not (reached.astype(int).diff() > 0).any()
        inside = rows[["shots_low", "shots_needed", "shots_high"]].dropna()
        assert (inside["shots_low"] <= inside["shots_needed"]).all()
        assert (inside["shots_needed"] <= inside["shots_high"]).all()


def test_the_same_scores_in_another_order_give_the_same_bytes():
    scores = make_scores(np.random.default_rng(5).random((4, 3, len(SHOTS))))
    shuffled = scores.sample(frac=1, random_state=0)
    for tabulate in (tabulate_laws, tabulate_forecast):
        of = [tabulate(Evidence(one)).to_csv(float_format="%.6g") for one in (scores, shuffled)]
        assert of[0] == of[1]


def test_zero_shots_apart_leave_what_lies_below_the_fewest_shots_open():
    scores = TRUTH["log"](SHOTS) - 0.15 * (np.array(SHOTS) == 0)
    table = forecast([[scores]], kind="pair", wanted=(0.05, 0.3, 0.5))
    assert set(table["zero_shots"]) == {"apart"}
    assert table["shots_needed"].tolist() == [0, 5, np.ceil(INVERSE["log"](0.5))]
    assert table["shots_low"].tolist()[:2] == [0, 1]
    assert table["note"][1] == "5 shots, the smallest measured number above 0, are enough; fewer may be enough"


def test_constant_and_falling_scores_are_not_extrapolated():
    table = forecast([[[0.4] * 8]], kind="pair", wanted=(0.3, 0.5))
    assert table["status"].tolist() == ["at 0 shots", "not reached"]
    assert set(table["law"]) == {INTERPOLATION}
    falling = forecast([[np.linspace(0.6, 0.3, 8)]], kind="pair", wanted=(0.7,))
    assert falling["status"].tolist() == ["not reached"]


def test_the_log_laws_band_is_the_textbooks():
    """With one seed, it is the 95% interval of the mean of a line, t(6) s sqrt(1/n + (x - mean)^2 / Sxx)."""
    shots = np.array(SHOTS, dtype=float)
    scores = TRUTH["log"](shots) + np.random.default_rng(3).normal(0, 0.01, len(shots))
    curve = Curve(("ner", "mini", "ner", 600, "sequential"), "pair", "en", "de", "f1", 1, 1, shots, scores, {})
    (fitted,) = compare_laws([curve])
    (band,) = draw_bands([curve], [fitted])
    assert (band.law, band.zero_shots, band.basis) == ("log", "on the curve", "residuals of 8 sizes")
    x, at = np.log1p(shots), np.log1p(band.shots)
    line = np.polyfit(x, scores, 1)
    noise = np.sqrt(((np.polyval(line, x) - scores) ** 2).sum() / 6)
    half = 2.446912 * noise * np.sqrt(1 / 8 + (at - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum())
    np.testing.assert_allclose(band.high - band.score, half, atol=1e-7)
    assert band.shots[-1] == 2000
    assert set(shots) <= set(band.shots)


@pytest.mark.parametrize("law", TRUTH)
@pytest.mark.parametrize(
    ("kind", "sources", "seeds", "least"),
    [("pair", 1, 1, 0.85), ("pair", 1, 3, 0.93), ("target", 9, 1, 0.91), ("target", 9, 3, 0.93)],
)
def test_the_interval_holds_the_true_number_of_sentences(law, kind, sources, seeds, least):
    """The law is unknown in 200 draws; sources (0.05 in level), seeds (0.02) and runs (0.02 each) vary.

    The nominal coverage is 95%: the interval should contain the number of sentences that the planted curve requires for
    0.5 and 0.6.
    """
    generator = np.random.default_rng(4)
    rows = []
    for draw in range(200):
        scores = TRUTH[law](SHOTS) + generator.normal(0, 0.05 * (sources > 1), (sources, 1, 1))
        scores = scores + generator.normal(0, 0.02 * (seeds > 1), (1, seeds, 1))
        scores = scores + generator.normal(0, 0.02, (sources, seeds, len(SHOTS)))
        scores = scores + generator.normal(0, 0.01, (1, seeds, len(SHOTS)))
        rows.append(make_scores(np.clip(scores, 0, 1)).assign(target=f"draw {draw}"))
    curves = [curve for curve in list_curves(pd.concat(rows)) if curve.kind == kind]
    assert len(curves) == 200
    bands = draw_bands(curves, compare_laws(curves))
    held = []
    for wanted in (0.5, 0.6):
        found = np.array([find_shots(band, wanted) for band in bands])
        low, high = np.where(np.isnan(found[:, 1:]), np.inf, found[:, 1:]).T
        held.append(np.mean((low <= np.ceil(INVERSE[law](wanted))) & (high >= INVERSE[law](wanted))))
    assert min(held) >= least


def test_scores_without_a_scale_are_forecast_over_their_own_range():
    scores = np.stack([TRUTH["power"](SHOTS) + shift for shift in (-0.05, 0, 0.05)])[:, None]
    scores = scores + np.random.default_rng(7).normal(0, 0.01, scores.shape)
    scaled = make_scores(80 * scores)
    table = tabulate_forecast(Evidence(scaled, scale="none"))
    low, high = scaled["score"].min(), scaled["score"].max()
    wanted = [float(f"{low + share * (high - low):.3g}") for share in LADDER]
    assert table["score_wanted"].drop_duplicates().tolist() == wanted
    unit = tabulate_forecast(Evidence(make_scores(scores)), wanted=[one / 80 for one in wanted])
    for column in ("status", "law", "shots_needed"):
        assert table[column].equals(unit[column])
    assert tabulate_laws(Evidence(scaled, scale="none"))["asymptote"].max() > 1
