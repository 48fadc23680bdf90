"""Words as an encoder reads them: their subwords in pieces that fit the model, each word at its first subword."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class WordPiece:
    """One input of an encoder: all of a sentence's words, or a run of them.

    input_ids: with the special tokens around them. words: the places in the sentence of those words that have
    subwords, and firsts: the place in input_ids of the first subword of each.
    """

    input_ids: list[int]
    words: list[int]
    firsts: list[int]


@dataclass(frozen=True)
class CutSentence:
    """A sentence in pieces; none where no word has a subword. lost: words that have none, or too many to fit."""

    pieces: list[WordPiece]
    lost: int


def cut_sentences(tokenizer: Any, sentences: Sequence[Sequence[str]], max_length: int) -> list[CutSentence]:
    """Tokenise sentences given as words and cut them, between words only, into pieces of at most `max_length` tokens.

    tokenizer: a fast one. A sentence gives the fewest pieces that hold it, of even length. A word longer than a whole
    piece is cut short; a word that the tokenizer drops (zero-width characters) has no place in any. Both are lost.
    """
    before, after = find_frame(tokenizer)
    room = max_length - len(before) - len(after)
    encoded = encode_words(tokenizer, sentences)
    cut = []
    for index, words in enumerate(sentences):
        subwords: list[list[int]] = [[] for _ in words]
        for token, word in zip(encoded["input_ids"][index], encoded.word_ids(index), strict=True):
            subwords[word].append(token)
        held = [place for place, tokens in enumerate(subwords) if tokens]
        long = sum(len(tokens) > room for tokens in subwords)
        pieces = [
            _join(before, [(place, subwords[place][:room]) for place in held[start:end]], after)
            for start, end in fill_evenly([min(len(subwords[place]), room) for place in held], room)
        ]
        cut.append(CutSentence(pieces, len(words) - len(held) + long))
    return cut


def encode_words(tokenizer: Any, sentences: Sequence[Sequence[str]]) -> Any:
    """Tokenise sentences given as words, whole and without special tokens; each word as it is after a space."""
    # Some BPE vocabularies take a word without a space before it for the end of another.
    alone, spaced = (tokenizer([[word]], is_split_into_words=True)["input_ids"] for word in ("a", " a"))
    space = "" if alone == spaced else " "
    return tokenizer(
        [[space + word for word in words] for words in sentences],
        is_split_into_words=True,
        add_special_tokens=False,
        split_special_tokens=True,  # what looks like a special token is text here
        truncation=False,  # would lose words
        return_attention_mask=False,
        verbose=False,
    )


def find_frame(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Return the special tokens that stand before and after a text."""
    probe = tokenizer(["a"], is_split_into_words=True)
    tokens, words = probe["input_ids"], probe.word_ids()
    inside = [place for place, word in enumerate(words) if word is not None]
    return tokens[: inside[0]], tokens[inside[-1] + 1 :]


def fill_evenly(sizes: Sequence[int], room: int) -> list[tuple[int, int]]:
    """Return (start, end) of the fewest runs of sizes that sum to at most `room`, with the smallest largest sum.

    No size is above `room`.
    """
    if not sizes:
        return []
    fewest = len(_fill(sizes, room))
    runs = (_fill(sizes, bound) for bound in range(max(max(sizes), -(-sum(sizes) // fewest)), room + 1))
    return next(run for run in runs if len(run) == fewest)


def _fill(sizes: Sequence[int], bound: int) -> list[tuple[int, int]]:
    starts, filled = [0], 0
    for place, size in enumerate(sizes):
        if filled + size > bound:
            starts.append(place)
            filled = 0
        filled += size
    return list(zip(starts, [*starts[1:], len(sizes)], strict=True))


def _join(before: list[int], words: Iterable[tuple[int, list[int]]], after: list[int]) -> WordPiece:
    tokens, places, firsts = list(before), [], []
    for place, subwords in words:
        places.append(place)
        firsts.append(len(tokens))
        tokens += subwords
    return WordPiece(tokens + after, places, firsts)
