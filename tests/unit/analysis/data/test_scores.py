"""The scores table: collect records, kinds of runs, matrices."""

import json

import numpy as np
import pandas as pd
import pytest

from isogloss.analysis.data.scores import (
    COLUMNS,
    Setting,
    find_main_metric,
    list_languages,
    list_settings,
    mark_kinds,
    transfer_matrix,
)
from isogloss.analysis.files.score_table import read_scores
from isogloss.common.errors import UserError
from isogloss.runs.scores import collect_scores, write_scores

HEADER = "task,model,sources,n,target,test_corpus,shots,adaptation,seed,metric,score"
ROWS = [
    "ner,mini,en,600,de,ner,0,direct,1,f1,0.4",
    "ner,mini,en,600,de,ner,0,direct,2,f1,0.6",
    "ner,mini,de,600,en,ner,0,direct,1,f1,0.3",
    "ner,mini,en,600,en,ner,0,direct,1,f1,0.9",
    "ner,mini,en,600,de,ner,20,sequential,1,f1,0.7",
    "ner,mini,en,600,de,ner,20,joint,1,f1,0.65",
    "ner,mini,none,0,de,ner,20,sequential,1,f1,0.2",
    "ner,mini,en+fi,600,de,ner,0,direct,1,f1,0.8",
    "ner,mini,de+en,600,de,ner,0,direct,1,f1,0.95",
]
ZERO = Setting("ner", "mini", "ner", 600, "direct", 0)


def write(path, *lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def scores(tmp_path) -> pd.DataFrame:
    return read_scores(write(tmp_path / "scores.csv", HEADER, *ROWS))


def write_record(folder, sources, scores):
    run = {"task": "ner", "model": "mini", "sources": sources, "n": 600, "target": "de", "test_corpus": "ner"}
    run |= {"shots": 0, "adaptation": "direct", "seed": 1}
    folder.mkdir()
    (folder / "metrics.json").write_text(json.dumps({"run": run, "scores": scores}), encoding="utf-8")
    return folder / "metrics.json"


def test_records_become_sorted_rows(tmp_path):
    records = [
        write_record(tmp_path / "a", ["fi", "en"], {"f1": 0.5, "recall": 0.25}),
        write_record(tmp_path / "b", [], {"f1": 1 / 3, "f1_seen": None}),
    ]
    table = collect_scores(records)
    assert list(table.columns) == COLUMNS
    assert table[["sources", "metric", "score"]].to_numpy().tolist() == [
        ["en+fi", "f1", 0.5],
        ["en+fi", "recall", 0.25],
        ["none", "f1", 1 / 3],
    ]
    write_scores(records, tmp_path / "one.csv")
    write_scores(records[::-1], tmp_path / "other.csv")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "other.csv").read_bytes()
    pd.testing.assert_frame_equal(read_scores(tmp_path / "one.csv"), table)


def test_scores_on_further_test_corpora_are_rows_of_their_own(tmp_path):
    path = write_record(tmp_path / "a", ["en"], {"f1": 0.5})
    record = json.loads(path.read_text(encoding="utf-8"))
    record["test_corpora"] = {"gold": {"scores": {"f1": 0.25, "f1_seen": None}, "support": {}}}
    path.write_text(json.dumps(record), encoding="utf-8")
    table = collect_scores([path])
    assert table[["test_corpus", "metric", "score"]].to_numpy().tolist() == [
        ["gold", "f1", 0.25],
        ["ner", "f1", 0.5],
    ]


def test_a_broken_record_is_named(tmp_path):
    path = write(tmp_path / "metrics.json", '{"run": {"task": "ner"}, "scores": {}}')
    with pytest.raises(UserError, match=r"metrics.json: not a record of a run \(KeyError 'sources'\)"):
        collect_scores([path])


def test_kinds_of_runs(scores):
    kinds = mark_kinds(scores).value_counts().to_dict()
    assert kinds == {"transfer": 5, "in-language": 2, "none": 1, "multi-source": 1}


def test_settings_keep_adaptations_apart(scores):
    assert [(setting.adaptation, setting.shots) for setting in list_settings(scores)] == [
        ("direct", 0),
        ("joint", 20),
        ("sequential", 20),
    ]


def test_matrix_is_the_mean_over_seeds_of_single_sources(scores):
    matrix = transfer_matrix(scores, ZERO)
    assert list(matrix.index) == ["de", "en"]
    assert matrix.loc["en", "de"] == pytest.approx(0.5)
    assert matrix.loc["en", "en"] == 0.9
    assert np.isnan(matrix.loc["de", "de"])


def test_matrix_with_shots_has_no_source_last_and_the_diagonal_of_zero_shots(scores):
    matrix = transfer_matrix(scores, Setting("ner", "mini", "ner", 600, "joint", 20))
    assert list(matrix.index) == ["en", "none"]
    assert matrix.loc["en"].to_dict() == {"de": 0.65, "en": 0.9}
    assert matrix.loc["none", "de"] == 0.2


def test_languages_and_metric(scores):
    assert list_languages(scores) == ["de", "en", "fi"]
    assert find_main_metric(scores, "ner") == "f1"
