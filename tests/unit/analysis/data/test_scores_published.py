"""Published numbers are reproduced from the published files, if these files are available."""

import importlib.util

import pandas as pd
import pytest
from studies import PROJECT

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import COLUMNS, list_settings, transfer_matrix
from isogloss.analysis.files.score_table import read_scores
from isogloss.analysis.pairs.correlation import tabulate_correlations
from isogloss.analysis.pairs.variance import tabulate_variance

FOLDER = PROJECT.parent / "shared" / "data" / "matrices"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="no published matrices beside the project")


@pytest.fixture(scope="module")
def script():
    """Return benchmarks/published_scores.py as a module."""
    spec = importlib.util.spec_from_file_location("published_scores", PROJECT / "benchmarks" / "published_scores.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_converted(table: pd.DataFrame, path) -> pd.DataFrame:
    table.to_csv(path, index=False)
    return read_scores(path)


def test_the_matrix_of_rahimi_has_targets_in_its_rows(script, tmp_path):
    scores = read_converted(script.convert_rahimi(FOLDER), tmp_path / "rahimi.csv")
    assert len(scores) == 41 * 40
    matrix = transfer_matrix(scores, list_settings(scores)[0])
    # The first row of the file has Arabic as the target: the score is 50 with Dutch and 3 with Hebrew as the source.
    assert (matrix.loc["nl", "ar"], matrix.loc["he", "ar"], matrix.loc["ar", "he"]) == (0.5, 0.03, 0.36)
    row = tabulate_variance(Evidence(scores, pd.DataFrame(), 99)).iloc[0]
    assert (row["n_pairs"], row["n_languages"]) == (1640, 41)
    assert (row["mean"], row["share_both"]) == (pytest.approx(0.4356, abs=5e-5), pytest.approx(0.7225, abs=5e-5))


@pytest.mark.parametrize(("feature", "published"), [("overlap_target", 0.7244), ("overlap_source", 0.6242)])
def test_entity_overlap_goes_with_transfer_as_beukman_and_fokam_report(script, tmp_path, feature, published):
    scores = read_converted(script.convert_beukman(FOLDER), tmp_path / "beukman.csv")
    assert len(scores) == 9 * 9 * 5
    table = tabulate_correlations(Evidence(scores, script.convert_overlap(FOLDER), 99))
    (row,) = table[(table["feature"] == feature) & (table["transform"] == "raw")].to_dict("records")
    assert (row["n_pairs"], row["n_languages"]) == (72, 9)
    assert row["pearson_r"] == pytest.approx(published, abs=1e-4)  # the published table is rounded


def test_the_means_of_rahimi_s_table_of_methods(tmp_path):
    """At most 100 sentences of each target, by method: one row without a source, in percent."""
    table = pd.read_csv(FOLDER / "table4_low_resource.csv")
    published = {"HSup": 89.2, "LSup": 62.1, "RaRe_t1": 74.3, "RaRe_t10": 77.4, "RaRe_all": 76.9, "Oracle": 71.6}
    rows = [
        ["ner", method, "none", 0, target, "ner", 100, "joint", 0, "f1", score]
        for method in published
        for target, score in zip(table["target"], table[method], strict=True)
    ]
    pd.DataFrame(rows, columns=COLUMNS).to_csv(tmp_path / "methods.csv", index=False)
    scores = read_scores(tmp_path / "methods.csv", scale="percent")
    assert len(scores) == 41 * 6
    means = scores.groupby("model")["score"].mean() * 100
    assert means.to_dict() == pytest.approx(published, abs=0.1)
