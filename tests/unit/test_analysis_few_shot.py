"""Few-shot table: arms, the same sources at every number of shots, gains and slopes."""

import numpy as np
import pandas as pd
import pytest

from isogloss.analysis.few_shot import fit_slope, tabulate_few_shot
from isogloss.analysis.scores import COLUMNS


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
    return tabulate_few_shot(scores)


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
