"""Correlations against closed forms, brute force and a published study."""

from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from isogloss.analysis.correlation import correlate_features, correlate_pairs, select_features
from isogloss.analysis.dyadic import permute_correlations
from isogloss.analysis.scores import COLUMNS

LANGUAGES = ["ar", "bn", "de", "en", "fi", "hi"]
OFF = ~np.eye(6, dtype=bool)


def make_scores(matrix, languages=LANGUAGES, shots=0) -> pd.DataFrame:
    """A zero-shot scores table of a matrix, with an in-language score of 1 on the diagonal."""
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


def test_pearson_and_plain_p_are_scipys_off_the_diagonal(matrices):
    score, feature = matrices
    row = correlate_features(make_scores(score), make_features(x=feature), 99, 0).iloc[0]
    r, p = stats.pearsonr(feature[OFF], score[OFF])
    assert (row["n_pairs"], row["n_languages"]) == (30, 6)
    assert row["pearson_r"] == pytest.approx(r)
    assert row["p_plain"] == pytest.approx(p)


def test_qap_agrees_with_all_permutations(matrices):
    score, feature = matrices
    r, _ = stats.pearsonr(feature[OFF], score[OFF])
    every = []
    for order in permutations(range(6)):
        moved = score[np.ix_(order, order)]
        every.append(abs(stats.pearsonr(feature[OFF], moved[OFF])[0]) >= abs(r) - 1e-12)
    found_r, found_p = permute_correlations(score, feature[None], 20000, seed=1)
    assert len(every) == 720
    assert found_r[0] == pytest.approx(r)
    assert found_p[0] == pytest.approx(np.mean(every), abs=0.01)


def test_qap_p_is_never_below_one_in_n_plus_one():
    feature = np.arange(100.0).reshape(10, 10) ** 2
    _, p = permute_correlations(feature, feature[None], 999, seed=0)
    assert p[0] == 1 / 1000


def test_qap_finds_no_effect_where_the_plain_p_does():
    """Scores that depend on the target alone: 30 pairs, but only 6 numbers."""
    target = np.tile([0.1, 0.2, 0.3, 0.7, 0.8, 0.9], (6, 1))
    other = np.tile([0.1, 0.9, 0.2, 0.6, 0.9, 0.9], (6, 1))
    row = correlate_features(make_scores(target), make_features(x=other), 5000, 0).iloc[0]
    assert row["p_plain"] < 0.001
    assert row["p_qap"] > 0.05


def test_the_same_seed_gives_the_same_table(matrices):
    score, feature = matrices
    one, other = (correlate_features(make_scores(score), make_features(x=feature), 500, 3) for _ in range(2))
    pd.testing.assert_frame_equal(one, other)


def test_what_cannot_be_computed_is_empty_with_a_reason(matrices):
    score, feature = matrices
    gappy = np.where(np.arange(36).reshape(6, 6) == 1, np.nan, feature)
    features = make_features(constant=np.ones((6, 6)), gappy=gappy, fine=feature)
    table = correlate_features(make_scores(score), features, 99, 0).set_index("feature")
    assert np.isnan(table.loc["constant", "pearson_r"])
    assert np.isnan(table.loc["constant", "p_qap"])
    assert "constant feature" in table.loc["constant", "note"]
    assert table.loc["gappy", "n_pairs"] == 29
    assert np.isfinite(table.loc["gappy", "pearson_r"])
    assert np.isnan(table.loc["gappy", "p_qap"])
    assert table.loc["gappy", "note"].startswith("no value for 1 of 30 pairs; no QAP")
    assert table.loc["fine", "permutations"] == 99
    assert table.loc["fine", "note"] == ""


def test_no_qap_on_an_incomplete_matrix_or_too_few_languages(matrices):
    score, feature = matrices
    scores = make_scores(score)
    incomplete = scores.drop(index=scores.index[1])
    row = correlate_features(incomplete, make_features(x=feature), 99, 0).iloc[0]
    assert (row["n_pairs"], row["note"]) == (29, "no QAP: the matrix is not square and complete")
    few = correlate_features(make_scores(score, LANGUAGES[:4]), make_features(LANGUAGES[:4], x=feature), 99, 0)
    assert few["note"].tolist() == ["no QAP: fewer than 5 languages"]


def test_too_few_pairs():
    pairs = pd.DataFrame({"source": ["a", "b", "c"], "target": ["b", "c", "a"], "score": [0.1, 0.2, 0.3]})
    n_pairs, n_languages, r, p, note = correlate_pairs(pairs.assign(x=[1, 2, 4]), "x")
    assert (n_pairs, n_languages, note) == (3, 3, "fewer than 4 pairs")
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
    row = correlate_features(scores, features, 999, 0).iloc[0]
    assert (row["n_pairs"], row["n_languages"]) == (everything.sum(), 9)
    assert row["pearson_r"] == pytest.approx(published, abs=5e-5)
    assert row["p_plain"] < row["p_qap"] < 0.05
