"""The content of a study file as plain values: text as keys, no control characters, limited size and depth."""

import pytest

from isogloss.common.errors import UserError
from isogloss.study.reading.plain import make_plain, shorten


def test_keys_are_text_and_tuples_are_lists():
    assert make_plain({"steps": {20: 12}, "n": (1, 2), "x": None}) == {"steps": {"20": 12}, "n": [1, 2], "x": None}


def test_keys_for_anchors_are_left_out():
    assert make_plain({"x-base": {None: "\0"}, "study": "a"}) == {"study": "a"}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"study": "a\n"}, r"config: study: 'a\n' contains a line break; write it in one line"),
        ({"tasks": {"ner\n": 1}}, r"config: tasks: the key 'ner\n' contains a line break; write it in one line"),
        ({"a": ["b", "c\0"]}, r"config: a[1]: 'c\x00' contains the character U+0000; remove it"),
        ({"a": "\ud800"}, r"config: a: '\ud800' contains the character U+D800; remove it"),
        (
            {"tasks": {True: 1}},
            "config: tasks: the key true is not text (YAML reads an unquoted on, yes, no or off so)",
        ),
        ({None: 1}, "config: the key null is not text; put it in quotes"),
        ({"a": {5.0: 1}}, "config: a: the key 5.0 is not text; write 5"),
        ({"a": {5: 1, "5": 2}}, "config: a.5: this key is repeated; keep one of them"),
        ({"n": 10**30}, "config: n: the number has more than 18 digits; write a smaller number"),
        ({"n": {-(10**5000): 1}}, "config: n: the number has more than 18 digits; write a smaller number"),
    ],
)
def test_a_value_that_no_study_can_have_is_refused_with_its_key(value, message):
    with pytest.raises(UserError) as caught:
        make_plain(value)
    assert str(caught.value).startswith(message)


def test_aliases_of_aliases_end_the_reading():
    bomb: list = ["a"] * 10
    for _ in range(9):
        bomb = [bomb] * 10
    with pytest.raises(UserError, match="more than 100,000 values, perhaps because of aliases"):
        make_plain({"a": bomb})
    loop: list = []
    loop.append(loop)
    with pytest.raises(UserError, match="more than 30 levels deep, perhaps because of aliases"):
        make_plain({"a": loop})


def test_a_value_is_shown_briefly():
    assert [shorten(value) for value in (None, True, "a", 5)] == ["null", "true", "'a'", "5"]
    assert shorten("a" * 500) == f"'{'a' * 39}...{'a' * 16}'"
