"""The sentinel format: one tag per sentinel, long sentences in several pieces, and lost words."""

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isogloss.common.examples import TaggedSentence
from isogloss.tasks import find_task

SENTINEL = find_task("ner").formats["sentinel"]
TAGS = SENTINEL.labels


def make_sentence(words: int) -> TaggedSentence:
    tags = tuple(TAGS[index % 7] for index in range(words))
    return TaggedSentence(f"en-test-{words}", "en", tuple(f"w{index}" for index in range(words)), tags)


def test_a_sentence_is_one_piece_with_a_sentinel_before_each_word():
    sentence = TaggedSentence("a", "en", ("Ann", "saw", "Rome"), ("B-PER", "O", "B-LOC"))
    (piece,) = SENTINEL.encode(sentence)
    assert piece.text == "<extra_id_0> Ann <extra_id_1> saw <extra_id_2> Rome"
    assert piece.target == ("B-PER", "O", "B-LOC")
    assert SENTINEL.decode(sentence, [piece.target]).tags == sentence.tags


@pytest.mark.parametrize(
    ("words", "lengths"),
    [(1, [1]), (100, [100]), (101, [51, 50]), (200, [100, 100]), (250, [84, 83, 83]), (0, [])],
)
def test_pieces_have_even_lengths_of_at_most_100_and_are_joined_again(words, lengths):
    sentence = make_sentence(words)
    pieces = SENTINEL.encode(sentence)
    assert [len(piece.target) for piece in pieces] == lengths
    assert [piece.text.count("<extra_id_") for piece in pieces] == lengths
    assert all(piece.text.startswith("<extra_id_0> ") for piece in pieces)
    prediction = SENTINEL.decode(sentence, [piece.target for piece in pieces])
    assert prediction.tags == sentence.tags
    assert (prediction.pieces, prediction.lost_words, prediction.spans) == (len(lengths), 0, None)


def test_words_lost_to_truncation_are_o_in_their_own_place():
    sentence = make_sentence(250)
    first, second, third = (piece.target for piece in SENTINEL.encode(sentence))
    prediction = SENTINEL.decode(sentence, [first, second[:80], third[:0]])
    assert prediction.tags == (*sentence.tags[:164], *["O"] * 86)
    assert prediction.lost_words == 86


def test_more_tags_than_words_is_an_error_of_ours():
    with pytest.raises(ValueError, match="en-test-2: 3 tags for 2 words"):
        SENTINEL.decode(make_sentence(2), [("O", "O", "O")])


def test_a_word_that_looks_like_a_sentinel_adds_none():
    words = ("<extra_id_3>", "</s>", "x<extra_id_0>y", "<")
    (piece,) = SENTINEL.encode(TaggedSentence("a", "en", words, ("O",) * 4))
    assert re.findall(r"<[^<>]*>", piece.text) == [f"<extra_id_{index}>" for index in range(4)]


@given(st.lists(st.sampled_from(TAGS), max_size=320), st.randoms(use_true_random=False))
def test_gold_changes_the_targets_only(tags, random):
    sentence = TaggedSentence("a", "en", tuple(f"w{index}" for index in range(len(tags))), tuple(tags))
    shuffled = dataclasses.replace(sentence, tags=tuple(random.choice(TAGS) for _ in tags))
    pieces = SENTINEL.encode(sentence)
    assert [piece.text for piece in pieces] == [piece.text for piece in SENTINEL.encode(shuffled)]
    outputs = [piece.target for piece in pieces]
    assert SENTINEL.decode(shuffled, outputs).tags == tuple(tags)
