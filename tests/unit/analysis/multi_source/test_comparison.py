"""Arms of several sources: numbers of a small table computed by hand, and detection of a planted gain."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from several import BEST, FOUR, NEAR, pick, tabulate_syntax
from squares import TEN

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.run_records import GIVEN_TO_RUN, KEY, PRETRAINED, Counts
from isogloss.analysis.data.scores import COLUMNS as SCORES
from isogloss.analysis.multi_source.arms import Runs
from isogloss.analysis.multi_source.cells import list_cells
from isogloss.analysis.multi_source.comparison import (
    COLUMNS,
    MEANS_COLUMNS,
    tabulate_multi_source,
    tabulate_multi_source_means,
)
from isogloss.analysis.multi_source.curves import (
    AREA_COLUMNS,
    SIZE_COLUMNS,
    tabulate_multi_source_areas,
    tabulate_multi_source_sizes,
)
from isogloss.analysis.multi_source.groups import NOTHING_TO_COMPARE
from isogloss.analysis.multi_source.senses import list_views


def row(sources: str, n: int, target: str, shots: int, score: float, seed: int = 1, metric: str = "f1") -> list:
    adaptation = "direct" if shots == 0 else "sequential"
    return ["ner", "mini", sources, n, target, "ner", shots, adaptation, seed, metric, score]


def make_scores() -> pd.DataFrame:
    """Return scores of four languages: single sources at 0 shots; the nearest and all others at 0, 10 and 100 shots."""
    rows = []
    for place, target in enumerate(FOUR):
        others = [code for code in FOUR if code != target]
        for number, source in enumerate(others):
            rows.append(row(source, 600, target, 0, 0.30 + 0.10 * number + 0.01 * place))
        rows.append(row(target, 600, target, 0, 0.90))
        together = "+".join(others)
        rows.append(row(together, 600, target, 0, 0.55 + 0.02 * place))
        rows.append(row(together, 1800, target, 0, 0.60))
        for shots, score in ((10, 0.60), (100, 0.70)):
            rows.append(row(BEST[target], 600, target, shots, score))
            rows.append(row(together, 600, target, shots, score + 0.05))
            rows.append(row("none", 0, target, shots, score - 0.30))
    return pd.DataFrame(rows, columns=SCORES)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return Evidence(make_scores(), tabulate_syntax(FOUR, NEAR), cases=("sw",))


@pytest.fixture(scope="module")
def table(evidence) -> pd.DataFrame:
    return tabulate_multi_source(evidence)


def test_the_arms_of_each_setting(table):
    arms = table.groupby(["shots", "arm", "budget"]).size()
    assert arms[0].to_dict() == {
        ("all-others", "equal-per-source"): 4,
        ("all-others", "equal-total"): 4,
        ("de", "equal-total"): 3,
        ("en", "equal-total"): 3,
        ("fi", "equal-total"): 3,
        ("sw", "equal-total"): 3,
        ("in-language", "equal-total"): 4,
        ("mean-single", "equal-total"): 4,
        ("nearest-1", "equal-total"): 4,
        ("oracle", "equal-total"): 4,
    }
    assert arms[10].to_dict() == {
        ("all-others", "equal-total"): 4,
        ("de", "equal-total"): 2,
        ("en", "equal-total"): 2,
        ("in-language", "equal-total"): 4,
        ("nearest-1", "equal-total"): 4,
        ("none", ""): 4,
    }
    assert list(table.columns) == COLUMNS


def test_a_target_by_hand(table):
    # The single sources de, en, fi of Swahili score 0.33, 0.43, 0.53; en is the nearest; all others score 0.61.
    best = pick(table, target="sw", shots=0, arm="nearest-1")
    assert (best["sources"], best["score"], best["difference"], best["case"]) == ("en", pytest.approx(0.43), 0, "yes")
    every = pick(table, target="sw", shots=0, arm="all-others", budget="equal-total")
    assert (every["sources"], every["n_sources"], every["n_labelled"]) == ("de+en+fi", 3, 600)
    assert (every["score"], every["baseline"], every["difference"]) == (pytest.approx(0.61), "en", pytest.approx(0.18))
    per_source = pick(table, target="sw", shots=0, arm="all-others", budget="equal-per-source")
    assert (per_source["n"], per_source["n_labelled"], per_source["difference"]) == (600, 1800, pytest.approx(0.17))
    oracle = pick(table, target="sw", shots=0, arm="oracle")
    assert (oracle["sources"], oracle["score"], oracle["chosen_on"]) == ("fi", pytest.approx(0.53), "test")
    assert "oracle: chosen on the same test scores that are reported" in oracle["note"]
    mean = pick(table, target="sw", shots=0, arm="mean-single")
    assert (mean["sources"], mean["n_sources"], mean["score"]) == ("de en fi", 1, pytest.approx(0.43))
    assert pick(table, target="fi", shots=0, arm="de")["note"] == "identical to the predicted best source"
    assert pick(table, target="fi", shots=0, arm="nearest-1")["case"] == "no"


def test_shots_saved_by_hand(table):
    # Target-only runs score 0.3 with 10 shots and 0.4 with 100; all others score at least 0.55 without shots.
    assert set(table.loc[(table["arm"] == "all-others") & (table["shots"] == 0), "shots_saved"]) == {"> 100"}
    assert set(table.loc[(table["arm"] == "all-others") & (table["shots"] == 10), "shots_saved"]) == {"> 90"}
    # German on English scores 0.31: a tenth of the way from ln 11 to ln 101.
    saved = float(pick(table, target="en", shots=0, arm="de")["shots_saved"])
    assert saved == pytest.approx(11 * (101 / 11) ** 0.1 - 1, rel=1e-5)
    assert table.loc[table["arm"].isin(["none", "in-language"]), "shots_saved"].isna().all()


def test_means_over_targets_by_hand(evidence):
    means = tabulate_multi_source_means(evidence)
    assert list(means.columns) == MEANS_COLUMNS
    every = pick(means, shots=0, arm="all-others", budget="equal-total")
    # The nearest language by syntax is en for de and sw, and de for en and fi.
    baseline = np.array([0.30, 0.31, 0.32, 0.43])
    differences = np.array([0.55, 0.57, 0.59, 0.61]) - baseline
    interval = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    assert (every["n_sources"], every["n_targets"], every["n_same"]) == ("3", 4, 0)
    assert every["score"] == pytest.approx(0.58)
    assert every["baseline_score"] == pytest.approx(baseline.mean())
    assert (every["difference"], every["low"], every["high"]) == pytest.approx(
        (differences.mean(), interval.low, interval.high)
    )
    assert every["detectable"] > 0
    assert every["without_english"] == pytest.approx(np.delete(differences, FOUR.index("en")).mean())
    assert np.isnan(pick(means, shots=0, arm="en")["without_english"])  # English as a source has no English target
    few = pick(means, shots=100, arm="all-others")
    assert (few["difference"], few["low"], few["high"]) == pytest.approx((0.05, 0.05, 0.05))
    best = pick(means, shots=0, arm="nearest-1")
    assert np.isnan(best["difference"]) and best["note"] == "reference arm"
    alone = pick(means, shots=10, arm="none")
    assert (alone["n_sources"], alone["difference"]) == ("0", pytest.approx(-0.3))
    german = pick(means, shots=0, arm="de")
    assert (german["n_targets"], german["n_same"]) == (3, 2)


def test_areas_by_hand(evidence):
    areas = tabulate_multi_source_areas(evidence)
    assert list(areas.columns) == AREA_COLUMNS
    x = np.log1p([0, 10, 100])
    by_hand = np.trapezoid([0.61, 0.65, 0.75], x) / x[-1]
    best = np.trapezoid([0.43, 0.60, 0.70], x) / x[-1]
    every = pick(areas, arm="all-others", target="sw")
    assert (every["shots"], every["area"], every["difference"]) == (
        "0 10 100",
        pytest.approx(by_hand),
        pytest.approx(by_hand - best),
    )
    alone = pick(areas, arm="none", target="all")
    assert (alone["shots"], alone["compared_shots"], alone["n_targets"]) == ("10 100", "10 100", 4)
    assert (alone["area"], alone["difference"]) == (pytest.approx(0.35), pytest.approx(-0.3))
    over_all = pick(areas, arm="all-others", target="all")
    own = areas[(areas["arm"] == "all-others") & (areas["target"] != "all")]
    assert over_all["difference"] == pytest.approx(own["difference"].mean())
    known = stats.ttest_1samp(own["difference"].astype(float), 0).confidence_interval(0.95)
    assert (over_all["low"], over_all["high"]) == pytest.approx((known.low, known.high))


def test_scores_by_number_of_sources_at_an_equal_total(evidence):
    sizes = tabulate_multi_source_sizes(evidence)
    assert list(sizes.columns) == SIZE_COLUMNS
    zero = sizes[sizes["shots"] == 0]
    assert zero[["n_sources", "arm", "n_targets"]].to_numpy().tolist() == [
        [1, "mean-single", 4],
        [1, "nearest-1", 4],
        [3, "all-others", 4],
    ]
    np.testing.assert_allclose(zero["score"], [0.415, 0.34, 0.58])
    assert zero["one_source"].fillna("").tolist() == ["", "mean-single", "mean-single"]
    assert sizes[sizes["shots"] == 10]["one_source"].fillna("").tolist() == ["", "nearest-1"]


def test_without_several_sources_there_is_one_row_with_a_note(evidence):
    scores = evidence.scores[~evidence.scores["sources"].str.contains("+", regex=False)]
    alone = Evidence(scores, evidence.features)
    for tabulate in (
        tabulate_multi_source,
        tabulate_multi_source_means,
        tabulate_multi_source_areas,
        tabulate_multi_source_sizes,
    ):
        (only,) = tabulate(alone).to_dict("records")
        assert (only["task"], only["model"], only["note"]) == ("ner", "mini", NOTHING_TO_COMPARE)
        assert pd.isna(only["score"] if "score" in only else only["area"])


def test_a_table_without_syntax_has_no_source_predicted_best(evidence):
    bare = Evidence(evidence.scores, evidence.features[["source", "target"]].assign(other=1.0))
    table = tabulate_multi_source(bare)
    assert "nearest-1" not in set(table["arm"])
    assert table["difference"].isna().all()
    assert set(tabulate_multi_source_means(bare)["note"]) == {"no target has a run of the predicted best source"}


def test_in_language_runs_of_several_sources_are_no_transfer(evidence):
    more = pd.DataFrame([row("de+sw", 600, "sw", 0, 0.99)], columns=SCORES)
    scores = pd.concat([evidence.scores, more], ignore_index=True)
    assert 0.99 not in set(tabulate_multi_source(Evidence(scores, evidence.features))["score"])


def test_a_run_without_seen_mentions_has_no_row_of_them(evidence):
    seen = evidence.scores.assign(metric="f1_seen")[evidence.scores["sources"] != "sw"]
    scores = pd.concat([evidence.scores, seen], ignore_index=True)
    table = tabulate_multi_source(Evidence(scores, evidence.features))
    arms = table[table["shots"] == 0].groupby("metric")["arm"].apply(set)
    assert arms["f1"] - arms["f1_seen"] == {"sw"}
    means = table[(table["arm"] == "mean-single") & (table["metric"] == "f1_seen")]
    assert means["target"].tolist() == ["sw"]  # Swahili is a single source of all other targets


def test_seeds_are_paired():
    rows = [row("en", 600, target, 0, 0.4 + 0.1 * seed, seed) for target in ("de", "sw") for seed in (1, 2, 3)]
    rows += [row("en+fi", 600, target, 0, 0.45 + 0.1 * seed, seed) for target in ("de", "sw") for seed in (1, 2)]
    table = tabulate_multi_source(Evidence(pd.DataFrame(rows, columns=SCORES), tabulate_syntax(FOUR, NEAR)))
    arm = pick(table, target="sw", arm="en+fi")
    assert (arm["n_seeds"], arm["score"], arm["baseline_score"]) == (2, pytest.approx(0.6), pytest.approx(0.6))
    assert arm["difference"] == pytest.approx(0.05)
    assert arm["note"] == "the difference is over the 2 seeds that both arms have"


def make_runs(scores: pd.DataFrame) -> pd.DataFrame:
    """Return run records: 10 words per sentence, 4 steps, best validation score for German, and the strategies."""
    rows = []
    for run in scores.itertuples():
        strategies = "all-others" if "+" in run.sources else "random-1" if run.sources == "fi" else "each"
        validation = {"de": 0.9, "en": 0.8}.get(run.sources, 0.7)
        given = [run.n + run.shots, 10 * (run.n + run.shots), np.nan, 4.0, 1.0]
        rows.append([*(getattr(run, name) for name in KEY), strategies, *given, validation])
    table = pd.DataFrame(rows, columns=[*KEY, "strategies", *GIVEN_TO_RUN, "validation"])
    return table.assign(pretraining="", **dict.fromkeys(PRETRAINED, np.nan))


def test_records_give_budgets_strategies_and_hindsight(evidence):
    scores = evidence.scores
    table = tabulate_multi_source(Evidence(scores, evidence.features, runs=make_runs(scores)))
    arm = pick(table, target="sw", shots=10, arm="all-others")
    assert [arm[name] for name in ("sentences", "words", "steps", "test_in_training")] == [610, 6100, 4, 1]
    assert np.isnan(arm["subword_tokens"])
    best = pick(table, target="sw", shots=0, arm="hindsight")
    assert (best["sources"], best["chosen_on"], best["score"]) == ("de", "the sources' validation", pytest.approx(0.33))
    assert pick(table, target="de", shots=0, arm="hindsight")["sources"] == "en"
    assert pick(table, target="de", shots=0, arm="random-1")["sources"] == "fi"
    assert "nearest-1" in set(table["arm"])


def test_counts_by_sentence_give_intervals_of_each_target(evidence):
    generator = np.random.default_rng(0)
    runs = {}
    for run in evidence.scores.itertuples():
        gold = np.full(100, 2.0)
        counts = np.stack([generator.binomial(2, run.score, 100), gold, gold])
        runs[*(getattr(run, name) for name in KEY), "ner"] = counts
    table = tabulate_multi_source(Evidence(evidence.scores, evidence.features, counts=Counts(runs)))
    compared = table[(table["difference"] != 0) & table["difference"].notna()]
    assert compared["low"].notna().all()
    inside = (compared["low"] < compared["difference"]) & (compared["difference"] < compared["high"])
    assert inside.mean() > 0.85
    again = tabulate_multi_source(Evidence(evidence.scores, evidence.features, counts=Counts(runs)))
    assert again.to_csv() == table.to_csv()


def arrange_runs(scores: pd.DataFrame, features: pd.DataFrame) -> Runs:
    (view,), _ = list_views(Evidence(scores, features))
    return view.arrange("f1", None)


def test_all_others_and_the_nearest_are_known_by_size_and_syntax(evidence):
    runs = arrange_runs(make_scores(), evidence.features)
    cells = list_cells(runs, 600, "direct", 0)
    assert {cell.sources for cell in cells if cell.arm == "all-others" and cell.target == "fi"} == {"de+en+sw"}
    more = [row("de+en", 600, "sw", 0, 0.5), row("de+fi", 600, "sw", 0, 0.5)]
    scores = pd.concat([make_scores(), pd.DataFrame(more, columns=SCORES)])
    runs = arrange_runs(scores, evidence.features)
    assert runs.strategies["sw", "de+en"] == ["nearest-2"]
    assert runs.strategies["sw", "de+fi"] == ["de+fi"]


def simulate(generator: np.random.Generator, gain: float) -> Evidence:
    """Return scores of ten targets with different means, different gains of all others, and noise."""
    syntax = {(one, other): generator.random() for one in TEN for other in TEN}
    features = tabulate_syntax(TEN, syntax)
    rows = []
    for target in TEN:
        own = features[features["target"] == target].set_index("source")["syntax"]
        level, extra = generator.normal(0.5, 0.1), generator.normal(gain, 0.03)
        rows.append(row(own.idxmax(), 600, target, 0, level + generator.normal(0, 0.02)))
        others = "+".join(code for code in TEN if code != target)
        rows.append(row(others, 600, target, 0, level + extra + generator.normal(0, 0.02)))
    return Evidence(pd.DataFrame(rows, columns=SCORES), features)


@pytest.mark.parametrize("gain", [0.0, 0.05])
def test_a_gain_is_found_with_its_size_and_none_is_claimed_where_there_is_none(gain):
    generator = np.random.default_rng(1)
    found = [pick(tabulate_multi_source_means(simulate(generator, gain)), arm="all-others") for _ in range(60)]
    claimed = np.mean([one["low"] > 0 or one["high"] < 0 for one in found])
    covered = np.mean([one["low"] <= gain <= one["high"] for one in found])
    assert np.mean([one["difference"] for one in found]) == pytest.approx(gain, abs=0.005)
    assert 0.88 <= covered <= 0.99
    assert claimed == pytest.approx(1 - covered) if gain == 0 else claimed > 0.9
