"""NER by a model that labels words: a tag a word."""

from collections.abc import Sequence

from isogloss.common.examples import TaggedSentence
from isogloss.tasks.base import Tagging, hide_special_tokens
from isogloss.tasks.entities import TAGS, Prediction


def show_words(sentence: TaggedSentence) -> list[str]:
    """Return the words of a sentence, with nothing in them that a tokenizer could take for a special token."""
    return [hide_special_tokens(word) for word in sentence.tokens]


def read_gold(sentence: TaggedSentence) -> tuple[str, ...]:
    """Return the tags of a sentence."""
    return sentence.tags


def decode_tags(sentence: TaggedSentence, tags: Sequence[str | None], lost: int, pieces: int) -> Prediction:
    """Return the prediction of a sentence; a word of which the model saw nothing is O.

    Raises ValueError when there is not one tag a word.
    """
    if len(tags) != len(sentence.tokens):
        raise ValueError(f"sentence {sentence.id}: {len(tags)} tags for {len(sentence.tokens)} words")
    return Prediction(tuple(tag or "O" for tag in tags), lost_words=lost, pieces=pieces)


WORD_TAGS = Tagging(TAGS, show_words, read_gold, decode_tags)
