"""Layouts of score tables: separators, names of columns, matrices, and what is refused in one line."""

import pytest
from isogloss.analysis.data.layouts import FALLBACKS, SYNONYMS

from isogloss.analysis.files.score_table import read_scores, read_scores_file
from isogloss.common.errors import UserError

HEADER = "source,target,score\n"
THREE = [("de", "en", 0.25), ("en", "de", 0.5), ("fi", "de", 0.75)]
LINES = HEADER + "en,de,0.5\nde,en,0.25\nfi,de,0.75\n"


def read(tmp_path, text, scale="unit"):
    path = tmp_path / "scores.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return read_scores(path, scale)


def list_cells(table):
    return list(table[["sources", "target", "score"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    "text",
    [
        LINES,
        LINES.replace(",", ";"),
        LINES.replace(",", "\t"),
        LINES.replace(",", ";").replace(".", ","),
        LINES.replace(",", "\t").replace(".", ","),
        "sep=;\n" + LINES.replace(",", ";"),
        b"\xef\xbb\xbf" + LINES.replace("\n", "\r\n").encode(),
        LINES.replace("\n", "\r"),
        "\n" + LINES.replace(",", " , ") + ",,\n",
        LINES.replace("score", "Score").replace("source", " Source").replace("target", '"Target"'),
        LINES.replace("source", "Train-Lang").replace("target", "test lang"),
        LINES.replace("score\n", "score,f1,std,comment\n").replace("5\n", '5,0.1,0.01,"fine, really"\n'),
        ",source,target,score\n0,en,de,0.5\n1,de,en,0.25\n2,fi,de,0.75\n",
        "source,train,test,target,score\nen,10,20,de,0.5\nde,10,20,en,0.25\nfi,10,20,de,0.75\n",
    ],
)
def test_every_form_of_the_same_table_is_the_same_table(tmp_path, text):
    assert list_cells(read(tmp_path, text)) == THREE


@pytest.mark.parametrize("role", ["source", "target", "score"])
def test_every_synonym_is_read(tmp_path, role):
    for name in [*SYNONYMS[role].split(), *FALLBACKS[role].split()]:
        header = "source,target,score".replace(role, name.upper().replace("_", " "))
        header += ",task,model,n,test_corpus,shots,adaptation,seed,metric"
        rows = "".join(f"{one},{other},{score},t,m,0,t,0,direct,1,f1\n" for one, other, score in THREE)
        assert list_cells(read(tmp_path, f"{header}\n{rows}")) == THREE, name


def test_the_name_of_the_column_names_the_metric(tmp_path):
    for name, metric in (("F1", "f1"), ("acc", "accuracy"), ("LAS", "las"), ("score", "score"), ("value", "score")):
        assert set(read(tmp_path, f"source,target,{name}\nen,de,0.5\n")["metric"]) == {metric}


@pytest.mark.parametrize(
    "text",
    [
        "source,de,en\nde,,0.25\nen,0.5,\nfi,0.75,-\n",
        "source\\target,de,en\nde,0.9,0.25\nen,0.5,0.8\nfi,0.75,NA\n",
        "Train / Test;de;en\nde;90%;25%\nen;50%;80%\nfi;75%;\n",
        "target\\source,de,en,fi\nde,,0.5,0.75\nen,0.25,,\n",
        "target\tde\ten\tfi\nde\t\t0,5\t0,75\nen\t0,25\t\t\n",
        "source,model,de,en\nde,m,,0.25\nen,m,0.5,\nfi,m,0.75,\n",
    ],
)
def test_a_matrix_has_its_sources_on_the_side_that_its_first_cell_names(tmp_path, text):
    assert [cell for cell in list_cells(read(tmp_path, text)) if cell[0] != cell[1]] == THREE


def test_a_matrix_can_have_codes_that_are_names_of_columns_elsewhere(tmp_path):
    cells = list_cells(read(tmp_path, "source,to,acc,src\nto,0.9,0.5,0.7\nacc,0.4,0.1,0.3\n"))
    assert ("to", "acc", 0.5) in cells and ("acc", "src", 0.3) in cells and len(cells) == 6


def test_rows_without_a_score_are_kept_apart(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text(HEADER + "en,de,0.5\nde,en,\nfi,en,-\nen,fi,NaN\nde,fi,n/a\nnan,en,0.1\n", encoding="utf-8")
    file = read_scores_file(path)
    assert list_cells(file.scores) == [("en", "de", 0.5), ("nan", "en", 0.1)]
    assert file.missing[["sources", "target"]].to_numpy().tolist() == [
        ["de", "en"],
        ["de", "fi"],
        ["en", "fi"],
        ["fi", "en"],
    ]
    path.write_text("source,de,en\nde,,0.5\nen,,\n", encoding="utf-8")
    assert read_scores_file(path).missing[["sources", "target"]].to_numpy().tolist() == [["en", "de"]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LINES.replace(",", "|"), ":1: the header 'source|target|score' has no comma, semicolon or TAB; it seems"),
        (LINES.replace(",", " "), ":1: the header 'source target score' has no comma, semicolon or TAB"),
        (HEADER + "en;de;0.5\n", ":2: the row has 1 of 3 cells (1 such rows of 1): the file is comma-separated"),
        (HEADER + "en,de,0,5\nde,en,0,2\n", ":2: the row has 4 cells, the header has 3 (2 such rows of 2); if the"),
        (HEADER + 'en,de,"0,5"\n', ":2: score is '0,5', with a comma; write a decimal point"),
        (HEADER + "en,de,0.5\nde,en,5%\nfi,en,0.4\n", ":3: score is '5%': 1 of 3 scores have percent signs"),
        (HEADER + "en,de,50%\nde,en,5%\nfi,en,0.4\n", ":4: score is '0.4': 2 of 3 scores have percent signs, and"),
        (HEADER + "en,de,50%\nde,en,120%\n", ":3: score is '120%', not a percentage in 0..100; correct it"),
        ("source;target;score\nen;de;0,5\nde;en;0.5\nfi;en;0,4\n", ":3: score is '0.5': 2 of 3 scores have decimal"),
        (LINES.encode("utf-16"), ": the file is UTF-16 text; save it as UTF-8"),
        (LINES.encode("utf-16-le"), ":1: the file has NUL bytes, as UTF-16 or binary data"),
        ((HEADER + "en,Français,0.5\n").encode("latin-1"), ":2: the byte 0xe7 is not UTF-8, probably Latin-1"),
        (b"PK\x03\x04", ": the file is an Excel workbook or another zip file"),
        (b"\x1f\x8b\x08", ": the file is compressed with gzip"),
        ('[{"source": "en"}]', ": the file is JSON, HTML or XML; write it as csv"),
        ("", ": the file is empty"),
        (HEADER + 'en,"de,0.5\n', ":2: cannot be read as csv: unexpected end of data; check the quotes of this row"),
        ("source,src,target,score\nen,en,de,0.5\n", ": the columns 'source' and 'src' both mean source; rename"),
        ("source,target,f1,acc\nen,de,0.5,0.6\n", ": the columns 'f1' and 'acc' both mean score; rename"),
        ("source,target,score,score\nen,de,0.5,0.6\n", ": the columns 'score' and 'score' both mean score"),
        ("source,target,score,seed,Seed,seed\nen,de,0.5,1,1,1\n", ": two columns are called 'seed'; rename one"),
        ("source,f1\nen,0.5\n", ": no column 'target': the file is comma-separated, with the columns 'source,f1'"),
        (",de,en\nde,0.9,0.5\nen,0.5,0.9\n", ": a matrix whose first cell is '', which does not say which language"),
        ("lang,de,en\nde,0.9,0.5\nen,0.5,0.9\n", ": a matrix whose first cell is 'lang', which does not say"),
        ("source,de,avg\nde,0.9,0.5\nen,0.5,0.9\n", ": a matrix with the column 'avg', which is no language code"),
        ("source,de,size\nde,0.9,0.5\nen,0.5,0.9\n", ": a matrix with the column 'size', which is no language code"),
        ("source,de,de\nde,0.9,0.5\nen,0.5,0.9\n", ": a matrix with two columns 'de'; remove one"),
        ("source,de,en\nde,0.9,0.5\nen,o.5,0.9\n", ":3: score is 'o.5', not a number in 0..1"),
        ("source,de,en\nde,0.9,0.5\nmean,0.5,0.9\n", ":3: sources is 'mean' (2 rows), a mean over languages"),
        (HEADER + "False,de,0.5\nen,False,0.5\nFalse,en,0.1\n", ":2: sources is 'False' (2 rows), which a program"),
        (HEADER + "1,de,0.5\n", ":2: sources is '1', a number; add a language code"),
        (HEADER + "en,none,0.5\n", ":2: target is 'none'; only sources can be none"),
        (HEADER + "en,de,0.5\nen,fi,1\nen,de,0.6\n", ":4: an earlier row has the same run and metric, en to de: score"),
        ("source,target,metric,score\nen,de,WER,0.5\n", ":2: lower values of 'WER' are better, but the analysis"),
        (HEADER + "en,de," + "x" * 9999 + "\n", ":2: score is 'xxxxxxxxxxxxxxxxxxxxxxxxxxx...', not a number in 0..1"),
        (",".join(f"column{number}" for number in range(999)) + "\n1\n", ": no column 'source': the file is comma-"),
    ],
)
def test_what_cannot_be_read_is_one_short_line(tmp_path, text, said):
    with pytest.raises(UserError) as refusal:
        read(tmp_path, text)
    message = str(refusal.value).removeprefix(str(tmp_path / "scores.csv"))
    assert message.startswith(said)
    assert "\n" not in message and len(message) <= 260


def test_scores_without_a_scale_are_read_as_they_are(tmp_path):
    text = HEADER + "en,de,34.5\nde,en,-2\nfi,de,1200\n"
    assert read(tmp_path, text, "none")["score"].tolist() == [-2, 34.5, 1200]
    assert read(tmp_path, HEADER + "en,de,50%\n", "none")["score"].tolist() == [0.5]
    for cell, said in (("1e12", "not a number in -1e"), ("inf", "not a finite number"), ("1.234,5", "with a comma")):
        with pytest.raises(UserError, match=said):
            read(tmp_path, HEADER + f'en,de,"{cell}"\n', "none")
    with pytest.raises(UserError, match=r"^--scale: 'tenths' is unknown; choose from unit, percent, none"):
        read(tmp_path, text, "tenths")
    negated = read(tmp_path, "source,target,metric,score\nen,de,perplexity,-12\n", "none")
    assert negated["score"].tolist() == [-12]
