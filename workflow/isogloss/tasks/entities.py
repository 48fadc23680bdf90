"""Entity types and their tags, and the entities and mentions of a tagged sentence."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from isogloss.common.annotation import NOTHING
from isogloss.common.errors import UserError
from isogloss.common.examples import TaggedSentence
from isogloss.tasks.base import check_names

TAKEN = ("seen", "unseen", "half_1", "half_2")
"""Names that entity types cannot have, because `f1_seen` and the like are other scores."""
_SEPARATORS = ":$<>"
"""Characters that the format `spans` uses: `PER: x $$ LOC: y`, where `<...>` is a special token."""
_RENAME = "write another name, and translate the one in the files with `map`"


class Entity(NamedTuple):
    """An entity: its type, its first token, and the token after its last."""

    type: str
    start: int
    end: int


def list_tags(types: Sequence[str]) -> tuple[str, ...]:
    """Return the tags for entities of some types, in a fixed order: `O`, then `B-` and `I-` of each type."""
    return (NOTHING, *(f"{prefix}-{kind}" for kind in types for prefix in "BI"))


def check_types(types: Sequence[str]) -> None:
    """Raise UserError for a name that cannot be an entity type: a tag, or a name that a format cannot represent."""
    check_names(types)
    for kind in types:
        if kind.startswith(("B-", "I-")):
            raise UserError(f"{kind!r} is a tag; write the entity type, such as {kind[2:] or 'PER'!r}")
        if kind != kind.strip("-"):
            raise UserError(f"{kind!r} has a hyphen at its edge, which seqeval does not read; {_RENAME}")
        if kind in TAKEN:
            raise UserError(f"{kind!r} cannot be an entity type, because f1_{kind} is another score; {_RENAME}")
        if found := next((one for one in _SEPARATORS if one in kind), None):
            raise UserError(f"{kind!r} contains {found!r}, which the format spans uses to separate entities; {_RENAME}")
    folded: dict[str, str] = {}
    for kind in types:
        if folded.setdefault(fold_type(kind), kind) != kind:
            raise UserError(
                f"{folded[fold_type(kind)]!r} and {kind!r} differ only in their Unicode form; keep one of them"
            )


def fold_type(kind: str) -> str:
    """Return an entity type as a tokenizer may change it: NFKC, without invisible format characters."""
    kept = unicodedata.normalize("NFKC", kind)
    return "".join(char for char in kept if unicodedata.category(char) != "Cf")


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
