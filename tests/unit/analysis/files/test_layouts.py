"""Layouts of score tables: rows, and matrices with either side in the columns."""

import pytest

from isogloss.analysis.files.layouts import read_layout
from isogloss.common.errors import UserError

THREE = [("de", "en", "0.25"), ("en", "de", "0.5"), ("fi", "de", "0.75")]


def read(tmp_path, text):
    path = tmp_path / "scores.csv"
    path.write_text(text, encoding="utf-8")
    return read_layout(path)


def list_cells(layout):
    cells = layout.text[["source", "target", "score"]].itertuples(index=False, name=None)
    return sorted(cell for cell in cells if cell[2] not in ("", "-"))


@pytest.mark.parametrize(
    "text",
    [
        "source,target,score\nen,de,0.5\nde,en,0.25\nfi,de,0.75\n",
        "Target Language (test);Source Language;F1 (%)\nde;en;0.5\nen;de;0.25\nde;fi;0.75\n",
        "source,de,en\nde,,0.25\nen,0.5,\nfi,0.75,-\n",
        "Train / Test;de;en\nde;;0.25\nen;0.5;\nfi;0.75;\n",
        "source -> target\tde\ten\nde\t\t0.25\nen\t0.5\t\nfi\t0.75\t\n",
        "target\\source,de,en,fi\nde,,0.5,0.75\nen,0.25,,\n",
        "Test language,de,en,fi\nde,,0.5,0.75\nen,0.25,,\n",
        ",source,de,en\n0,de,,0.25\n1,en,0.5,\n2,fi,0.75,\n",
        "model,source,de,en\nm,de,,0.25\nm,en,0.5,\nm,fi,0.75,\n",
    ],
)
def test_each_layout_has_its_sources_where_its_names_say(tmp_path, text):
    assert list_cells(read(tmp_path, text)) == THREE


def test_a_matrix_can_have_columns_of_the_long_form(tmp_path):
    layout = read(tmp_path, "source,Seed,de,en\nde,1,,0.25\nde,2,,0.5\n")
    assert layout.text[["seed", "target", "score"]].to_numpy().tolist() == [
        ["1", "de", ""],
        ["1", "en", "0.25"],
        ["2", "de", ""],
        ["2", "en", "0.5"],
    ]
    assert layout.square and layout.text.index.tolist() == [0, 0, 1, 1]


def test_a_matrix_can_have_codes_that_are_names_of_columns_elsewhere(tmp_path):
    cells = list_cells(read(tmp_path, "source,to,acc,src\nto,0.9,0.5,0.7\nacc,0.4,0.1,0.3\n"))
    assert ("to", "acc", "0.5") in cells and ("acc", "src", "0.3") in cells and len(cells) == 6


def test_the_name_of_the_column_names_the_metric(tmp_path):
    for name, metric in (("F1", "f1"), ("acc", "accuracy"), ("LAS (%)", "las")):
        assert read(tmp_path, f"source,target,{name}\nen,de,0.5\n").text["metric"].tolist() == [metric]
    for name in ("score", "value"):
        assert "metric" not in read(tmp_path, f"source,target,{name}\nen,de,0.5\n").text
    assert read(tmp_path, "source,target,acc,metric\nen,de,0.5,em\n").text["metric"].tolist() == ["em"]


def test_columns_that_are_not_read_are_listed(tmp_path):
    assert read(tmp_path, ",std,source,target,score,note\n0,1,en,de,0.5,x\n").ignored == ("std", "note")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "source,f1\nen,0.5\n",
            ": no column 'target': the file is comma-separated, with the columns 'source,f1'; name",
        ),
        ("en,de,0.5\nde,en,0.4\n", ": no column 'source': the file is comma-separated, with the columns 'en,de,0.5'"),
        (",".join(f"column{n}" for n in range(999)) + "\n1\n", ": no column 'source': the file is comma-separated"),
        ("source,target,score\nen;de;0.5\n", ":2: the row has 1 of 3 cells (1 such rows of 1): the file is comma-"),
        ("source,target,score\nen,de\n", ":2: the row has 2 of 3 cells (1 such rows of 1): the file is comma-"),
        (",de,en\nde,0.9,0.5\nen,0.5,0.9\n", ": a matrix whose first cell is '', which does not say which language"),
        ("lang,de,en\nde,0.9,0.5\nen,0.5,0.9\n", ": a matrix whose first cell is 'lang', which does not say which"),
        ("source/src,de,en\nde,0.9,0.5\nen,0.5,0.9\n", ": a matrix whose first cell is 'source/src', which does not"),
        ("source,de,Avg.\nde,0.9,0.5\nen,0.5,0.9\n", ": a matrix with the column 'Avg.', which is no language code"),
        ("source,de,size\nde,0.9,5\nen,0.5,9\n", ": a matrix with the column 'size', which is no language code"),
        ("source,de,,en\nde,0.9,1,0.5\nen,0.5,1,0.9\n", ": a matrix with the column '', which is no language code"),
        ("source,de,de\nde,0.9,0.5\nen,0.5,0.9\n", ": a matrix with two columns 'de'; remove one of them"),
    ],
)
def test_other_layouts_are_one_line(tmp_path, text, said):
    with pytest.raises(UserError) as refusal:
        read(tmp_path, text)
    message = str(refusal.value).removeprefix(str(tmp_path / "scores.csv"))
    assert message.startswith(said)
    assert "\n" not in message and len(message) <= 260
