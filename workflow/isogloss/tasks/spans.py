"""The `spans` format of NER, mT5's own: `tag: w1 w2 ...` in, `PER: x $$ LOC: y` out.

Source: google-research/multilingual-t5, the `ner` tasks. A string says which words an entity has, but not
where they stand, so what is generated is aligned to the tokens here.
"""

import re
import unicodedata
from collections.abc import Sequence

from isogloss.common.examples import TaggedSentence
from isogloss.tasks.base import Format, Piece, hide_special_tokens
from isogloss.tasks.entities import TYPES, Prediction, cut_text, read_entities


def encode_spans(sentence: TaggedSentence) -> tuple[Piece, ...]:
    """Return the one piece of a sentence; its target names the entities in their order, or is empty."""
    entities = read_entities(sentence.tags)
    spans = (f"{entity.type}: {_protect(cut_text(sentence.tokens, entity))}" for entity in entities)
    return (Piece(f"tag: {_protect(' '.join(sentence.tokens))}", " $$ ".join(spans)),)


def decode_spans(sentence: TaggedSentence, outputs: Sequence[str], cut: int = 0) -> Prediction:
    """Align what was generated to the tokens; a span of a known type that is not found stays unaligned.

    A segment without a colon says nothing and is dropped. One of an unknown type stands in `spans` only,
    where mT5's own score counts it. Spans are aligned in the order they were generated.
    """
    (output,) = outputs
    spans = parse_spans(output)
    tags = ["O"] * len(sentence.tokens)
    unaligned = []
    for kind, text in spans:
        if kind not in TYPES:
            continue
        found = find_span(sentence.tokens, [tag != "O" for tag in tags], text)
        if found is None:
            unaligned.append((kind, text))
        else:
            start, end = found
            tags[start:end] = [f"B-{kind}", *[f"I-{kind}"] * (end - start - 1)]
    return Prediction(tuple(tags), unaligned=tuple(unaligned), spans=spans)


def parse_spans(output: str) -> tuple[tuple[str, str], ...]:
    """Return (type, text) of each segment between `$$` that has a colon; the first colon ends the type."""
    pairs = (segment.partition(":") for segment in output.split("$$"))
    return tuple((kind.strip(" "), _join_words(text)) for kind, colon, text in pairs if colon)


def find_span(tokens: Sequence[str], used: Sequence[bool], text: str) -> tuple[int, int] | None:
    """Return (start, end) of the leftmost run of unused tokens that is `text`, or None.

    First the words of `text` are looked for as they stand. If they are not there, its characters are,
    without regard to spaces, as a run of whole tokens: a tokenizer may lose the spacing, compatibility
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
    """Return the characters that survive a tokenizer: NFKC, without white space and format characters."""
    kept = unicodedata.normalize("NFKC", text.replace("‹", "<"))
    return "".join(char for char in kept if not char.isspace() and unicodedata.category(char) != "Cf")


def _protect(text: str) -> str:
    """Keep a text's own `$$` from being read as the separator, and its `<...>` as special tokens."""
    return re.sub(r"\$(?=\$)", "$ ", hide_special_tokens(text))


def _join_words(text: str) -> str:
    """Return the words that ASCII spaces separate, joined by one: Unicode's own spaces can be in a word."""
    return " ".join(word for word in text.split(" ") if word)


SPANS = Format("spans", "text", (), encode_spans, decode_spans)
