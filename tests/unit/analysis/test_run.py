"""The complete analysis: its output files, byte-for-byte reproducibility, and the summary."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from isogloss.analysis.contents import STATISTICS
from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.languages import Languages, OwnLanguage
from isogloss.analysis.data.matrices import tabulate_matrices
from isogloss.analysis.data.scores import COLUMNS
from isogloss.analysis.run import analyse
from isogloss.common.errors import UserError

TEN = ["ar", "bn", "de", "en", "es", "fi", "hi", "id", "ru", "sw"]
LATIN = {"de", "en", "es", "fi", "id", "sw"}
PRIMARY = {"task": "ner", "model": "mini", "shots": 0, "feature": "similarity"}
NOTICE = "A synthetic demonstration."


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Analyse scores of 0.5 within the Latin script and 0.3 otherwise, and 0.2 more with 20 shots."""
    folder = tmp_path_factory.mktemp("analysis")
    rows, pairs = [], []
    for source in TEN:
        for target in TEN:
            latin = {source, target} <= LATIN
            score = 0.5 if latin else 0.3
            key = ["ner", "mini", source, 600, target, "ner"]
            if source == target:
                rows += [[*key, 0, "direct", 1, "f1", 0.8], [*key, 0, "direct", 1, "f1_seen", 0.9]]
                rows += [[*key, 0, "direct", 1, "f1_unseen", 0.7]]
            else:
                rows += [[*key, 0, "direct", 1, "f1", score], [*key, 20, "sequential", 1, "f1", score + 0.2]]
                pairs.append((source, target, float(latin) + 0.01 * len(pairs) / 90))
    rows += [["ner", "mini", "none", 0, target, "ner", 20, "sequential", 1, "f1", 0.1] for target in TEN]
    pd.DataFrame(rows, columns=COLUMNS).to_csv(folder / "scores.csv", index=False)
    features = pd.DataFrame(pairs, columns=["source", "target", "similarity"])
    features.to_csv(folder / "features.csv", index=False)
    for name in ("one", "other"):
        analyse(folder / "scores.csv", features, folder / name, 199, 0, PRIMARY, NOTICE)
    return folder


def test_the_same_input_gives_the_same_bytes(folder):
    for name in (*(f"{name}.csv" for name in STATISTICS), "summary.md"):
        assert (folder / "one" / name).read_bytes() == (folder / "other" / name).read_bytes()


def test_the_workflow_declares_every_table(folder):
    assert {f"{name}.csv" for name in STATISTICS} == {path.name for path in (folder / "one").glob("*.csv")}
    assert len(STATISTICS) == 17 and all(one.caption.read_text(encoding="utf-8") for one in STATISTICS.own.values())


def test_no_permutation_is_refused(folder, tmp_path):
    features = pd.DataFrame({"source": ["en"], "target": ["de"], "other": [1.0]})
    message = r"^--permutations: 0 permutations give no p-value; set it to 1 or more"
    with pytest.raises(UserError, match=message) as refused:
        analyse(folder / "scores.csv", features, tmp_path / "out", 0)
    assert "\n" not in str(refused.value) and not (tmp_path / "out").exists()


def test_one_thread_of_blas_is_used(folder, tmp_path, monkeypatch):
    """Several threads slow down small systems many times; the limit overrides the caller's setting."""
    seen = []

    def look(evidence):
        seen.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return pd.DataFrame(columns=["note"])

    monkeypatch.setattr("isogloss.analysis.pairs.checks.tabulate_checks", look)
    with threadpool_limits(2):
        analyse(folder / "scores.csv", pd.read_csv(folder / "features.csv"), tmp_path, 9)
    assert seen and set(seen) == {1}


PACKAGE = """
from pathlib import Path
import pandas as pd
from isogloss.analysis import Statistic

def count_cells(evidence):
    return pd.DataFrame({"cells": [len(evidence.scores)]})

ENTRY = Statistic("toy_statistics:count_cells", Path(__file__).with_name("cells.rst"))
"""


@pytest.fixture
def small(tmp_path) -> tuple[Path, pd.DataFrame]:
    """Return scores of six language pairs, in the short form, and one feature of these pairs."""
    pairs = [(one, other) for one in ("de", "en", "fi") for other in ("de", "en", "fi") if one != other]
    rows = [f"{one},{other},0.{place + 1}" for place, (one, other) in enumerate(pairs)]
    (tmp_path / "scores.csv").write_text("\n".join(["source,target,score", *rows]) + "\n")
    features = pd.DataFrame(pairs, columns=["source", "target"]).assign(other=[0.1, 0.5, 0.2, 0.4, 0.3, 0.9])
    return tmp_path / "scores.csv", features


