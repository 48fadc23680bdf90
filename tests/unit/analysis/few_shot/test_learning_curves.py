"""Learning curves: their kinds, means and leave-one-out curves."""

import numpy as np
import pandas as pd
import pytest

from isogloss.analysis.data.scores import COLUMNS
from isogloss.analysis.few_shot.learning_curves import list_conditions, list_curves
from isogloss.analysis.statistics.jackknife import find_half_width, jackknife

FOUR = ["ar", "de", "en", "fi"]


@pytest.fixture
def scores() -> pd.DataFrame:
    generator = np.random.default_rng(0)
    rows = []
    for seed in (1, 2, 3):
        for target in FOUR:
            for source in (*FOUR, "none", "ar+de"):
                for k in (0, 10, 50):
                    if k > 0 or source != "none":
                        adaptation, n = "sequential" if k else "direct", 0 if source == "none" else 600
                        rows.append(
                            ["ner", "mini", source, n, target, "ner", k, adaptation, seed, "f1", generator.random()]
                        )
    return pd.DataFrame(rows, columns=COLUMNS)


def average(rows: pd.DataFrame) -> np.ndarray:
    return rows.groupby("shots")["score"].mean().to_numpy()


def test_kinds_of_curves(scores):
    curves = list_curves(scores)
    counts = pd.Series([curve.kind for curve in curves]).value_counts().to_dict()
    assert counts == {"all": 1, "target": 4, "pair": 12, "multi-source": 2, "none": 4}
    assert [curve.kind for curve in curves[:5]] == ["all", *["target"] * 4]
    assert list_conditions(scores[scores["sources"] != "none"]) == [("ner", "mini", "ner", 600, "sequential")]
    none = next(curve for curve in curves if curve.kind == "none")
    assert (none.condition[3:], none.shots.tolist(), none.n_sources, none.n_seeds) == (
        (0, "sequential"),
        [10, 50],
        0,
        3,
    )


def test_means_and_what_is_left_out(scores):
    curves = {(curve.kind, curve.sources, curve.target): curve for curve in list_curves(scores)}
    single = scores[scores["sources"].isin(FOUR) & (scores["sources"] != scores["target"])]
    target, own = curves["target", "each", "de"], single[single["target"] == "de"]
    np.testing.assert_allclose(target.scores, average(own))
    for place, source in enumerate(["ar", "en", "fi"]):
        np.testing.assert_allclose(target.without["source"][place], average(own[own["sources"] != source]))
    for place, seed in enumerate((1, 2, 3)):
        np.testing.assert_allclose(target.without["seed"][place], average(own[own["seed"] != seed]))
    everything = curves["all", "each", "all"]
    np.testing.assert_allclose(everything.scores, average(single))
    for place, language in enumerate(FOUR):
        kept = single[(single["sources"] != language) & (single["target"] != language)]
        np.testing.assert_allclose(everything.without["language"][place], average(kept))
    pair = curves["pair", "en", "de"]
    np.testing.assert_allclose(pair.scores, average(own[own["sources"] == "en"]))
    assert list(pair.without) == ["seed"]


def test_a_source_without_a_number_of_shots_is_left_out_of_means_and_keeps_its_own(scores):
    gone = (scores["sources"] == "en") & (scores["target"] == "de") & (scores["shots"] == 10)
    curves = {(curve.kind, curve.sources, curve.target): curve for curve in list_curves(scores[~gone])}
    assert curves["target", "each", "de"].n_sources == 2
    assert curves["target", "each", "de"].without["source"].shape == (2, 3)
    assert curves["pair", "en", "de"].shots.tolist() == [0, 50]


def test_scores_that_are_no_numbers_are_not_used(scores):
    scores.loc[(scores["sources"] == "en") & (scores["target"] == "de"), "score"] = np.nan
    curves = {(curve.kind, curve.sources, curve.target): curve for curve in list_curves(scores)}
    assert ("pair", "en", "de") not in curves
    assert curves["target", "each", "de"].n_sources == 2
    assert all(np.isfinite(curve.scores).all() for curve in curves.values())


def test_seeds_that_differ_by_shots_cannot_be_left_out(scores):
    single = scores[(scores["shots"] > 0) | (scores["seed"] == 1)]
    target = next(curve for curve in list_curves(single) if curve.kind == "target")
    assert list(target.without) == ["source"]
    assert target.n_seeds == 3


def test_zero_shot_scores_alone_are_no_curve(scores):
    assert list_curves(scores[scores["shots"] == 0]) == []


def test_jackknife_of_a_mean_is_its_standard_error_and_t_interval():
    values = np.random.default_rng(1).normal(size=9)
    without = np.array([[np.delete(values, place).mean()] for place in range(9)])
    variance, freedom = jackknife(without)
    assert freedom == 8
    np.testing.assert_allclose(variance, values.var(ddof=1) / 9)
    assert find_half_width([(variance, freedom)])[0] == pytest.approx(2.306004 * values.std(ddof=1) / 3)


def test_a_sum_of_variances_has_the_degrees_of_freedom_of_satterthwaite():
    """In Welch's test, variances 4 and 1 with 4 and 9 degrees of freedom result in 25 / (16/4 + 1/9) = 6.08."""
    half = find_half_width([(np.array([4.0]), 4), (np.array([1.0]), 9)])
    assert half[0] == pytest.approx(np.sqrt(5) * 2.43898, rel=1e-4)
