"""Joint versus sequential adaptation: numbers of a small table computed by hand, intervals, and what is left out."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from isogloss.analysis.contents import STATISTICS
from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.run_records import GIVEN_TO_RUN, KEY, PRETRAINED, Counts
from isogloss.analysis.data.scores import COLUMNS as SCORES
from isogloss.analysis.multi_source.groups import ALL_TARGETS, NOTHING_TO_COMPARE
from isogloss.analysis.multi_source.joint import COLUMNS, tabulate_multi_source_joint
from isogloss.analysis.multi_source.page import compose_multi_source
from isogloss.analysis.statistics.paired import paired_bootstrap
from isogloss.common.registry import load_part

GAINS = {"de": 0.02, "en": 0.05, "sw": 0.11}
STEPS = {"joint": 225.0, "sequential": 170.0, "direct": 150.0}


def make_scores() -> pd.DataFrame:
    """Return scores of three targets and two seeds; at 10 shots, joint is better by the gain of the target."""
    rows = []
    for target, gain in GAINS.items():
        others = [code for code in (*GAINS, "fi") if code != target]
        for seed in (1, 2):
            key = [target, "ner"]
            for sources in ("+".join(others), others[-1]):
                base = 0.40 + 0.10 * seed + 0.05 * ("+" in sources)
                for shots, way, score in ((0, "direct", 0.5), (10, "sequential", base), (10, "joint", base + gain)):
                    rows.append(["ner", "mini", sources, 600, *key, shots, way, seed, "f1", score])
                rows.append(["ner", "mini", sources, 600, *key, 100, "sequential", seed, "f1", 0.8])
            rows.append(["ner", "mini", "none", 0, *key, 10, "sequential", seed, "f1", 0.2])
            rows.append(["ner", "mini", target, 600, *key, 0, "direct", seed, "f1", 0.9])
    return pd.DataFrame(rows, columns=SCORES)


def make_evidence(scores: pd.DataFrame, **more) -> Evidence:
    pairs = [(one, other) for one in (*GAINS, "fi") for other in (*GAINS, "fi") if one != other]
    features = pd.DataFrame([(*pair, 0.5) for pair in pairs], columns=["source", "target", "syntax"])
    return Evidence(scores, features, **{"cases": ("sw",), **more})


def draw_counts(scores: pd.DataFrame) -> Counts:
    generator = np.random.default_rng(0)
    gold = np.full(200, 2.0)
    keys = {(*(getattr(run, name) for name in KEY), "ner"): run.score for run in scores.itertuples()}
    return Counts({key: np.stack([generator.binomial(2, score, 200), gold, gold]) for key, score in keys.items()})


def test_each_target_and_the_mean_by_hand():
    scores = make_scores()
    given = scores.assign(steps=scores["adaptation"].map(STEPS), validation=0.5, strategies="", pretraining="")
    given = given.assign(**dict.fromkeys([name for name in (*GIVEN_TO_RUN, *PRETRAINED) if name != "steps"], 1.0))
    table = tabulate_multi_source_joint(make_evidence(scores, runs=given))
    assert list(table.columns) == COLUMNS
    assert set(table["shots"]) == {10}  # 100 shots have one adaptation only
    assert set(table["arm"]) >= {"all-others"}
    assert not {"none", "in-language", "oracle"} & set(table["arm"])
    own = table[table["arm"] == "all-others"].set_index("target")
    assert own.index.tolist() == ["de", "en", "sw", ALL_TARGETS]
    np.testing.assert_allclose(own["difference"], [0.02, 0.05, 0.11, 0.06])
    np.testing.assert_allclose(own.loc["sw", ["score", "sequential_score"]].astype(float), [0.71, 0.60])
    assert own["case"].tolist()[:3] == ["no", "no", "yes"]
    assert (own["steps"].unique(), own["sequential_steps"].unique()) == (225, 170)
    assert own.loc["de", "n_seeds"] == 2
    exact = stats.ttest_1samp(list(GAINS.values()), 0).confidence_interval(0.95)
    np.testing.assert_allclose(own.loc[ALL_TARGETS, ["low", "high"]].astype(float), exact)
    assert own.loc[ALL_TARGETS, "detectable"] > 0


def test_the_interval_of_a_target_is_over_its_test_sentences():
    scores = make_scores()
    counts = draw_counts(scores)
    table = tabulate_multi_source_joint(make_evidence(scores, counts=counts))
    own = table[(table["arm"] == "all-others") & (table["target"] == "sw")].iloc[0]
    ways = [
        [counts.runs["ner", "mini", "de+en+fi", 600, "sw", 10, way, seed, "ner"] for seed in (1, 2)]
        for way in ("joint", "sequential")
    ]
    assert (own["low"], own["high"]) == paired_bootstrap(*ways, 0)
    assert own["low"] < own["difference"] < own["high"]


def test_seeds_are_paired_and_those_of_one_way_left_out():
    scores = make_scores()
    scores = scores[~((scores["adaptation"] == "joint") & (scores["seed"] == 2))]
    table = tabulate_multi_source_joint(make_evidence(scores))
    own = table[(table["arm"] == "all-others") & (table["target"] == "en")].iloc[0]
    assert (own["n_seeds"], own["sequential_score"]) == (1, pytest.approx(0.55))
    assert own["difference"] == pytest.approx(0.05)
    assert own["note"] == "the difference is over the 1 seeds that both adaptations have"


def test_cases_alone_have_no_mean():
    table = tabulate_multi_source_joint(make_evidence(make_scores(), cases=("de", "en", "sw")))
    assert ALL_TARGETS not in set(table["target"])
    assert set(table["target"]) == {"de", "en", "sw"}


def test_one_way_alone_gives_no_row_and_no_several_sources_a_note():
    scores = make_scores()
    assert tabulate_multi_source_joint(make_evidence(scores[scores["adaptation"] != "joint"])).empty
    single = scores[~scores["sources"].str.contains("+", regex=False)]
    assert tabulate_multi_source_joint(make_evidence(single))["note"].tolist() == [NOTHING_TO_COMPARE]


def tabulate_all(evidence) -> dict[str, pd.DataFrame]:
    """Return the tables of several sources as compose_multi_source takes them."""
    names = [name for name in STATISTICS if name.startswith("multi_source")]
    return {f"{name}.csv": load_part(STATISTICS[name].tabulate)(evidence) for name in names}


def test_the_page_says_it():
    evidence = make_evidence(make_scores(), counts=draw_counts(make_scores()))
    own = tabulate_all(evidence)
    text = compose_multi_source(own)
    section = text[text.index("### Joint versus sequential adaptation, n = 600") :].split("\n### ")[0]
    assert "- Mean over 3 targets, 10 shots: " in section
    assert "all-others +0.060 (95% interval -0.054 to +0.174)" in section
    assert "- sw, 10 shots: " in section
    assert "\n- de" not in section


@pytest.mark.parametrize("kept", ["adaptation != 'joint'", "shots == 0"])
def test_the_page_says_nothing_of_a_model_that_uses_shots_in_one_way_or_none(kept):
    for scores in (
        make_scores().query(kept),
        pd.concat([make_scores().query(kept).assign(model="maxi"), make_scores()]),
    ):
        evidence = make_evidence(scores)
        own = tabulate_all(evidence)
        models = compose_multi_source(own).split("\n## ner, ")[1:]
        said = {text[:4]: "### Joint versus sequential" in text for text in models}
        assert said == ({"mini": False} if len(models) == 1 else {"maxi": False, "mini": True})
