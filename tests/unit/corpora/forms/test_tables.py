"""Tables with a header: delimiters, quoting, names and numbers of columns, and rows that cannot be read."""

import pytest
from reading import read, refuse

HEADER = "premise\thypothesis\tlabel\n"
ROW = ("A", "B", "neutral")


def read_rows(folder, content, **more):
    return [(one.premise, one.hypothesis, one.label) for one in read(folder, content, "nli", **more)[0]]


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (HEADER + "A\tB\tneutral\n", {}),
        ("\ufeff\r\npremise\thypothesis\tlabel\r\nA\tB\tneutral\r\n\r\n", {}),
        (HEADER + "\nA\tB\tneutral\t\t\n\t\t\n", {}),
        ("\tpremise\thypothesis\tlabel\n0\tA\tB\tneutral\n", {}),  # with an index
        ("id\tlabel\thypothesis\tpremise\n7\t neutral \t B\tA \n", {}),
        ("index\tpromptID\tsentence1\tsentence2\tgold_label\n0\t9\tA\tB\tneutral\n", {}),  # MultiNLI
        ("Premise\tHypothesis\tLabel\nA\tB\tneutral\n", {}),
        ("premise,hypothesis,label\nA,B,neutral\n", {"name": "train.csv"}),
        ("premise,hypothesis,label\nA,B,neutral\n", {"name": "train.txt"}),
        ("premise;hypothesis;label\nA;B;neutral\n", {"name": "train.csv"}),
        ("premise|hypothesis|label\nA|B|neutral\n", {}),
        ('"premise"\t"hypothesis"\t"label"\n"A"\t"B"\t"neutral"\n', {}),
        ('\ufeff"premise","hypothesis","label"\r\n"A","B","neutral"\r\n', {}),
        ("s1\ts2\ty\nA\tB\tneutral\n", {"columns": {"premise": "s1", "hypothesis": "s2", "label": "y"}}),
        ("A\tB\tneutral\n", {"columns": {"premise": 1, "hypothesis": 2, "label": 3}}),
        ("label\tpremise\tpremise\thypothesis\nneutral\tx\tA\tB\n", {"columns": {"premise": 3}}),
        ("# made by x\n" + HEADER + "# a\nA\tB\tneutral\n", {"comment": "#"}),
    ],
)
def test_ways_to_write_the_same_pair(tmp_path, content, options):
    assert read_rows(tmp_path, content, **options) == [ROW]


@pytest.mark.parametrize(
    ("row", "premise", "options"),
    [
        ('"say ""x"", y",B,neutral', 'say "x", y', {"name": "train.csv"}),
        ('"A\n\nB",B,neutral', "A\n\nB", {"name": "train.csv"}),
        ('"A,B,neutral', '"A', {"name": "train.csv", "quoting": "none"}),
    ],
)
def test_csv_is_read_with_its_quotes_unless_the_study_says_otherwise(tmp_path, row, premise, options):
    assert read_rows(tmp_path, f"premise,hypothesis,label\n{row}\n", **options)[0][0] == premise


@pytest.mark.parametrize(
    ("premise", "options", "expected"),
    [
        ('He said "no.', {}, 'He said "no.'),
        ('"No", he said', {}, '"No", he said'),
        ('"No"', {}, '"No"'),  # a CSV writer would not have quoted it
        ('"say ""x"""', {}, 'say "x"'),
        ('"A\nB"', {}, "A\nB"),
        ('"No"', {"quoting": "csv"}, "No"),
        ('"say ""x"""', {"quoting": "none"}, '"say ""x"""'),
    ],
)
def test_quotes_in_tsv_belong_to_the_text_unless_a_csv_writer_wrote_them(tmp_path, premise, options, expected):
    assert read_rows(tmp_path, f"{HEADER}{premise}\tB\tneutral\n", **options)[0][0] == expected


@pytest.mark.parametrize(
    ("content", "options", "start", "advice"),
    [
        (
            "s1\ts2\ty\nA\tB\tneutral\n",
            {},
            ":1: no column 'premise', only s1, s2, y",
            "premise: ..., hypothesis: ..., label",
        ),
        ("a\tB-LOC\n.\tO\n", {}, ":1: no column 'premise', only a, B-LOC", "`columns: {premise: ..., hypothesis: ..."),
        (HEADER + "A\tB\n", {}, ":2: found 2 column(s), but the header has 3", "separate columns by one TAB, or write"),
        (HEADER + "A\tB\tneutral\tx\n", {}, ":2: found 4 column(s), but the header has 3", "write `quoting: csv` if"),
        ("label\tpremise\tpremise\thypothesis\n", {}, ":1: 2 columns are called 'premise'", "columns: {premise: 3}}`"),
        (HEADER, {"columns": {"label": "gold"}}, ":1: `columns` names 'gold', only premise", "`columns: {label: ...}`"),
        (HEADER, {"columns": {"label": 9}}, ":1: has 3 column(s), but `columns` names column 9", "correct it"),
        (HEADER, {}, ": contains no usable examples", "leave sw out of `languages`"),
        ("", {}, ": contains no usable examples", "leave sw out of `languages`"),
        (
            "\t".join(f"column{n}" for n in range(3000)) + "\n",
            {},
            ":1: no column 'premise', only column0",
            "`columns: {",
        ),
        (
            'premise,hypothesis,label\n"A,B,neutral\nC,D,neutral\n',
            {},
            ":2: not valid CSV",
            "or write `quoting: none` if",
        ),
    ],
)
def test_tables_that_cannot_be_read_are_refused_with_their_place_and_what_to_write(
    tmp_path, content, options, start, advice
):
    message = refuse(tmp_path, content, "nli", **options)
    assert message.startswith(f"train.tsv{start}") and advice in message


def test_a_table_with_thousands_of_columns_is_read(tmp_path):
    more = "".join(f"\tc{number}" for number in range(3000))
    assert read_rows(tmp_path, f"{HEADER.strip()}{more}\nA\tB\tneutral{more}\n") == [ROW]
