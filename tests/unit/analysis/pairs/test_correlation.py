"""Correlations: comparison with scipy, statsmodels, closed forms and a published study; empty cells and their notes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.pairs import select_features
from isogloss.analysis.data.scores import COLUMNS
from isogloss.analysis.pairs.correlation import correlate_pairs, tabulate_correlations
from isogloss.analysis.statistics.transforms import DOUBLE_CENTRED, RAW, TRANSFORMS, WITHIN_TARGET

LANGUAGES = ["ar", "bn", "de", "en", "fi", "hi"]
OFF = ~np.eye(6, dtype=bool)


def make_scores(matrix, languages=LANGUAGES, shots=0) -> pd.DataFrame:
    """Return a scores table of a matrix, with in-language scores of 1 on the diagonal; by default zero-shot."""
    rows = []
    for i, source in enumerate(languages):
        for j, target in enumerate(languages):
            score = 1.0 if i == j else matrix[i, j]
            rows.append(["ner", "mini", source, 600, target, "ner", shots, "direct", 1, "f1", score])
    return pd.DataFrame(rows, columns=COLUMNS)


def make_features(languages=LANGUAGES, **matrices) -> pd.DataFrame:
    pairs = [(i, j) for i in range(len(languages)) for j in range(len(languages)) if i != j]
    table = pd.DataFrame([(languages[i], languages[j]) for i, j in pairs], columns=["source", "target"])
    return table.assign(**{name: [matrix[i, j] for i, j in pairs] for name, matrix in matrices.items()})


@pytest.fixture
def matrices():
    generator = np.random.default_rng(7)
    feature = generator.random((6, 6))
    return np.clip(0.5 * feature + 0.3 * generator.random((6, 6)), 0, 1), feature


def tabulate(scores, features, permutations=99, primary=None) -> pd.DataFrame:
    return tabulate_correlations(Evidence(scores, features, permutations, 0, primary))


def test_raw_correlations_and_their_plain_p_are_scipys_off_the_diagonal(matrices):
    score, feature = matrices
    rounded = feature.round(1)
    row = tabulate(make_scores(score), make_features(x=rounded)).iloc[0]
    assert (row["transform"], row["n_pairs"], row["n_languages"]) == (RAW, 30, 6)
    assert (row["pearson_r"], row["p_plain"]) == pytest.approx(stats.pearsonr(rounded[OFF], score[OFF]))
    spearman = stats.spearmanr(rounded[OFF], score[OFF])
    assert (row["spearman_r"], row["spearman_p_plain"]) == pytest.approx((spearman.statistic, spearman.pvalue))
    assert (row["qap_r"], row["qap_languages"], row["qap_pairs"]) == (pytest.approx(row["pearson_r"]), 6, 30)
    assert row["low"] < row["pearson_r"] < row["high"]
    assert row["spearman_low"] < row["spearman_r"] < row["spearman_high"]


@pytest.mark.parametrize("complete", [True, False])
def test_transformed_correlations_are_those_of_a_regression_with_effects(matrices, complete):
    """The plain p is the p of the feature in score ~ source + target + feature, or score ~ target + feature."""
    score, feature = matrices
    scores = make_scores(score)
    there = OFF.copy()
    if not complete:
        there[0, 1] = there[4, 2] = False
        gaps = [(LANGUAGES[0], LANGUAGES[1]), (LANGUAGES[4], LANGUAGES[2])]
        scores = scores[[pair not in gaps for pair in zip(scores["sources"], scores["target"], strict=True)]]
    table = tabulate(scores, make_features(x=feature)).set_index("transform")
    rows, columns = np.nonzero(there)
    eye = np.eye(6)
    for name, effects in (
        (DOUBLE_CENTRED, np.hstack([eye[rows], eye[columns][:, 1:]])),
        (WITHIN_TARGET, eye[columns]),
    ):
        fitted = sm.OLS(score[there], np.column_stack([effects, feature[there]])).fit()
        t, freedom = fitted.tvalues[-1], fitted.df_resid
        assert table.loc[name, "pearson_r"] == pytest.approx(t / np.sqrt(t**2 + freedom), abs=1e-7)
        assert table.loc[name, "p_plain"] == pytest.approx(fitted.pvalues[-1], abs=1e-7)
    assert table["note"].nunique() == 1
    assert complete == (table.loc[RAW, "note"] == "")


def test_qap_finds_no_effect_where_the_plain_p_does():
    """Scores depend only on the target: 30 pairs have only 6 different values, and none differ within targets."""
    target = np.tile([0.1, 0.2, 0.3, 0.7, 0.8, 0.9], (6, 1))
    other = np.tile([0.1, 0.9, 0.2, 0.6, 0.9, 0.9], (6, 1))
    table = tabulate(make_scores(target), make_features(x=other), 5000).set_index("transform")
    assert table.loc[RAW, "p_plain"] < 0.001
    assert table.loc[RAW, "p_qap"] > 0.05
    for name in (DOUBLE_CENTRED, WITHIN_TARGET):
        assert table.loc[name, ["pearson_r", "spearman_r", "p_qap", "low"]].isna().all()
        note = f"no correlation: the feature or the scores are constant after the {name} transform"
        assert table.loc[name, "note"] == note
        assert table.loc[name, "permutations"] == 0


def test_the_same_seed_gives_the_same_table(matrices):
    score, feature = matrices
    one, other = (tabulate(make_scores(score), make_features(x=feature), 500) for _ in range(2))
    pd.testing.assert_frame_equal(one, other)


def test_rows_stand_by_transform_then_feature(matrices):
    score, feature = matrices
    table = tabulate(make_scores(score), make_features(b=feature, a=feature.T), 9)
    assert table["transform"].tolist() == [name for name in TRANSFORMS for _ in range(2)]
    assert table["feature"].tolist() == ["b", "a"] * 3


def test_what_cannot_be_computed_is_empty_with_a_reason(matrices):
    score, feature = matrices
    gappy = np.where(np.arange(36).reshape(6, 6) == 1, np.nan, feature)
    features = make_features(constant=np.ones((6, 6)), gappy=gappy, fine=feature)
    table = tabulate(make_scores(score), features)
    table = table[table["transform"] == RAW].set_index("feature")
    assert table.loc["constant", ["pearson_r", "p_plain", "p_qap", "p_holm", "low", "spearman_r"]].isna().all()
    assert table.loc["constant", ["note", "permutations"]].tolist() == ["no correlation: the feature is constant", 0]
    assert table.loc["gappy", ["n_pairs", "qap_pairs", "permutations"]].tolist() == [29, 29, 99]
    assert table.loc["gappy", ["pearson_r", "p_qap", "low"]].notna().all()
    assert table.loc["gappy", "note"] == (
        "1 of 30 pairs have no value of the feature; QAP is refitted for each permutation: 1 of 30 pairs are missing"
    )
    assert table.loc["fine", ["permutations", "note"]].tolist() == [99, ""]


def test_a_language_that_a_feature_lacks_is_not_permuted(matrices):
    score, feature = matrices
    feature[2], feature[:, 2] = np.nan, np.nan
    row = tabulate(make_scores(score), make_features(x=feature)).iloc[0]
    assert (row["n_pairs"], row["n_languages"], row["qap_languages"], row["qap_pairs"]) == (20, 5, 5, 20)
    assert row["note"] == "10 of 30 pairs have no value of the feature"


def test_a_rectangular_matrix_is_permuted_over_the_common_languages(matrices):
    """Languages 0 to 4 are sources and targets; language 5 is only a target."""
    score, feature = matrices
    scores = make_scores(score)
    scores = scores[scores["sources"] != LANGUAGES[5]]
    row = tabulate(scores, make_features(x=feature), 999).iloc[0]
    cells = OFF.copy()
    cells[5] = False
    assert (row["n_pairs"], row["n_languages"], row["qap_languages"], row["qap_pairs"]) == (25, 6, 5, 20)
    assert row["pearson_r"] == pytest.approx(np.corrcoef(score[cells], feature[cells])[0, 1])
    cells[:, 5] = False
    assert row["qap_r"] == pytest.approx(np.corrcoef(score[cells], feature[cells])[0, 1])
    assert row["note"] == "QAP permutes the 5 languages that are both source and target"
    few = tabulate(scores[scores["sources"].isin(LANGUAGES[:2])], make_features(x=feature)).iloc[0]
    assert np.isfinite(few["pearson_r"]) and np.isnan(few["p_qap"])
    assert few["note"].startswith("no QAP: it needs at least 5 languages that are both source and target")


def test_fewer_than_five_languages(matrices):
    score, feature = matrices
    row = tabulate(make_scores(score, LANGUAGES[:4]), make_features(LANGUAGES[:4], x=feature)).iloc[0]
    assert np.isfinite(row["pearson_r"])
    assert row[["p_qap", "low", "jackknife_low", "p_holm"]].isna().all()
    assert row["note"] == "no QAP: it needs at least 5 languages; no interval: it needs at least 5 languages"


def test_holm_and_bh_are_statsmodels_without_the_declared_test(matrices):
    """One family of tests has one task, model, number of shots and transform; here it has two values of n."""
    score, feature = matrices
    scores = pd.concat([make_scores(score), make_scores(score.T).assign(n=900)])
    features = make_features(a=feature, b=feature**3, c=feature.T, constant=np.ones((6, 6)))
    primary = {"task": "ner", "model": "mini", "shots": 0, "feature": "a"}
    table = tabulate(scores, features, 999, primary)
    assert table.groupby("transform")["primary"].apply(lambda marks: (marks == "yes").sum()).to_dict() == {
        RAW: 2,
        DOUBLE_CENTRED: 0,
        WITHIN_TARGET: 0,
    }
    for name, count in ((RAW, 4), (DOUBLE_CENTRED, 6)):
        family = table[(table["transform"] == name) & (table["primary"] == "no") & table["p_qap"].notna()]
        assert family["tests"].tolist() == [count] * count
        np.testing.assert_allclose(family["p_holm"], multipletests(family["p_qap"], method="holm")[1])
        np.testing.assert_allclose(family["p_bh"], multipletests(family["p_qap"], method="fdr_bh")[1])
    assert table.loc[table["primary"] == "yes", ["tests", "p_holm", "p_bh"]].isna().all(axis=None)


def test_too_few_pairs():
    pairs = pd.DataFrame({"source": ["a", "b", "c"], "target": ["b", "c", "a"], "score": [0.1, 0.2, 0.3]})
    n_pairs, n_languages, r, p, note = correlate_pairs(pairs.assign(x=[1, 2, 4]), "x")
    assert (n_pairs, n_languages, note) == (3, 3, "no correlation: it needs at least 4 pairs")
    assert np.isnan(r) and np.isnan(p)


def test_features_of_a_task_and_model():
    rows = [
        ("", "", "en", "de", 0.9, np.nan, np.nan, "yes"),
        ("ner", "", "en", "de", np.nan, 0.2, np.nan, ""),
        ("nli", "", "en", "de", np.nan, 0.3, np.nan, ""),
        ("ner", "mini", "en", "de", np.nan, np.nan, 0.4, ""),
    ]
    names = ["task", "model", "source", "target", "syntax", "overlap", "subword", "marker"]
    features = pd.DataFrame(rows, columns=names)
    assert select_features(features, "ner", "mini").to_dict("records") == [
        {"source": "en", "target": "de", "syntax": 0.9, "overlap": 0.2, "subword": 0.4}
    ]
    assert select_features(features, "nli", "crf").to_dict("records") == [
        {"source": "en", "target": "de", "syntax": 0.9, "overlap": 0.3}
    ]


@pytest.mark.parametrize(("counted_in", "published"), [("target", 0.7244), ("source", 0.6242)])
def test_entity_overlap_of_beukman_and_fokam(project, counted_in, published):
    """Beukman & Fokam 2023: F1 and overlap of entity tokens, nine languages without Amharic."""
    folder = Path(project).parent / "shared" / "data" / "matrices"
    if not folder.is_dir():
        pytest.skip("no published matrices beside the project")
    f1 = pd.read_csv(folder / "v20_results_base.csv", index_col=0).rename(lambda name: name.split()[0])
    f1 = f1.rename(columns=lambda name: name.split()[0])
    overlap = pd.read_csv(folder / "v50_data_all.csv", index_col=0)
    languages = sorted(set(overlap.columns) - {"amh"})
    score = f1.loc[languages, languages].to_numpy() / 100
    counts = overlap.loc[languages, languages].to_numpy(dtype=float)
    counts = counts if counted_in == "target" else counts.T
    everything = ~np.eye(9, dtype=bool)
    scores, features = make_scores(score, languages), make_features(languages, overlap=counts)
    row = tabulate(scores, features, 999).iloc[0]
    assert (row["n_pairs"], row["n_languages"]) == (everything.sum(), 9)
    assert row["pearson_r"] == pytest.approx(published, abs=5e-5)
    assert row["p_plain"] < row["p_qap"] < 0.05
