"""Tasks that label the words of a sentence: the prediction, and the interface to models that label words."""

from collections.abc import Sequence
from dataclasses import dataclass

from isogloss.common.annotation import NOTHING
from isogloss.common.examples import TaggedSentence
from isogloss.tasks.base import Tagging, hide_special_tokens


@dataclass(frozen=True)
class Prediction:
    """The prediction of a model for one sentence.

    tags: one tag per token; for entities, in any mixture of `O`, `B-` and `I-`. unaligned: (type, text) of generated
    spans that were not found in the sentence. spans: (type, text) of all generated spans, or None for a model that
    tags. lost_words: number of words that the model did not see completely, because the input was truncated or the
    tokenizer drops them; words that it did not see at all are tagged O. pieces: number of inputs into which the
    sentence was split.
    """

    tags: tuple[str, ...]
    unaligned: tuple[tuple[str, str], ...] = ()
    spans: tuple[tuple[str, str], ...] | None = None
    lost_words: int = 0
    pieces: int = 1


def make_tagging(tags: tuple[str, ...]) -> Tagging:
    """Return the interface of a task with these tags, in this order, to models that label words."""
    return Tagging(tags, show_words, read_gold, decode_tags)


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
    return Prediction(tuple(tag or NOTHING for tag in tags), lost_words=lost, pieces=pieces)
