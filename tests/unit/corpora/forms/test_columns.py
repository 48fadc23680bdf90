"""Files with a word and its tag on each line: their layouts, comments, and lines that cannot be read."""

import pytest
from reading import read, read_tagged, refuse

TWO = [("a b", "B-PER I-PER"), ("c", "O")]


@pytest.mark.parametrize(
    "content",
    [
        "a\tB-PER\nb\tI-PER\n\nc\tO\n",
        "a B-PER\nb I-PER\n\nc O\n",
        "a   B-PER\nb I-PER \n \t\nc O",
        "a\tB-PER\t\t\nb\tI-PER\t\n\nc\tO\n",
        "a\tB-PER\r\nb\tI-PER\r\n\r\nc\tO\r\n",
        "a\tB-PER\rb\tI-PER\r\rc\tO\r",
        "\ufeffa\tB-PER\nb\tI-PER\n\n\n\nc\tO\n\n\n",
        "\ufeffa\tB-PER\r\nb\tI-PER\r\n \r\n\ufeffc\tO\r\n",
        "-DOCSTART- -X- O O\n\na\tB-PER\nb\tI-PER\n\n-DOCSTART-\tO\n\nc\tO\n",
        "a\tB-PER\nb\tI-PER\n-DOCSTART-\nc\tO\n",
        "sw:a\tB-PER\nsw:b\tI-PER\n\nsw:c\tO\n",
        "a NNP B-NP B-PER\nb NNP I-NP I-PER\n\nc VBZ B-VP O\n",  # CoNLL 2003
        "a Art B-PER\nb N I-PER\n\nc V O\n",  # CoNLL 2002
        "-DOCSTART- -X- O O\na -X- _ B-PER\nb -X- _ I-PER\n\nc -X- _ O\n",  # Label Studio
        "# id 5 domain=en\na _ _ B-PER\nb _ _ I-PER\n\n# id 6\tdomain=en\nc _ _ O\n",  # MultiCoNER
        "#\thttp://example.org [2009]\n1\ta\tB-PER\tO\n2\tb\tI-PER\tO\n\n1\tc\tO\tO\n",  # GermEval 2014
        "# text = a b\n1-2\tab\tO\t-\tx\n1\ta\tB-PER\t-\tx\n2\tb\tI-PER\t-\tx\n2.1\te\tO\t-\tx\n\n1\tc\tO\t-\tx\n",
        "0 a B-PER\n1 b I-PER\n\n0 c O\n",
        "word tag\na B-PER\nb I-PER\n\nc O\n",
        "\nToken\tPOS\tNER\na\tN\tB-PER\nb\tN\tI-PER\n\nc\tV\tO\n",
    ],
)
def test_ways_to_write_the_same_two_sentences(tmp_path, content):
    assert read_tagged(tmp_path, content) == TWO


@pytest.mark.parametrize("separator", ["\t", " "])
@pytest.mark.parametrize(
    "token", ["a\u00a0b", "\u200b", "\u00a0", "a\u2028b", "নরোন্\u200cহা", "x\u3000y", "a\x0bb", "a\x85b"]
)
def test_only_tab_and_ascii_space_part_columns_and_only_newline_parts_lines(tmp_path, token, separator):
    (sentence,) = read(tmp_path, f"{token}{separator}O\nb{separator}O\n", normal_form="none")[0]
    assert sentence.tokens == (token, "b")


def test_a_tab_wins_over_spaces(tmp_path):
    (sentence,) = read(tmp_path, "New York\tB-LOC\n")[0]
    assert sentence.tokens == ("New York",)


@pytest.mark.parametrize(
    ("content", "options", "words", "count"),
    [
        ("# a b c\nx O\n\n#id 5 d=e\ny O\n", {}, ["x", "y"], 2),
        ("#win O\nx O\n\n# O\ny O\n", {}, ["#win x", "# y"], 0),  # words, not comments
        ("#win O\nx O\n", {"comment": "#"}, ["x"], 1),
        ("x O\n% a b\ny O\n", {"comment": "%"}, ["x y"], 1),
    ],
)
def test_comment_lines_are_left_out_and_counted_and_hashtags_are_words(tmp_path, content, options, words, count):
    sentences, changes = read(tmp_path, content, **options)
    assert [" ".join(one.tokens) for one in sentences] == words
    assert changes == ({"comment lines": count} if count else {})


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("O Mo\nB-PER x\n", {"tokens": 2, "tags": 1}),
        ("Mo O z\nx B-PER z\n", {"tokens": 1, "tags": 2}),
        ("w n t\nMo z O\nx z B-PER\n", {"tokens": "w", "tags": "t"}),
        ("word tag\nMo O\nx B-PER\n", {"tokens": 1, "tags": 2}),
    ],
)
def test_columns_are_chosen_by_number_or_by_the_name_in_the_header(tmp_path, content, columns):
    assert read_tagged(tmp_path, content, columns=columns) == [("Mo x", "O B-PER")]


