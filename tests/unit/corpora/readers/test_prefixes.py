"""Prefixes with a language code on the words of WikiANN."""

import pytest
from reading import read, read_tagged, refuse


def write_words(*words: str) -> str:
    return "".join(f"{word}\tO\n" for word in words)


@pytest.mark.parametrize("code", ["sw", "als", "simple", "zh-min-nan"])
def test_a_prefix_that_all_words_have_is_cut_and_counted_whatever_its_code(tmp_path, code):
    sentences, changes = read(tmp_path, write_words(f"{code}:a", f"{code}:b"))
    assert sentences[0].tokens == ("a", "b")
    assert changes == {f"words with the prefix '{code}:', which was removed": 2}


def test_prefixes_go_up_to_the_first_colon_only(tmp_path):
    assert read_tagged(tmp_path, write_words("sw:10:30", "sw::")) == [("10:30 :", "O O")]


@pytest.mark.parametrize(
    "words", [("sw:a", "b"), ("a", "sw:"), ("a:b", "c", "d"), ("http://a", "http://b"), ("10:30",)]
)
def test_real_words_that_look_like_a_prefix_stay(tmp_path, words):
    assert read_tagged(tmp_path, write_words(*words))[0][0] == " ".join(words)


def test_a_few_words_without_the_prefix_of_nearly_all_stay_as_they_are(tmp_path):
    words = [f"en:w{number}" for number in range(300)]
    sentences, changes = read(tmp_path, write_words(*words, "x"))
    assert sentences[0].tokens[-2:] == ("w299", "x")
    assert changes == {"words with the prefix 'en:', which was removed": 300}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([*["en:a"] * 8, "b", "c"], ":9: 2 of 10 words do not begin with 'en:' as the others do"),
        (["b", *["en:a"] * 8], ":1: 1 of 9 words do not begin with 'en:'"),
        ([*["en:a"] * 3, *["de:a"] * 2], ":4: 2 of 5 words do not begin with 'en:'"),
        (["sw:a", "sw:"], ":2: no word after the language prefix 'sw:'; remove the line"),
    ],
)
def test_mixed_prefixes_are_refused_with_the_first_odd_line(tmp_path, words, found):
    assert refuse(tmp_path, write_words(*words)).startswith(f"train.tsv{found}")
