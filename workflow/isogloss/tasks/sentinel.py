"""The `sentinel` format of tasks that label words: a sentinel before every word, and a tag read at every sentinel.

The format follows Raman et al. 2022 (arXiv 2203.08378), with one difference. In training and in prediction, the decoder
input consists of the sentinels only, so all tags are read in one pass and the decoder never sees a gold tag.
"""

from collections.abc import Sequence
from itertools import pairwise

from isogloss.common.annotation import NOTHING
from isogloss.common.examples import TaggedSentence
from isogloss.tasks.base import Format, Piece, hide_special_tokens
from isogloss.tasks.word_tags import Prediction

SENTINELS = 100  # the number in the vocabularies of T5 and mT5: `<extra_id_0>` to `<extra_id_99>`


def make_sentinel(tags: tuple[str, ...]) -> Format:
    """Return the format for a task with these tags, in this order."""
    return Format("sentinel", "labels", tags, encode_sentinels, decode_sentinels)


def encode_sentinels(sentence: TaggedSentence) -> tuple[Piece, ...]:
    """Return the pieces `<extra_id_0> w0 <extra_id_1> w1 ...` with their tags.

    A sentence of up to 100 words is one piece. A longer sentence is split into several pieces of about equal length.
    """
    pieces = []
    for start, end in _split_evenly(len(sentence.tokens)):
        words = enumerate(sentence.tokens[start:end])
        text = " ".join(f"<extra_id_{index}> {hide_special_tokens(word)}" for index, word in words)
        pieces.append(Piece(text, tuple(sentence.tags[start:end])))
    return tuple(pieces)


def decode_sentinels(sentence: TaggedSentence, outputs: Sequence[Sequence[str]], cut: int = 0) -> Prediction:
    """Join the tags of the pieces of a sentence. Words without a tag (truncated) are tagged O and counted as lost.

    Raises ValueError if there is not one output per piece, or if an output has more tags than its piece has words.
    """
    tags: list[str] = []
    lost = 0
    ranges = _split_evenly(len(sentence.tokens))
    for (start, end), output in zip(ranges, outputs, strict=True):
        missing = end - start - len(output)
        if missing < 0:
            raise ValueError(f"sentence {sentence.id}: {len(output)} tags for {end - start} words")
        tags += [*output, *[NOTHING] * missing]
        lost += missing
    return Prediction(tuple(tags), lost_words=lost, pieces=len(ranges))


def _split_evenly(words: int) -> list[tuple[int, int]]:
    """Return (start, end) of the fewest pieces of at most 100 words; their lengths differ by at most one word."""
    count = -(-words // SENTINELS)
    cuts = [-(-words * index // count) for index in range(count + 1 if count else 0)]
    return list(pairwise(cuts))
