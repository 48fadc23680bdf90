"""Entities of a tagged sentence, their mentions, and predictions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from isogloss.common.examples import ENTITY_TYPES, TaggedSentence

TYPES = ENTITY_TYPES
TAGS = ("O", *(f"{prefix}-{kind}" for kind in TYPES for prefix in "BI"))


class Entity(NamedTuple):
    """An entity: its type, its first token, and the token after its last."""

    type: str
    start: int
    end: int


@dataclass(frozen=True)
class Prediction:
    """The prediction of a model for one sentence.

    tags: one tag per token, in any mixture of `O`, `B-` and `I-`. unaligned: (type, text) of generated spans that were
    not found in the sentence. spans: (type, text) of all generated spans, or None for a model that tags. lost_words:
    number of words that the model did not see completely, because the input was truncated or the tokenizer drops them;
    words that it did not see at all are tagged O. pieces: number of inputs into which the sentence was split.
    """

    tags: tuple[str, ...]
    unaligned: tuple[tuple[str, str], ...] = ()
    spans: tuple[tuple[str, str], ...] | None = None
    lost_words: int = 0
    pieces: int = 1


def read_entities(tags: Sequence[str]) -> list[Entity]:
    """Return the entities of IOB tags as conlleval reads them: an `I-` that does not continue an entity begins one.

    Source: the chunk rules of conlleval (Tjong Kim Sang & De Meulder 2003), which are seqeval's default.
    """
    entities, open_type, start = [], None, 0
    for position, tag in enumerate((*tags, "O")):
        prefix, _, kind = tag.partition("-")
        if open_type is not None and (prefix != "I" or kind != open_type):
            entities.append(Entity(open_type, start, position))
            open_type = None
        if open_type is None and prefix != "O":
            open_type, start = kind, position
    return entities


def write_mention(kind: str, text: str) -> tuple[str, str]:
    """Return the mention of a text (tokens joined by one space): the casefolded string and the type."""
    return text.casefold(), kind


def cut_text(tokens: Sequence[str], entity: Entity) -> str:
    """Return an entity's tokens joined by one space."""
    return " ".join(tokens[entity.start : entity.end])


def memorise_mentions(sentences: Sequence[TaggedSentence]) -> frozenset[tuple[str, str]]:
    """Return the set of mentions in training sentences, as (casefolded string, type)."""
    return frozenset(
        write_mention(entity.type, cut_text(sentence.tokens, entity))
        for sentence in sentences
        for entity in read_entities(sentence.tags)
    )
