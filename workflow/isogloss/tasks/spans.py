"""The `spans` format of NER, the format of mT5: input `tag: w1 w2 ...`, output `PER: x $$ LOC: y`.

Source: google-research/multilingual-t5, the `ner` tasks. The output has the words of an entity but not their positions,
so this module aligns generated spans to the tokens.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import partial

from isogloss.common.examples import TaggedSentence
from isogloss.tasks.base import Format, Piece, hide_special_tokens
from isogloss.tasks.entities import cut_text, fold_type, read_entities
from isogloss.tasks.word_tags import Prediction

ADDED = 16
"""Number of tokens that an output with types of three letters may have more than its input."""


def make_spans(types: tuple[str, ...]) -> Format:
    """Return the format for these entity types. Outputs with longer names of types may be longer."""
    known = {fold_type(kind): kind for kind in types}
    added = max(ADDED, -(-ADDED * max(map(len, types)) // 3))
    return Format("spans", "text", (), encode_spans, partial(decode_spans, known), added=added)


def encode_spans(sentence: TaggedSentence) -> tuple[Piece, ...]:
    """Return the single piece of a sentence. Its target lists the entities in their order; it is empty without any."""
    entities = read_entities(sentence.tags)
    spans = (f"{entity.type}: {_protect(cut_text(sentence.tokens, entity))}" for entity in entities)
    return (Piece(f"tag: {_protect(' '.join(sentence.tokens))}", " $$ ".join(spans)),)


def decode_spans(
    known: Mapping[str, str], sentence: TaggedSentence, outputs: Sequence[str], cut: int = 0
) -> Prediction:
    """Align the generated spans to the tokens. A span of a known type that is not found is unaligned.

    known: the entity types by their folded names (`fold_type`). A segment without a colon is dropped. A span of an
    unknown type is only in `spans`, for the score of mT5, which counts it. Spans are aligned in the order in which they
    were generated.
    """
    (output,) = outputs
    spans = tuple((known.get(fold_type(kind), kind), text) for kind, text in parse_spans(output))
    types = {*known.values()}
    tags = ["O"] * len(sentence.tokens)
    unaligned = []
    for kind, text in spans:
        if kind not in types:
            continue
        found = find_span(sentence.tokens, [tag != "O" for tag in tags], text)
        if found is None:
            unaligned.append((kind, text))
        else:
            start, end = found
            tags[start:end] = [f"B-{kind}", *[f"I-{kind}"] * (end - start - 1)]
    return Prediction(tuple(tags), unaligned=tuple(unaligned), spans=spans)


def parse_spans(output: str) -> tuple[tuple[str, str], ...]:
    """Return (type, text) of each segment with a colon; `$$` separates segments, the first colon ends the type."""
    pairs = (segment.partition(":") for segment in output.split("$$"))
    return tuple((kind.strip(" "), _join_words(text)) for kind, colon, text in pairs if colon)


def find_span(tokens: Sequence[str], used: Sequence[bool], text: str) -> tuple[int, int] | None:
    """Return (start, end) of the leftmost sequence of unused tokens that is equal to `text`, or None.

    The function first searches for the exact words of `text`. If they are not found, it searches for a sequence of
    complete tokens with the same characters and ignores spaces, because a tokenizer may change spaces, compatibility
    forms (NFKC) and invisible characters.
    """
    words = [word for word in text.split(" ") if word]
    for start in range(len(tokens) - len(words) + 1 if words else 0):
        end = start + len(words)
        if list(tokens[start:end]) == words and not any(used[start:end]):
            return start, end
    return _find_characters([_loosen(token) for token in tokens], used, _loosen(text))


def _find_characters(tokens: Sequence[str], used: Sequence[bool], text: str) -> tuple[int, int] | None:
    for start, first in enumerate(tokens if text else ()):
        rest, end = text, start
        while first and rest and end < len(tokens) and not used[end] and rest.startswith(tokens[end]):
            rest, end = rest[len(tokens[end]) :], end + 1
        if first and not rest:
            return start, end
    return None


def _loosen(text: str) -> str:
    """Return the characters that a tokenizer preserves: NFKC, without white space and format characters."""
    kept = unicodedata.normalize("NFKC", text.replace("‹", "<"))
    return "".join(char for char in kept if not char.isspace() and unicodedata.category(char) != "Cf")


def _protect(text: str) -> str:
    """Change `$$` and `<...>` in a text so that they are not read as separators and special tokens."""
    return re.sub(r"\$(?=\$)", "$ ", hide_special_tokens(text))


def _join_words(text: str) -> str:
    """Split at ASCII spaces only, since other Unicode spaces can be in a word, and join the words by one space."""
    return " ".join(word for word in text.split(" ") if word)