CONLLU = (
    "# text = Del x\n1-2\tDel\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "1\tde\tde\tADP\tE\t_\t2\tcase\t_\t_\n2\tel\tel\tDET\tD\t_\t0\troot\t_\t_\n"
)


def test_conll_u_gives_parts_of_speech_without_multiword_tokens_and_empty_nodes(tmp_path):
    empty = "2.1\te\te\tVERB\tV\t_\t_\t_\t_\t_\n"
    assert read_tagged(tmp_path, CONLLU + empty, kind="pos") == [("de el", "ADP DET")]
    message = refuse(tmp_path, CONLLU)
    assert message.startswith("train.tsv:2: column 3 of 10 has no tag of the task, only such as '_'; write `columns:")


@pytest.mark.parametrize(
    ("content", "start", "advice"),
    [
        (
            "a\tO\n\nword\n",
            "train.tsv:3: found 1 column(s) in 'word', but other lines have 2 (1 such line)",
            "TAB or a",
        ),
        ("a\tO\nb\tN\tO\nc\tO\n", "train.tsv:2: found 3 column(s)", "give every line the same columns"),
        ("ok\tO\n\tO\n", "train.tsv:2: found 2 columns but no word", "remove the line"),
        ("ok\tO\n\u00a0\n", "train.tsv:2: found 1 column(s) in '\\xa0'", "separate a word and its tag"),
        ("ok\tO\n\x0c\nb\tO\n", "train.tsv:2: found 1 column(s) in '\\x0c'", "separate a word and its tag"),
        ("ok\tO\na\t\nb\tO\n", "train.tsv:2: found 1 column(s) in 'a'", "separate a word and its tag"),
        ("a O\n# b c d\ne O\n", "train.tsv:2: found 4 column(s)", "write `local: {path: ..., comment: '#'}` if"),
        ("a\nb\n\nc\n", "train.tsv:1: 3 lines have one column, the first 'a'", "a line is a word and its tag"),
        ("a,O\nb,O\n", "train.tsv:1: 2 lines have one column, the first 'a,O'", "separated by a TAB or a space"),
        ("B-PER Mo\nO x\n", "train.tsv:1: the tags are in column 1 of 2", "columns: {tokens: 2, tags: 1}}`"),
        ("1\ta\tx\tO\n2\tb\ty\tO\n", "train.tsv:1: the tags are in column 4 of 4", "columns: {tokens: 2, tags: 4}}`"),
        ("1\tO\n2\tO\n", "train.tsv:1: every word is a number, so column 1 seems to be an index", "add the words"),
        ("# a\n# b\n", "train.tsv: contains no usable examples (comment lines 2)", "leave sw out of `languages`"),
        ("", "train.tsv: contains no usable examples", "leave sw out of `languages`"),
        ("\n \n\t\n", "train.tsv: contains no usable examples", "leave sw out of `languages`"),
        ("-DOCSTART-\n", "train.tsv: contains no usable examples", "leave sw out of `languages`"),
    ],
)
def test_lines_that_cannot_be_read_are_refused_with_their_place_and_what_to_write(tmp_path, content, start, advice):
    message = refuse(tmp_path, content)
    assert message.startswith(start) and advice in message


@pytest.mark.parametrize(
    ("columns", "advice"),
    [
        ({"tags": 2}, "write `columns: {tokens: 1, tags: 2}` with the numbers"),
        ({"tokens": "word", "tags": "tag"}, "this file has a word on each line and no header"),
        ({"tokens": 1, "tags": 9}, "most lines have 2 column(s), but `columns` names column 9; correct it"),
    ],
)
def test_columns_that_a_file_does_not_have_are_refused(tmp_path, columns, advice):
    assert advice in refuse(tmp_path, "a O\nb O\n", columns=columns)


def test_a_file_with_thousands_of_columns_is_read_by_its_last(tmp_path):
    assert read_tagged(tmp_path, "\t".join(["a"] * 5000) + "\tB-LOC\n") == [("a", "B-LOC")]