def test_a_statistic_of_a_package_is_computed_where_it_is_named(small, tmp_path, monkeypatch):
    described = tmp_path / "site" / "toy_statistics-1.0.dist-info"
    described.mkdir(parents=True)
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-statistics\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text("[isogloss.statistics]\ncells = toy_statistics:ENTRY\n")
    (described.parent / "toy_statistics.py").write_text(PACKAGE)
    monkeypatch.syspath_prepend(described.parent)
    analyse(*small, tmp_path / "without", 9)
    assert not (tmp_path / "without" / "cells.csv").exists()
    analyse(*small, tmp_path / "out", 9, statistics=["cells"])
    assert (tmp_path / "out" / "cells.csv").read_text() == "cells\n6\n"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cells", r"^unknown statistic 'cells'; choose from matrices checks correlations "),
        (
            "scores",
            r"^statistic 'scores': scores.csv cannot be the name of a table; rename the statistic in its package$",
        ),
        ("a/b", r"^statistic 'a/b': a/b.csv cannot be the name of a table; rename the statistic in its package$"),
    ],
)
def test_a_statistic_that_cannot_be_used_is_refused(small, tmp_path, name, said):
    with pytest.raises(UserError, match=said):
        analyse(*small, tmp_path / "out", 9, statistics=[name])
    assert not (tmp_path / "out").exists()


def test_matrices_hold_every_cell(folder):
    table = pd.read_csv(folder / "one" / "matrices.csv", keep_default_na=False)
    assert table.groupby(["shots", "kind"]).size().to_dict() == {
        (0, "in-language"): 10,
        (0, "transfer"): 90,
        (20, "in-language"): 10,
        (20, "none"): 10,
        (20, "transfer"): 90,
    }


def test_a_cell_has_its_mean_and_its_spread_over_seeds():
    """Three seeds with scores 0.2, 0.3 and 0.7 have a mean of 0.4 and a standard deviation of sqrt(0.14 / 2)."""
    rows = [["ner", "mini", "en", 600, "de", "ner", 0, "direct", seed, "f1", 0.1 * seed] for seed in (2, 3, 7)]
    rows += [["ner", "mini", "de", 600, "en", "ner", 0, "direct", 2, "f1", 0.5]]
    rows += [["ner", "mini", "none", 0, "de", "ner", 0, "direct", seed, "f1", 0.25] for seed in (2, 3)]
    table = tabulate_matrices(Evidence(pd.DataFrame(rows, columns=COLUMNS)))
    assert table["source"].tolist() == ["de", "en", "none"]
    assert table["seeds"].tolist() == [1, 3, 2]
    np.testing.assert_allclose(table["score"], [0.5, 0.4, 0.25])
    np.testing.assert_allclose(table["deviation"], [np.nan, 0.07**0.5, 0])


def test_correlations_of_each_number_of_shots(folder):
    table = pd.read_csv(folder / "one" / "correlations.csv")
    assert table["shots"].tolist() == [0] * 3 + [20] * 3
    assert table["transform"].tolist() == ["raw", "double-centred", "within-target"] * 2
    assert table["n_pairs"].tolist() == [90] * 6
    assert (table["pearson_r"] > 0.95).all()
    np.testing.assert_allclose(table["p_qap"], 1 / 200)


def test_summary_says_what_the_tables_hold(folder):
    summary = (folder / "one" / "summary.md").read_text(encoding="utf-8")
    assert summary.index(NOTICE) < summary.index("The declared hypothesis") < summary.index("## ner, mini")
    assert "over 90 pairs of 10 languages [correlations.n_pairs, correlations.n_languages]" in summary
    assert "QAP p = 0.0050 [correlations.p_qap] from 199 permutations of the languages" in summary
    assert "A plain p treats pairs as independent, which they are not." in summary
    assert "In-language F1, 600 training sentences: the mean is 0.800 [matrices.score] over 10 languages" in summary
    zero_shot = "Zero-shot, n = 600: the mean F1 is 0.367 [matrices.score] over 90 pairs. Without English, it is 0.356"
    assert f"{zero_shot} (72 cells). The mean is 0.500 within a script (30 pairs)" in summary
    assert "over 10 languages (0.800 to 0.800). Without English, it is 0.800 (9 cells)." in summary
    assert " and 0.300 across scripts (60 pairs)" in summary
    assert "20 shots, sequential, n = 600: the mean F1 is 0.567 [matrices.score]" in summary
    assert "Target-only runs (no source) have a mean of 0.100 (10 targets)" in summary
    assert (
        "In-language F1 on mentions seen in training: the mean is 0.900 [scores.score, f1_seen] over 10 runs" in summary
    )


def test_percentages_give_what_shares_give(folder, tmp_path):
    scores = pd.read_csv(folder / "scores.csv")
    scores.assign(score=scores["score"] * 100).to_csv(tmp_path / "percent.csv", index=False)
    features = pd.DataFrame({"source": ["en"], "target": ["de"], "other": [1.0]})
    for path, scale in ((folder / "scores.csv", "unit"), (tmp_path / "percent.csv", "percent")):
        analyse(path, features, tmp_path / path.stem, 9, 0, scale=scale)
    for name in ("matrices.csv", "correlations.csv", "checks.csv"):
        assert (tmp_path / "scores" / name).read_bytes() == (tmp_path / "percent" / name).read_bytes()


