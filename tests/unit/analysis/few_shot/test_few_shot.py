"""The few-shot table: conditions, the same sources at every number of shots, gains and slopes."""

import numpy as np
import pandas as pd
import pytest

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import COLUMNS
from isogloss.analysis.few_shot.few_shot import fit_slope, tabulate_few_shot


def make(*rows) -> pd.DataFrame:
    return pd.DataFrame([["ner", "mini", *row] for row in rows], columns=COLUMNS)


@pytest.fixture
def table() -> pd.DataFrame:
    scores = make(
        ("en", 600, "de", "ner", 0, "direct", 1, "f1", 0.2),
        ("fi", 600, "de", "ner", 0, "direct", 1, "f1", 0.4),
        ("hi", 600, "de", "ner", 0, "direct", 1, "f1", 0.0),
        ("en", 600, "de", "ner", 20, "sequential", 1, "f1", 0.5),
        ("fi", 600, "de", "ner", 20, "sequential", 1, "f1", 0.7),
        ("en", 600, "de", "ner", 20, "sequential", 1, "recall", 0.1),
        ("de", 600, "de", "ner", 0, "direct", 1, "f1", 0.9),
        ("none", 0, "de", "ner", 20, "sequential", 1, "f1", 0.3),
        ("en+fi", 600, "de", "ner", 20, "sequential", 1, "f1", 1.0),
    )
    return tabulate_few_shot(Evidence(scores))


def test_one_arm_with_zero_shot_as_its_start(table):
    assert table[["adaptation", "shots", "n_sources"]].to_numpy().tolist() == [
        ["sequential", 0, 2],
        ["sequential", 20, 2],
    ]


def test_means_gain_and_bounds(table):
    last = table.iloc[1]
    assert last["mean_score"] == pytest.approx(0.6)
    assert (last["min_score"], last["max_score"]) == (0.5, 0.7)
    assert (last["none_score"], last["in_language_score"]) == (0.3, 0.9)
    assert last["gain"] == pytest.approx(0.3)
    assert np.isnan(table.iloc[0]["none_score"])


def test_slope_is_per_natural_log_of_one_plus_shots(table):
    assert table["slope"].tolist() == pytest.approx([0.3 / np.log(21)] * 2)


def test_slope_of_a_log_law_is_its_factor():
    shots = np.array([0, 5, 20, 100])
    assert fit_slope(shots, 0.1 + 0.07 * np.log1p(shots)) == pytest.approx(0.07)
    assert np.isnan(fit_slope(np.array([0]), np.array([0.5])))


def test_slope_has_a_t_interval_over_sources():
    """The slopes of three sources are 0.04, 0.05, 0.09: mean 0.06, standard error 0.0152753, t(2) 4.302653."""
    slopes = {"en": 0.04, "fi": 0.05, "hi": 0.09}
    rows = [
        (source, 600, "de", "ner", k, "sequential" if k else "direct", 1, "f1", 0.1 + slope * np.log1p(k))
        for source, slope in slopes.items()
        for k in (0, 20, 100)
    ]
    row = tabulate_few_shot(Evidence(make(*rows))).iloc[0]
    assert row["slope"] == pytest.approx(0.06)
    assert row["slope_above_zero"] == pytest.approx(0.06)
    assert [row["slope_low"], row["slope_high"]] == pytest.approx([0.06 - 0.0657242, 0.06 + 0.0657242], abs=1e-6)
    assert row["note"] == "the interval of the slope does not include the sampling of shots: one seed"


def test_slope_without_an_interval_or_a_slope_says_why(table):
    alone = make(
        ("en", 600, "de", "ner", 0, "direct", 1, "f1", 0.2),
        ("en", 600, "de", "ner", 20, "sequential", 1, "f1", 0.5),
        ("en", 600, "fi", "qa", 0, "direct", 1, "f1", 0.5),
    )
    few = tabulate_few_shot(Evidence(alone)).set_index("target")
    assert few.loc["de", "slope_low"].isna().all()
    assert few.loc["de", "note"].iloc[0] == "no interval: only one source and one seed"
    assert np.isnan(few.loc["de", "slope_above_zero"].iloc[0])
    assert (few.loc["fi", "note"], np.isnan(few.loc["fi", "slope"])) == ("no slope: only one number of shots", True)
    assert table["slope_low"].notna().all()
