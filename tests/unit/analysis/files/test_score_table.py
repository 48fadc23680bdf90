"""Files of scores: both forms, scales, missing scores, and what is refused in one line."""

import pytest

from isogloss.analysis.data.scores import list_settings, transfer_matrix
from isogloss.analysis.files.score_table import read_scores, read_scores_file
from isogloss.common.errors import UserError

SHORT = "source,target,score"
LONG = "task,model,sources,n,target,test_corpus,shots,adaptation,seed,metric,score"
ROW = "ner,mini,en,600,de,ner,0,direct,1,f1,0.4"


def write(path, *lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def list_cells(table):
    return list(table[["sources", "target", "score"]].itertuples(index=False, name=None))


def test_the_short_form_is_filled(tmp_path):
    scores = read_scores(write(tmp_path / "short.csv", SHORT + ",seed", "en,de,0.5,3", "de,en,0.25,3"))
    assert scores["metric"].unique().tolist() == ["score"]
    assert scores["seed"].tolist() == [3, 3]
    assert transfer_matrix(scores, list_settings(scores)[0]).loc["de", "en"] == 0.25


def test_the_short_form_keeps_what_it_gives_of_the_long_one(tmp_path):
    lines = ["source, target ,score,model,shots", "en,de,0.5,a,0", "en,de, 0.6,b,5"]
    table = read_scores(write(tmp_path / "short.csv", *lines))
    assert table[["task", "model", "shots", "score"]].to_numpy().tolist() == [
        ["unnamed", "a", 0, 0.5],
        ["unnamed", "b", 5, 0.6],
    ]


def test_source_sets_are_sorted(tmp_path):
    table = read_scores(write(tmp_path / "s.csv", SHORT, "sw + en,de,0.5", "en+sw,fi,0.25", "none,fi,0.1"))
    assert list_cells(table) == [("en+sw", "de", 0.5), ("en+sw", "fi", 0.25), ("none", "fi", 0.1)]


def test_rows_without_a_score_are_kept_apart(tmp_path):
    lines = ["en,de,0.5", "de,en,", "fi,en,-", "en,fi,NaN", "de,fi,n/a", "nan,en,0.1"]
    file = read_scores_file(write(tmp_path / "scores.csv", SHORT, *lines))
    assert list_cells(file.scores) == [("en", "de", 0.5), ("nan", "en", 0.1)]
    missing = file.missing[["sources", "target"]].to_numpy().tolist()
    assert missing == [["de", "en"], ["de", "fi"], ["en", "fi"], ["fi", "en"]]


def test_a_language_with_itself_is_not_missing_in_a_matrix(tmp_path):
    file = read_scores_file(write(tmp_path / "wide.csv", "source,de,en", "de,,0.5", "en,,"))
    assert file.missing[["sources", "target"]].to_numpy().tolist() == [["en", "de"]]


def test_percentages_are_divided_if_the_scale_is_percent(tmp_path):
    path = write(tmp_path / "scores.csv", SHORT, "en,de,74.5", "de,en,0.5")
    assert read_scores(path, scale="percent")["score"].tolist() == [0.005, 0.745]


def test_scores_without_a_scale_are_read_as_they_are(tmp_path):
    path = write(tmp_path / "bleu.csv", SHORT, "en,de,34.5", "de,en,-2", "fi,de,1200")
    assert read_scores(path, "none")["score"].tolist() == [-2, 34.5, 1200]
    negated = write(tmp_path / "perplexity.csv", "source,target,metric,score", "en,de,perplexity,-12")
    assert read_scores(negated, "none")["score"].tolist() == [-12]
    with pytest.raises(UserError, match=r"^--scale: 'tenths' is unknown; choose from unit, percent, none"):
        read_scores(path, "tenths")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([SHORT, "en,de,", "en,fi,nan"], ": all 2 scores are missing; write at least one score"),
        ([SHORT], ": no scores below the header; add at least one row"),
        ([LONG.replace("task,", ""), ROW.replace("ner,", "", 1)], ": no column 'task'; a scores table requires task"),
        ([LONG, ROW.replace(",0,direct", ",few,direct")], ":2: shots is 'few', not a whole number of 0 or more"),
        (["source,target,metric,score", "en,de,WER,0.5"], ":2: lower values of 'WER' are better, but the analysis"),
        (
            [SHORT, "en,de,0.5", "en,fi,1", "en,de,0.6"],
            ":4: an earlier row has the same run and metric, en to de: score 0.5 in line 2, here 0.6 (1 such rows); "
            "remove one of the two, or number repeated runs in a column seed",
        ),
        (
            ["dataset,k," + SHORT, "a,1,en,de,0.5", "b,1,en,de,0.5"],
            ":3: an earlier row has the same run and metric, en to de: score 0.5 in line 2, here 0.5 (1 such rows); "
            "remove one of the two, or number repeated runs in a column seed (not read: 'dataset,k')",
        ),
    ],
)
def test_what_is_no_table_of_scores_is_one_line(tmp_path, lines, said):
    path = write(tmp_path / "scores.csv", *lines)
    with pytest.raises(UserError) as refusal:
        read_scores(path)
    message = str(refusal.value).removeprefix(str(path))
    assert message.startswith(said)
    assert "\n" not in message and len(message) <= 260


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(UserError, match=r"nowhere.csv: cannot be read as a csv table of scores: No such file"):
        read_scores(tmp_path / "nowhere.csv")
