"""Delimited text: separators, encodings, line ends, empty cells, and what is refused in one line."""

import pytest

from isogloss.analysis.files.text import read_cells
from isogloss.common.errors import UserError

LINES = "a,b,c\n1,2.5,x\n3,,y\n"
ROWS = (("1", "2.5", "x"), ("3", "", "y"))


def read(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return read_cells(path, "numbers")


@pytest.mark.parametrize(
    "text",
    [
        LINES,
        LINES.replace(",", ";"),
        LINES.replace(",", "\t"),
        "sep=;\n" + LINES.replace(",", ";"),
        "sep=,,,\n" + LINES,
        "sep=\t\n" + LINES.replace(",", "\t"),
        LINES.replace("\n", "\r\n"),
        LINES.replace("\n", "\r"),
        b"\xef\xbb\xbf" + LINES.encode(),
        b"\xef\xbb\xbf" + LINES.replace(",", ";").encode(),
        LINES.replace(",", "\t").encode("utf-16"),
        b"\xfe\xff" + LINES.encode("utf-16-be"),
        "\n" + LINES.replace(",", " , ") + ",,\n\n",
        LINES.replace("\n", ",,\n"),
        LINES.replace("1,", '"1",').replace("a,", '"a",'),
    ],
)
def test_every_form_of_the_same_table_is_the_same_table(tmp_path, text):
    cells = read(tmp_path, text)
    assert (cells.header, cells.rows) == (("a", "b", "c"), ROWS)


def test_rows_know_their_line_and_length(tmp_path):
    cells = read(tmp_path, 'a,b\n"1\n2",3\n\n4\n')
    assert cells.rows == (("1\n2", "3"), ("4", ""))
    assert (cells.lines, cells.lengths) == ((2, 5), (2, 1))
    assert cells.list_column(1) == ["3", ""]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LINES.replace(",", "|"), ":1: the header 'a|b|c' has no comma, semicolon or TAB; it seems to be separated by"),
        (LINES.replace(",", " "), ":1: the header 'a b c' has no comma, semicolon or TAB; separate the columns by"),
        ("a,b;c\n1,2;3\n", ":1: the header 'a,b;c' has as many columns by comma and semicolon; use one separator"),
        ("a,b\n1,0,5\n2,0,2\n", ":2: the row has 3 cells, the header 'a,b' has 2 (2 such rows of 2); if the numbers"),
        ("Results,,\na,b,c\n", ":2: the row has 3 cells, the header 'Results' has 1 (1 such rows of 1); correct the"),
        (LINES.encode("utf-16-le"), ":1: the file has NUL bytes, as UTF-16 or binary data; save it as UTF-8"),
        (LINES.encode("utf-16")[:-1], ":3: the byte 0x0a is not UTF-16; save the file as UTF-8"),
        ("a,b\nFrançais,1\n".encode("latin-1"), ":2: the byte 0xe7 is not UTF-8, probably Latin-1 or Windows-1252"),
        (b"PK\x03\x04", ": the file is an Excel workbook or another zip file; export the sheet as CSV UTF-8"),
        (b"\x1f\x8b\x08", ": the file is compressed with gzip; decompress it"),
        ('[{"a": 1}]', ": the file is JSON, HTML or XML; write it as csv"),
        ("", ": the file is empty; a table of numbers requires a header and rows"),
        ("sep=;\n", ": no header below line 1; a table of numbers requires a header and rows"),
        ('a,b\n1,"2\n', ":2: cannot be read as csv: unexpected end of data; check the quotes of this row"),
    ],
)
def test_what_is_no_such_text_is_one_line(tmp_path, text, said):
    with pytest.raises(UserError) as refusal:
        read(tmp_path, text)
    message = str(refusal.value).removeprefix(str(tmp_path / "table.csv"))
    assert message.startswith(said)
    assert "\n" not in message and len(message) <= 260
