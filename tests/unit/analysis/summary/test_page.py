"""summary.md: every number is where it is said to be, and verdicts follow from intervals, tests and counts."""

import re

import numpy as np
import pandas as pd
import pytest
from squares import TEN, draw_dyadic, tabulate_features, tabulate_scores

from isogloss.analysis.contents import STATISTICS
from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import read_scores
from isogloss.analysis.run import analyse
from isogloss.analysis.summary.associations import tell_features, tell_regression
from isogloss.analysis.summary.choices import tell_ranking
from isogloss.analysis.summary.few_shots import tell_few_shots
from isogloss.analysis.summary.hypothesis import tell_claim, tell_primary
from isogloss.analysis.summary.page import compose_summary
from isogloss.analysis.summary.spread import tell_spread
from isogloss.runs.traits import describe_features

PRIMARY = {"task": "ner", "model": "mini", "shots": 0, "feature": "syntax"}
WAY = {"task": "ner", "model": "mini", "test_corpus": "ner", "n": 600, "adaptation": "direct", "shots": 0}


def make_study(generator: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores of two models, three seeds, at 0 and 20 shots, with syntax planted and lexical overlap that is noise."""
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
    """A number before [table.column] is there; one of means or counts over rows is told by its words, and left out."""
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
        "Source and target",
        "Features",
        "Features together",
        "A language never seen",
        "Choosing a source",
        "Proxies",
        "Few shots",
    ]
    assert "**supported**. r = " in summary
    assert "not to be told" not in summary and "nan" not in summary


def test_the_same_tables_give_the_same_words(folder, tables):
    evidence = Evidence(read_scores(folder / "scores.csv"), primary=PRIMARY)
    one, other = (compose_summary(tables, evidence) for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"p_qap": 0.003, "low": 0.1, "high": 0.6}, "**supported**"),
        ({"p_qap": 0.3, "low": -0.1, "high": 0.4}, "**not supported**"),
        ({"p_qap": 0.04, "low": -0.01, "high": 0.6}, "**not supported with certainty: test and interval disagree**"),
        ({"p_qap": np.nan, "note": "no QAP: fewer than 5 languages"}, "**it cannot be told**"),
    ],
)
def test_what_becomes_of_the_declared_hypothesis(tables, changes, verdict):
    own = tables["correlations"].copy()
    for column, value in changes.items():
        own[column] = value
    lines = list(tell_primary({**tables, "correlations": own}, PRIMARY))
    assert lines[1].startswith(f"- zero-shot, n = 600: {verdict}")


def test_a_wide_interval_is_said_to_be_wide(tables):
    own = tables["correlations"].assign(p_qap=0.4, low=-0.3, high=0.55)
    lines = list(tell_primary({**tables, "correlations": own}, PRIMARY))
    assert "An effect of 0.5 or more cannot be ruled out either: the languages are too few." in lines[1]


def test_no_declared_hypothesis_and_one_that_no_table_has(tables):
    (line,) = tell_primary(tables, None)
    assert line.startswith("No hypothesis was declared, so each test below is one of many")
    (line,) = tell_primary(tables, {**PRIMARY, "feature": "absent"})
    assert line.endswith("The tables hold no such correlation, so it cannot be told.")


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [
        ([(0.1, 0.5), (0.1, 0.5)], "supported"),
        ([(0.1, 0.5), (-0.1, 0.5)], "supported in part"),
        ([(-0.1, 0.5), (-0.1, 0.5)], "not supported"),
        ([(-0.5, -0.1), (-0.5, -0.1)], "not supported: the contrary holds"),
        ([(-0.5, -0.1), (-0.1, 0.5)], "not supported, and in part the contrary holds"),
    ],
)
def test_the_claim_follows_from_the_intervals_of_the_differences(tables, ends, verdict):
    own = tables["differences"].query("model == 'mini' and shots == 0 and transform == 'raw' and claim == 'yes'").copy()
    assert own[["feature", "other"]].to_numpy().tolist() == [
        ["syntax", "overlap_target"],
        ["phonology", "overlap_target"],
    ]
    own[["low", "high"]] = ends
    first, *rest = tell_claim({"differences": own}, {})
    assert first.startswith(f"- ner, mini, zero-shot, n = 600: **{verdict}**. Of 2 comparisons")
    assert len(rest) == 2 and rest[0].startswith("  - syntax (r = ")


def test_the_claim_cannot_be_told_without_overlap(tables):
    (line,) = tell_claim({"differences": tables["differences"].assign(claim="no")}, {})
    assert line.startswith("**It cannot be told** from these data")


def test_one_seed_has_no_reliability(tables):
    own = tables["variance"].assign(share_seed=np.nan, reliability=np.nan, n_seeds=1)
    lines = list(tell_spread({"variance": own}, WAY, False))
    assert "; the noise of the single seed is part of it." in lines[0]
    assert lines[1].endswith("how reliable the scores are cannot be told from these data: one seed [variance.n_seeds].")


def test_too_few_permutations_leave_nothing_to_be_told(tables):
    own = tables["correlations"].assign(permutations=20, tests=4, p_holm=0.2, p_bh=0.2)
    lines = list(tell_features({**tables, "correlations": own}, WAY, False))
    assert lines[0].endswith("**It cannot be told** what 4 tests leave: 20 permutations are too few.")
    assert list(tell_features({**tables, "correlations": own}, WAY, True)) == [
        "zero-shot, n = 600: supported after Holm [correlations.p_holm]: as they are, none; "
        "source and target effects taken out, none."
    ]


def test_families_of_ten_languages_are_said_not_to_be_told_apart(tables):
    lines = list(tell_regression(tables, WAY, False))
    assert lines[-1] == (
        "zero-shot, n = 600: effects of families cannot be told from effects of languages: "
        "fewer than 3 families have 3 languages [regression.note]."
    )


@pytest.mark.parametrize(
    ("best", "words"),
    [
        ((0.9, 0.8, 0.95), "**Supported**, though syntax is the best of "),
        ((0.9, 0.5, 0.95), "**It cannot be told** that it ranks better: their intervals overlap."),
        ((0.3, 0.2, 0.35), "**Not supported**: no feature or model of features ranks better than the baseline."),
    ],
)
def test_a_ranker_is_held_against_the_best_baseline(tables, best, words):
    own = tables["ranking"].query("ranker in ['random', 'English', 'syntax']").copy()
    columns = ["ndcg_at_3", "ndcg_low", "ndcg_high"]
    own.loc[own["kind"] == "baseline", columns] = [0.4, 0.3, 0.6]
    own.loc[own["ranker"] == "syntax", columns] = best
    line, english = tell_ranking({**tables, "ranking": own}, WAY, False)
    assert words in line
    assert english.startswith("zero-shot, n = 600: English as the source for every target loses ")


def test_two_numbers_of_shots_choose_no_law(tables):
    lines = list(tell_few_shots(tables, {"task": "ner", "model": "mini", "test_corpus": "ner"}))
    assert (
        "from 2 numbers of shots [laws.n_sizes] **it cannot be told** by which law; a comparison takes 5." in lines[1]
    )
    assert "the interval lies above 0 for 10 of 10 targets [few_shot.slope_low]" in lines[0]
