"""Both senses of pre-training: a table of arms computed by hand, detection of a planted gain, and the sentences."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from several import FOUR, NEAR, pick, tabulate_syntax
from squares import TEN

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.run_records import GIVEN_TO_RUN, KEY, PRETRAINED, Counts
from isogloss.analysis.data.scores import COLUMNS as SCORES
from isogloss.analysis.multi_source.comparison import (
    COLUMNS,
    MEANS_COLUMNS,
    tabulate_multi_source,
    tabulate_multi_source_means,
)
from isogloss.analysis.multi_source.curves import tabulate_multi_source_areas, tabulate_multi_source_sizes
from isogloss.analysis.multi_source.senses import list_views
from isogloss.analysis.run import analyse
from isogloss.figures.gallery import write_figure
from isogloss.figures.multi_source import draw_arms, draw_curves, draw_sizes
from isogloss.figures.page import Subject

# The gain of each arm over `none` at 10 shots; languages are chosen by syntax for each target.
WORTH = {"none": 0.0, "in-language": 0.05, "nearest-1": 0.02, "all-others": 0.03, "all": 0.08}
BEST = {"de": "en", "en": "de", "fi": "de", "sw": "en"}


def find_set(arm: str, target: str) -> str:
    others = "+".join(code for code in FOUR if code != target)
    return {"none": "none", "in-language": target, "nearest-1": BEST[target], "all": "+".join(FOUR)}.get(arm, others)


def row(model: str, sources: str, target: str, shots: int, score: float, seed: int = 1) -> list:
    n, way = 0 if sources == "none" else 600, "sequential" if shots else "direct"
    return ["ner", model, sources, n, target, "ner", shots, way, seed, "f1", score]


def make_arms(sources: str = "none", extra: float = 0.0) -> list[list]:
    """Return scores of five arms for four targets at 10 and 100 shots; at 100 shots, the gains are halved."""
    rows = []
    for place, target in enumerate(FOUR):
        for arm, worth in WORTH.items():
            for shots, level, share in ((10, 0.30, 1.0), (100, 0.40, 0.5)):
                score = level + 0.01 * place + share * worth + extra
                rows.append(row(f"tiny@{find_set(arm, target)}", sources, target, shots, score))
    return rows


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return Evidence(pd.DataFrame(make_arms(), columns=SCORES), tabulate_syntax(FOUR, NEAR), cases=("sw",))


def test_sets_of_pre_training_are_arms_of_one_model(evidence):
    table = tabulate_multi_source(evidence)
    assert list(table.columns) == COLUMNS
    assert set(table["model"]) == {"tiny"}
    assert set(table["sense"]) == {"self-supervised"}
    assert set(table["held"]) == {"none"}
    assert table.groupby(["reference", "shots", "arm"]).size().to_dict() == {
        (reference, shots, arm): 4 for reference in ("nearest-1", "none") for shots in (10, 100) for arm in WORTH
    }
    arm = pick(table, target="sw", shots=10, arm="all", reference="nearest-1")
    assert (arm["sources"], arm["n_sources"], arm["n_labelled"], arm["budget"]) == ("de+en+fi+sw", 4, 0, "equal-total")
    assert (arm["score"], arm["baseline"], arm["difference"]) == (pytest.approx(0.41), "en", pytest.approx(0.06))
    # Without pre-training, 10 shots score 0.33 and 100 score 0.43; 0.41 is four fifths of the way on ln(1 + k).
    assert float(arm["shots_saved"]) == pytest.approx(11 * (101 / 11) ** 0.8 - 1 - 10, rel=1e-5)
    own = pick(table, target="sw", shots=10, arm="in-language", reference="none")
    assert (own["sources"], own["difference"], own["case"]) == ("sw", pytest.approx(0.05), "yes")
    assert own["shots_saved"] != ""


def test_means_are_held_against_the_nearest_and_against_none(evidence):
    means = tabulate_multi_source_means(evidence)
    assert list(means.columns) == MEANS_COLUMNS
    for reference, base in (("nearest-1", 0.02), ("none", 0.0)):
        for arm, worth in WORTH.items():
            found = pick(means, shots=100, arm=arm, reference=reference)
            if arm == reference:
                assert (found["note"], found["n_same"]) == ("reference arm", 4)
            else:
                assert found["difference"] == pytest.approx((worth - base) / 2)
                assert (found["n_targets"], found["low"]) == (4, pytest.approx(found["high"]))
    assert pick(means, shots=10, arm="all-others", reference="none")["n_sources"] == "3"


def test_curves_and_numbers_of_languages(evidence):
    areas = tabulate_multi_source_areas(evidence)
    own = pick(areas, arm="in-language", target="sw", reference="none")
    assert (own["shots"], own["difference"]) == ("10 100", pytest.approx((0.05 + 0.025) / 2))
    sizes = tabulate_multi_source_sizes(evidence)
    ten = sizes[sizes["shots"] == 10]
    assert ten[["n_sources", "arm"]].to_numpy().tolist() == [
        [0, "none"],
        [1, "in-language"],
        [1, "nearest-1"],
        [3, "all-others"],
        [4, "all"],
    ]
    np.testing.assert_allclose(ten["score"], 0.315 + np.array([0, 0.05, 0.02, 0.03, 0.08]))
    assert ten["one_source"].dropna().unique().tolist() == ["nearest-1"]


def make_runs(scores: pd.DataFrame) -> pd.DataFrame:
    """Return run records as `isogloss runs` writes them, with the names of strategies and the tokens of the text."""
    rows = []
    for run in scores.itertuples():
        name = run.model.split("@")[1]
        arm = next(arm for arm in WORTH if find_set(arm, run.target) == name)
        arm = "nearest-1 random-1" if arm == "nearest-1" else arm
        text = [np.nan] * 5 if arm == "none" else [1000, 1000 / (4 - name.count("+")), 4 - name.count("+"), 60, 2]
        given = [run.shots, 5 * run.shots, 9 * run.shots, 12, 0]
        key = [getattr(run, column) for column in KEY]
        rows.append([*key, "none", *given, np.nan, arm, *text])
    return pd.DataFrame(rows, columns=[*KEY, "strategies", *GIVEN_TO_RUN, "validation", "pretraining", *PRETRAINED])


def test_records_name_the_arms_and_tell_of_their_text(evidence):
    table = tabulate_multi_source(Evidence(evidence.scores, evidence.features, runs=make_runs(evidence.scores)))
    assert set(table["arm"]) == {*WORTH, "random-1"}
    arm = pick(table, target="fi", shots=10, arm="random-1", reference="none")
    assert [arm[name] for name in PRETRAINED] == [1000, 250, 4, 60, 2]
    assert [arm[name] for name in GIVEN_TO_RUN] == [10, 50, 90, 12, 0]
    assert arm["sources"] == "de"
    none = table[(table["arm"] == "none") & (table["target"] == "fi")]
    assert none[PRETRAINED].isna().all(axis=None)
    assert set(none["words"]) == {50, 500}


def test_intervals_of_a_target_are_over_the_sentences_of_its_own_models(evidence):
    generator = np.random.default_rng(0)
    runs = {}
    for run in evidence.scores.itertuples():
        gold = np.full(100, 2.0)
        key = tuple(getattr(run, column) for column in KEY)
        runs[*key, "ner"] = np.stack([generator.binomial(2, run.score, 100), gold, gold])
    table = tabulate_multi_source(Evidence(evidence.scores, evidence.features, counts=Counts(runs)))
    compared = table[table["arm"] != table["reference"]]
    assert compared["low"].notna().all() and (compared["low"] < compared["high"]).all()


def test_with_sources_too_each_sense_is_held_at_the_arms_of_the_other(evidence):
    rows = make_arms()
    for target in FOUR:
        others = "+".join(code for code in FOUR if code != target)
        for model in ("tiny@none", "tiny@" + "+".join(FOUR)):
            gain = 0.1 if model == "tiny@none" else 0.04
            for sources, more in ((BEST[target], 0.0), (others, gain)):
                rows.append(row(model, sources, target, 10, 0.5 + more + (0.2 if "+" in model else 0)))
    both = Evidence(pd.DataFrame(rows, columns=SCORES), evidence.features)
    views, without = list_views(both)
    assert without == []
    assert [(view.sense, view.held) for view in views] == [
        ("supervised", "all"),
        ("supervised", "none"),
        ("self-supervised", "all-others"),
        ("self-supervised", "nearest-1"),
        ("self-supervised", "none"),
    ]
    means = tabulate_multi_source_means(both)
    held = {"sense": "supervised", "shots": 10, "arm": "all-others"}
    assert pick(means, held="none", **held)["difference"] == pytest.approx(0.10)
    assert pick(means, held="all", **held)["difference"] == pytest.approx(0.04)
    held = {"sense": "self-supervised", "shots": 10, "arm": "all", "reference": "none"}
    assert pick(means, held="nearest-1", **held)["difference"] == pytest.approx(0.20)
    assert pick(means, held="all-others", **held)["difference"] == pytest.approx(0.14)
    assert pick(means, held="none", **held)["difference"] == pytest.approx(0.08)


@pytest.mark.parametrize("model", ["tiny@v2", "tiny@de", "@de"])
def test_a_name_with_an_at_is_no_arm_by_itself(model, evidence):
    scores = pd.DataFrame([row(model, "none", target, 10, 0.4) for target in FOUR], columns=SCORES)
    (only,) = tabulate_multi_source(Evidence(scores, evidence.features)).to_dict("records")
    assert (only["model"], only["note"]) == (model, "no run with several sources")


def simulate(generator: np.random.Generator, gain: float) -> Evidence:
    """Return scores of ten targets with different levels and different gains of the arm `all`, with noise."""
    syntax = {(one, other): generator.random() for one in TEN for other in TEN}
    features = tabulate_syntax(TEN, syntax)
    rows = []
    for target in TEN:
        own = features[features["target"] == target].set_index("source")["syntax"]
        level, extra = generator.normal(0.4, 0.1), generator.normal(gain, 0.03)
        for name, more in (("none", 0.0), (own.idxmax(), 0.0), ("+".join(sorted(TEN)), extra)):
            rows.append(row(f"tiny@{name}", "none", target, 10, level + more + generator.normal(0, 0.02)))
    return Evidence(pd.DataFrame(rows, columns=SCORES), features)


@pytest.mark.parametrize("gain", [0.0, 0.06])
def test_a_gain_is_found_with_its_size_and_none_is_claimed_where_there_is_none(gain):
    generator = np.random.default_rng(2)
    tables = [tabulate_multi_source_means(simulate(generator, gain)) for _ in range(60)]
    found = [pick(table, arm="all", reference="nearest-1") for table in tables]
    claimed = np.mean([one["low"] > 0 or one["high"] < 0 for one in found])
    covered = np.mean([one["low"] <= gain <= one["high"] for one in found])
    assert np.mean([one["difference"] for one in found]) == pytest.approx(gain, abs=0.006)
    assert 0.88 <= covered <= 1.0
    assert claimed == pytest.approx(1 - covered) if gain == 0 else claimed > 0.9


def test_the_page_and_the_figures_say_which_sense(evidence, tmp_path):
    evidence.scores.to_csv(tmp_path / "scores.csv", index=False)
    make_runs(evidence.scores).to_csv(tmp_path / "runs.csv", index=False)
    analyse(tmp_path / "scores.csv", evidence.features, tmp_path, 19, runs=tmp_path / "runs.csv", cases=["sw"])
    text = (tmp_path / "multi_source.md").read_text(encoding="utf-8")
    assert "*Pre-training* here is **self-supervised**" in text
    assert "here is **supervised**" not in text
    assert "## ner, tiny, self-supervised pre-training (sources: none)" in text
    assert "### 10 shots, sequential, no labelled sources" in text
    assert "- The predicted best language has a mean F1 of 0.335 (`score`) over 4 targets and 1 seed" in text
    assert (
        "- all: **higher** than the predicted best language, with a mean F1 of 0.395 (`score`) over 4 targets." in text
    )
    assert "The difference is +0.060 (`difference`)" in text
    assert "in-language +0.050 (95% interval +0.050 to +0.050) over 4 targets" in text
    assert "all 1,000, 1,000, 1.0, 60. Tokens and updates are equal" in text
    assert "Mean F1 by number of pre-training languages, over 4 targets" in text
    case = "- sw, 10 shots, sequential, no labelled sources. The predicted best language, en, has F1 0.350 (`score`)."
    assert case in text
    means, rows, sizes = (
        pd.read_csv(tmp_path / f"multi_source{part}.csv", keep_default_na=False, na_values=[""]).fillna({"budget": ""})
        for part in ("_means", "", "_sizes")
    )
    figure = draw_arms(means, rows, "ner, tiny, self-supervised")
    assert [axes.get_xlabel() for axes in figure.axes] == [
        "F1, difference to nearest-1",
        "F1, difference to none",
    ] * 2
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["none", "in-language", "nearest-1", "random-1", "all-others", "all"]
    legend = draw_curves(rows[rows["reference"] == "none"], "ner, tiny").legends[0].get_texts()
    assert [one.get_text() for one in legend][-1] == "no pre-training"
    assert draw_sizes(sizes, "ner, tiny").axes[0].get_xticks().tolist() == [0, 1, 3, 4]
    given = {path.name: path for path in tmp_path.glob("multi_source*.csv")}
    for part in ("arms", "curves", "sizes"):
        subject = Subject("ner", "tiny", "self-supervised", tables=given)
        write_figure(f"self-supervised-{part}", subject, tmp_path / "drawn")
    assert len(sorted((tmp_path / "drawn").glob("self-supervised-*"))) == 6


def test_the_interval_over_languages_is_student_s():
    generator = np.random.default_rng(4)
    evidence = simulate(generator, 0.02)
    scores = evidence.scores.assign(arm=[name.rpartition("@")[2] for name in evidence.scores["model"]])
    wide = scores.pivot(index="target", columns="arm", values="score")
    differences = wide["+".join(sorted(TEN))] - wide["none"]
    known = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    found = pick(tabulate_multi_source_means(evidence), arm="all", reference="none")
    assert (found["low"], found["high"]) == pytest.approx((known.low, known.high))
