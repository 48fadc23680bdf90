"""The scores table: collect records, read valid files, reject invalid files, kinds of runs, matrices."""

import json

import numpy as np
import pandas as pd
import pytest

from isogloss.analysis.data.scores import (
    COLUMNS,
    Setting,
    collect_scores,
    find_main_metric,
    list_languages,
    list_settings,
    mark_kinds,
    transfer_matrix,
    write_scores,
)
from isogloss.analysis.files.score_table import read_scores
from isogloss.common.errors import UserError

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


def test_short_form(tmp_path):
    scores = read_scores(write(tmp_path / "short.csv", "source,target,score,seed", "en,de,0.5,3", "de,en,0.25,3"))
    assert scores["metric"].unique().tolist() == ["score"]
    assert scores["seed"].tolist() == [3, 3]
    assert transfer_matrix(scores, list_settings(scores)[0]).loc["de", "en"] == 0.25


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["source,target,score", "en,de,74.5"], ":2: score is 74.5, probably a percentage; add --scale percent"),
        (["source,target,score", "en,de,", "en,fi,nan"], ": all 2 scores are missing; write at least one score"),
        (["source,target,score", "en,de,0.5", "en,de,0.6"], ":3: an earlier row has the same run and metric"),
        (["source,target,points", "en,de,0.5"], "no column 'score': the file is comma-separated, with the columns"),
        ([HEADER.replace("task,", ""), ROWS[0].replace("ner,", "", 1)], "no column 'task'"),
        (["source,target,score"], "no scores below the header"),
        (["source,target,score", "", "en,de,0.5", "en,fi,much"], ":4: score is 'much', not a number in 0..1"),
        (["source,target,score", "en,de,inf"], ":2: score is 'inf'"),
        (["source,target,score", "en,de,174.5"], ":2: score is '174.5', not a number in 0..1"),
        (["source,target,score", ",de,0.5"], ":2: sources is empty; add a language code"),
        ([HEADER, ROWS[0].replace(",0,direct", ",few,direct")], ":2: shots is 'few', not a whole number"),
    ],
)
def test_bad_tables_are_refused_in_one_line(tmp_path, lines, said):
    path = write(tmp_path / "scores.csv", *lines)
    with pytest.raises(UserError) as refusal:
        read_scores(path)
    assert said in str(refusal.value)
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_percentages_are_divided_where_they_are_said_to_be_some(tmp_path):
    path = write(tmp_path / "scores.csv", "source,target,score", "en,de,74.5", "de,en,0.5")
    assert read_scores(path, scale="percent")["score"].tolist() == [0.005, 0.745]
    shares = write(tmp_path / "shares.csv", "source,target,score", "en,de,0.745")
    with pytest.raises(
        UserError, match="no score is above 1, so the scores are not percentages; remove --scale percent"
    ):
        read_scores(shares, scale="percent")
    beyond = write(tmp_path / "beyond.csv", "source,target,score", "en,de,74.5", "de,en,101")
    with pytest.raises(UserError, match=r"beyond.csv:3: score is '101', not a percentage in 0..100"):
        read_scores(beyond, scale="percent")


def test_the_short_form_keeps_what_it_gives_of_the_long_one(tmp_path):
    lines = ["source, target ,score,model,shots", "en,de,0.5,a,0", "en,de, 0.6,b,5"]
    table = read_scores(write(tmp_path / "short.csv", *lines))
    assert table[["task", "model", "shots", "score"]].to_numpy().tolist() == [
        ["unnamed", "a", 0, 0.5],
        ["unnamed", "b", 5, 0.6],
    ]


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(UserError, match=r"nowhere.csv: cannot be read"):
        read_scores(tmp_path / "nowhere.csv")
