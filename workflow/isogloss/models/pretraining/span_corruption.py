"""Span corruption, the pre-training task of T5 and mT5 (Raffel et al. 2020, section 3.1.4)."""

from collections.abc import Sequence

import numpy

NOISE_DENSITY = 0.15
MEAN_SPAN_LENGTH = 3.0


def count_spans(length: int, density: float = NOISE_DENSITY, mean_length: float = MEAN_SPAN_LENGTH) -> int:
    """Return the number of spans to mask in a text of `length` tokens (at least 2).

    It is the number of masked tokens divided by the mean span length, rounded, and at least 1.
    """
    noise = count_noise(length, density)
    return min(max(round(noise / mean_length), 1), length - noise)


def count_noise(length: int, density: float = NOISE_DENSITY) -> int:
    """Return the number of tokens to mask in a text of `length` tokens (at least 2)."""
    return min(max(round(length * density), 1), length - 1)


def draw_spans(
    length: int,
    rng: numpy.random.Generator,
    density: float = NOISE_DENSITY,
    mean_length: float = MEAN_SPAN_LENGTH,
) -> list[tuple[int, int]]:
    """Draw the (start, end) of the spans to mask in a text of `length` tokens (at least 2).

    The number of masked tokens is `length * density`, rounded. The number of spans is this number divided by
    `mean_length`, rounded. Both are at least 1. The text starts with a kept token and ends with a masked one. All
    divisions of the masked tokens into spans, and of the kept tokens into the parts between them, are equally likely.
    """
    noise, spans = count_noise(length, density), count_spans(length, density, mean_length)
    kept_lengths = _share(length - noise, spans, rng)
    noise_lengths = _share(noise, spans, rng)
    ends = numpy.cumsum(numpy.stack([kept_lengths, noise_lengths], axis=1).ravel())
    return [(int(start), int(end)) for start, end in zip(ends[0::2], ends[1::2], strict=True)]


def _share(total: int, parts: int, rng: numpy.random.Generator) -> numpy.ndarray:
    """Split `total` into `parts` positive lengths; all splits are equally likely."""
    cuts = numpy.sort(rng.choice(total - 1, parts - 1, replace=False)) + 1 if parts > 1 else numpy.empty(0, int)
    return numpy.diff(numpy.concatenate([[0], cuts, [total]])).astype(int)


def corrupt_spans(
    tokens: Sequence[int],
    sentinels: Sequence[int],
    eos: int,
    rng: numpy.random.Generator,
    mean_length: float = MEAN_SPAN_LENGTH,
) -> tuple[list[int], list[int]]:
    """Return the input, with each masked span replaced by a sentinel, and the target, with each sentinel and its span.

    tokens: ids of one text without the end token. Input and target end with `eos`. Raises ValueError if there are more
    spans than sentinels.
    """
    spans = draw_spans(len(tokens), rng, mean_length=mean_length)
    if len(spans) > len(sentinels):
        raise ValueError(f"{len(spans)} spans, but only {len(sentinels)} sentinels; split the text into shorter texts")
    source: list[int] = []
    target: list[int] = []
    kept_from = 0
    for sentinel, (start, end) in zip(sentinels, spans, strict=False):
        source += [*tokens[kept_from:start], sentinel]
        target += [sentinel, *tokens[start:end]]
        kept_from = end
    return [*source, *tokens[kept_from:], eos], [*target, eos]
