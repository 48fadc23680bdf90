"""summary.md: every cited number is in the column it cites; verdicts follow from intervals, tests and counts."""

import re

import numpy as np
import pandas as pd
import pytest
from squares import TEN, draw_dyadic, tabulate_features, tabulate_scores

from isogloss.analysis.contents import STATISTICS
from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.files.score_table import read_scores
from isogloss.analysis.run import analyse
from isogloss.analysis.summary.associations import report_features, report_regression
from isogloss.analysis.summary.choices import report_ranking
from isogloss.analysis.summary.few_shots import report_few_shots
from isogloss.analysis.summary.hypothesis import report_claim, report_primary
from isogloss.analysis.summary.page import compose_summary
from isogloss.analysis.summary.spread import report_spread
from isogloss.runs.traits import describe_features

PRIMARY = {"task": "ner", "model": "mini", "shots": 0, "feature": "syntax"}
WAY = {"task": "ner", "model": "mini", "test_corpus": "ner", "n": 600, "adaptation": "direct", "shots": 0}


def make_study(generator: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return scores of two models, three seeds, at 0 and 20 shots; syntax has an effect, lexical overlap is noise."""
    syntax, overlap = (draw_dyadic(generator, 10, share=0.1) for _ in range(2))
    parts = []
    for model, weight in (("mini", 0.08), ("crf", 0.04)):
        base = 0.4 + 0.03 * draw_dyadic(generator, 10) + weight * syntax
        for shots, gain in ((0, 0.0), (20, 0.15)):
            seeds = [np.clip(base + gain + generator.normal(0, 0.01, (10, 10)), 0, 1) for _ in range(3)]
            part = tabulate_scores(np.stack(seeds), TEN).assign(model=model, shots=shots)
            part["adaptation"] = "sequential" if shots else "direct"
            parts.append(part if not shots else part[part["sources"] != part["target"]])
    return pd.concat(parts), tabulate_features(TEN, syntax=syntax, phonology=overlap.T, overlap_target=overlap)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("summary")
    scores, features = make_study(np.random.default_rng(5))
    scores.to_csv(folder / "scores.csv", index=False)
    analyse(folder / "scores.csv", features, folder, 999, 0, PRIMARY, traits=describe_features(features))
    return folder


@pytest.fixture(scope="module")
def tables(folder) -> dict[str, pd.DataFrame]:
    read = {name: pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values=[""]) for name in STATISTICS}
    for table in read.values():
        for column in {"note", "with_proxy"} & {*table.columns}:
            table[column] = table[column].astype(object).fillna("")
    return read


def test_every_number_is_in_the_column_that_it_names(folder, tables):
    """The column contains each number before [table.column]. Means and counts over rows are not checked."""
    summary = (folder / "summary.md").read_text(encoding="utf-8")
    summary = summary[summary.index("## ") :]
    cited = re.findall(r"(< )?(-?[\d.]+)(%?) \[(\w+)\.(\w+)\]", summary)
    checked = 0
    for below, number, percent, table, column in cited:
        counted = column.startswith("p_") and number.isdigit()
        if counted or table in ("matrices", "scores") or (table, column) == ("few_shot", "slope"):
            continue
        values = tables[table][column].dropna().astype(float) * (100 if percent else 1)
        half = 0.5 * 10.0 ** -len(number.partition(".")[2]) + 1e-5
        there = values < float(number) if below else np.abs(values - float(number)) <= half
        assert there.any(), (number, table, column)
        checked += 1
    assert checked > 60


def test_the_whole_stands_in_order(folder):
    summary = (folder / "summary.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## (.*)$", summary, re.MULTILINE)
    assert heads == ["The declared hypothesis", "The claim under test", "ner, crf", "ner, mini"]
    parts = re.findall(r"^\*\*(.*)\.\*\*$", summary[summary.index("## ner, mini") :], re.MULTILINE)
    assert parts == [
        "Scores",
        "Source and target effects",
        "Association with single features",
        "Association with all features together",
        "Prediction for unseen languages",
        "Choice of a source",
        "Proxies",
        "Few shots",
    ]
    assert "**supported**. r = " in summary
    assert "be told" not in summary and "nan" not in summary


def test_the_same_tables_give_the_same_words(folder, tables):
    evidence = Evidence(read_scores(folder / "scores.csv"), primary=PRIMARY)
    one, other = (compose_summary(tables, evidence) for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"p_qap": 0.003, "low": 0.1, "high": 0.6}, "**supported**. r = "),
        ({"p_qap": 0.3, "low": -0.1, "high": 0.4}, "**not supported**. r = "),
        (
            {"p_qap": 0.04, "low": -0.01, "high": 0.6},
            "**inconclusive**: the permutation test and the interval disagree.",
        ),
        ({"p_qap": np.nan, "note": "no QAP: fewer than 5 languages"}, "**inconclusive**: no test was possible"),
    ],
)
def test_what_becomes_of_the_declared_hypothesis(tables, changes, verdict):
    own = tables["correlations"].copy()
    for column, value in changes.items():
        own[column] = value
    lines = list(report_primary({**tables, "correlations": own}, PRIMARY))
    assert lines[1].startswith(f"- Zero-shot, n = 600, raw scores: {verdict}")


def test_a_wide_interval_is_said_to_be_wide(tables):
    own = tables["correlations"].assign(p_qap=0.4, low=-0.3, high=0.55)
    lines = list(report_primary({**tables, "correlations": own}, PRIMARY))
    assert (
        "The interval does not rule out a correlation of 0.5 or more in size: there are too few languages." in lines[1]
    )


def test_no_declared_hypothesis_and_one_that_no_table_has(tables):
    (line,) = report_primary(tables, None)
    assert line.startswith("No hypothesis was declared. Each test below is one of many")
    (line,) = report_primary(tables, {**PRIMARY, "feature": "absent"})
    assert line.endswith("**Inconclusive**: the tables contain no such correlation.")


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [
        ([(0.1, 0.5), (0.1, 0.5)], "**supported**"),
        ([(0.1, 0.5), (-0.1, 0.5)], "**supported in part**"),
        ([(-0.1, 0.5), (-0.1, 0.5)], "**not supported**"),
        ([(-0.5, -0.1), (-0.5, -0.1)], "**not supported**: the opposite holds"),
        ([(-0.5, -0.1), (-0.1, 0.5)], "**not supported**: in part, the opposite holds"),
    ],
)
def test_the_claim_follows_from_the_intervals_of_the_differences(tables, ends, verdict):
    own = tables["differences"].query("model == 'mini' and shots == 0 and transform == 'raw' and claim == 'yes'").copy()
    assert own[["feature", "other"]].to_numpy().tolist() == [
        ["syntax", "overlap_target"],
        ["phonology", "overlap_target"],
    ]
    own[["low", "high"]] = ends
    first, *rest = report_claim({"differences": own}, {})
    assert first.startswith(f"- ner, mini, zero-shot, n = 600: {verdict}. Of 2 comparisons")
    assert len(rest) == 2 and rest[0].startswith("  - syntax (r = ")


def test_the_claim_cannot_be_told_without_overlap(tables):
    (line,) = report_claim({"differences": tables["differences"].assign(claim="no")}, {})
    assert line.startswith("**Inconclusive**: these data do not allow the comparison.")


def test_one_seed_has_no_reliability(tables):
    own = tables["variance"].assign(share_seed=np.nan, reliability=np.nan, n_seeds=1)
    lines = list(report_spread({"variance": own}, WAY, False))
    assert lines[0].endswith(" This part includes the noise of the single seed.")
    assert lines[1].endswith("the reliability of the scores could not be estimated: one seed [variance.n_seeds].")


def test_too_few_permutations_leave_nothing_to_be_told(tables):
    own = tables["correlations"].assign(permutations=20, tests=4, p_holm=0.2, p_bh=0.2)
    lines = list(report_features({**tables, "correlations": own}, WAY, False))
    verdict = "**inconclusive**: Holm correction for 4 tests requires more than 20 permutations."
    assert lines[0].startswith(f"zero-shot, n = 600, raw scores: {verdict}")
    assert list(report_features({**tables, "correlations": own}, WAY, True)) == [
        "zero-shot, n = 600: features supported after Holm correction [correlations.p_holm], with raw scores: none; "
        "with source and target effects removed: none."
    ]


def test_families_of_ten_languages_are_said_not_to_be_told_apart(tables):
    lines = list(report_regression(tables, WAY, False))
    assert lines[-1] == (
        "zero-shot, n = 600: effects of language families cannot be separated from effects of languages: "
        "fewer than 3 families have 3 languages [regression.note]."
    )


@pytest.mark.parametrize(
    ("best", "words"),
    [
        (
            (0.9, 0.8, 0.95),
            "**supported**: syntax ranks sources better than the best baseline, but it was selected as ",
        ),
        ((0.9, 0.5, 0.95), "**inconclusive**: the intervals of the best ranker and the best baseline overlap."),
        ((0.3, 0.2, 0.35), "**not supported**: no feature or model of features ranks sources better than the best "),
    ],
)
def test_a_ranker_is_held_against_the_best_baseline(tables, best, words):
    own = tables["ranking"].query("ranker in ['random', 'English', 'syntax']").copy()
    columns = ["ndcg_at_3", "ndcg_low", "ndcg_high"]
    own.loc[own["kind"] == "baseline", columns] = [0.4, 0.3, 0.6]
    own.loc[own["ranker"] == "syntax", columns] = best
    line, english = report_ranking({**tables, "ranking": own}, WAY, False)
    assert line.startswith(f"zero-shot, n = 600: {words}")
    assert english.startswith("zero-shot, n = 600: English as the source for every target scores ")


def test_two_numbers_of_shots_choose_no_law(tables):
    lines = list(report_few_shots(tables, {"task": "ner", "model": "mini", "test_corpus": "ner"}))
    assert "**inconclusive**: no law can be chosen from 2 numbers of shots [laws.n_sizes]. " in lines[1]
    assert lines[1].endswith("A comparison of laws requires 5.")
    assert "The interval is above 0 for 10 of 10 targets [few_shot.slope_low]" in lines[0]
