"""Split sentences, given as words, into subword inputs that fit an encoder."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class WordPiece:
    """One input of an encoder: all words of a sentence, or a contiguous part of them.

    input_ids: token ids, including special tokens. words: the indices, in the sentence, of the words that have
    subwords. firsts: for each of these words, the index of its first subword in `input_ids`.
    """

    input_ids: list[int]
    words: list[int]
    firsts: list[int]


@dataclass(frozen=True)
class CutSentence:
    """A sentence as inputs of an encoder.

    pieces: the inputs; empty if no word has a subword. lost: the number of words without any subword, or with too many
    to fit in one input.
    """

    pieces: list[WordPiece]
    lost: int


def cut_sentences(tokenizer: Any, sentences: Sequence[Sequence[str]], max_length: int) -> list[CutSentence]:
    """Tokenise sentences, given as words, and split them between words into inputs of at most `max_length` tokens.

    tokenizer: a fast tokenizer. Each sentence is split into as few inputs as possible, of similar length. A word with
    more subwords than an input can contain is truncated. A word that the tokenizer removes (zero-width characters) is
    in no input. Both kinds of words are counted in `lost`.
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
    """Tokenise sentences, given as words, without truncation or special tokens; each word as if after a space."""
    # In some BPE vocabularies, a word without a space before it is segmented like the end of another word.
    alone, spaced = (tokenizer([[word]], is_split_into_words=True)["input_ids"] for word in ("a", " a"))
    space = "" if alone == spaced else " "
    return tokenizer(
        [[space + word for word in words] for words in sentences],
        is_split_into_words=True,
        add_special_tokens=False,
        split_special_tokens=True,  # strings that look like special tokens are ordinary text here
        truncation=False,  # truncation would remove words
        return_attention_mask=False,
        verbose=False,
    )


def find_frame(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Return the ids of the special tokens before a text and after it."""
    probe = tokenizer(["a"], is_split_into_words=True)
    tokens, words = probe["input_ids"], probe.word_ids()
    inside = [place for place, word in enumerate(words) if word is not None]
    return tokens[: inside[0]], tokens[inside[-1] + 1 :]


def fill_evenly(sizes: Sequence[int], room: int) -> list[tuple[int, int]]:
    """Split `sizes` into as few contiguous runs as possible and return their (start, end).

    The sum of each run is at most `room`, and the largest sum is as small as possible. Every size must be at most
    `room`.
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
