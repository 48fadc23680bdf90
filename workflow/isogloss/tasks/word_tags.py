"""NER for models that label words, with one tag per word."""

from collections.abc import Sequence

from isogloss.common.examples import TaggedSentence
from isogloss.tasks.base import Tagging, hide_special_tokens
from isogloss.tasks.entities import TAGS, Prediction


def show_words(sentence: TaggedSentence) -> list[str]:
    """Return the words of a sentence, without strings that a tokenizer could read as special tokens."""
    return [hide_special_tokens(word) for word in sentence.tokens]


def read_gold(sentence: TaggedSentence) -> tuple[str, ...]:
    """Return the tags of a sentence."""
    return sentence.tags


def decode_tags(sentence: TaggedSentence, tags: Sequence[str | None], lost: int, pieces: int) -> Prediction:
    """Return the prediction for a sentence. A word that the model did not see is tagged O.

    Raises ValueError if there is not one tag per word.
    """
    if len(tags) != len(sentence.tokens):
        raise ValueError(f"sentence {sentence.id}: {len(tags)} tags for {len(sentence.tokens)} words")
    return Prediction(tuple(tag or "O" for tag in tags), lost_words=lost, pieces=pieces)


WORD_TAGS = Tagging(TAGS, show_words, read_gold, decode_tags)