def test_features_of_other_languages_are_refused(folder, tmp_path):
    features = pd.DataFrame({"source": ["eng"], "target": ["deu"], "other": [1.0]})
    message = (
        r"scores.csv: no language pair has both a score and features: the scores have ar,bn, the features have eng,deu"
    )
    with pytest.raises(UserError, match=message):
        analyse(folder / "scores.csv", features, tmp_path, 9)


def test_a_hypothesis_that_the_tables_lack_is_said(folder, tmp_path):
    features = pd.DataFrame({"source": ["en"], "target": ["de"], "other": [1.0]})
    analyse(folder / "scores.csv", features, tmp_path, 9, 0, PRIMARY)
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert "**Inconclusive**: the tables contain no such correlation." in summary


def test_scores_without_a_scale_give_the_same_statistics(folder, tmp_path):
    scores = pd.read_csv(folder / "scores.csv")
    scores.assign(score=(scores["score"] * 64).mask(scores.index == 0)).to_csv(tmp_path / "none.csv", index=False)
    scores[1:].to_csv(tmp_path / "unit.csv", index=False)
    features = pd.read_csv(folder / "features.csv")
    own = Languages({code: OwnLanguage(script="Latin" if code in LATIN else "Own") for code in TEN})
    for scale in ("unit", "none"):
        analyse(tmp_path / f"{scale}.csv", features, tmp_path / scale, 9, 0, scale=scale, languages=own)
    for name in ("correlations", "differences", "ranking", "variance", "matrices"):
        unit, none = (pd.read_csv(tmp_path / scale / f"{name}.csv") for scale in ("unit", "none"))
        scaled = [column for column in ("score", "mean", "sd", "deviation") if column in unit and name != "ranking"]
        scaled += [column for column in unit if name == "ranking" and column.startswith("regret")]
        scaled += [column for column in unit if column.startswith("sd_")]
        shared = [column for column in unit if column not in scaled and not column.startswith("component_")]
        pd.testing.assert_frame_equal(unit[shared], none[shared], atol=1e-4)
        pd.testing.assert_frame_equal(unit[scaled] * 64, none[scaled], atol=1e-3, rtol=1e-4)
    checks = pd.read_csv(tmp_path / "none" / "checks.csv")
    assert checks.loc[checks["check"] == "row without a score", "count"].tolist() == [1]
    summary = (tmp_path / "none" / "summary.md").read_text(encoding="utf-8")
    assert "The mean is 28.343 within a script (42 pairs) and 19.200 across scripts (48 pairs)" in summary
    with pytest.raises(UserError, match=r"^--sentences: its counts give scores from 0 to 1"):
        analyse(folder / "scores.csv", features, tmp_path / "x", 9, 0, sentences="sentences.parquet", scale="none")


def test_an_analysis_of_two_languages_says_why_its_cells_are_empty(tmp_path):
    (tmp_path / "two.csv").write_text("source,target,score\nen,de,0.5\nde,en,0.6\nen,en,0.9\n", encoding="utf-8")
    features = pd.DataFrame({"source": ["en", "de"], "target": ["de", "en"], "x": [1.0, 1.0]})
    analyse(tmp_path / "two.csv", features, tmp_path / "out", 9, 0)
    checks = pd.read_csv(tmp_path / "out" / "checks.csv")
    assert "few languages" in set(checks["check"])
    for name, column in (("correlations", "p_qap"), ("regression", "coefficient"), ("ranking", "ndcg_at_3")):
        table = pd.read_csv(tmp_path / "out" / f"{name}.csv")
        assert table[column].isna().all() and table["note"].notna().all(), name


def test_languages_of_the_user_can_be_analysed_without_features(tmp_path):
    cells = [(one, other) for one in "abcdef" for other in "abcdef"]
    lines = [
        "source,target,score",
        *(f"x{one},x{other},{0.1 + 0.01 * place}" for place, (one, other) in enumerate(cells)),
    ]
    (tmp_path / "six.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    own = Languages({f"x{one}": OwnLanguage(script="Latin" if one < "c" else "Runic") for one in "abcdef"})
    features = pd.DataFrame(columns=["source", "target"])
    analyse(tmp_path / "six.csv", features, tmp_path / "out", 9, 0, languages=own)
    assert pd.read_csv(tmp_path / "out" / "correlations.csv").empty
    assert pd.read_csv(tmp_path / "out" / "ranking.csv")["ndcg_at_3"].notna().any()
    summary = (tmp_path / "out" / "summary.md").read_text(encoding="utf-8")
    assert "**inconclusive**: no feature was tested ([correlations.note]: no features)" in summary
    assert "within a script (14 pairs)" in summary
