"""Span corruption, the task that T5 and mT5 are pre-trained on (Raffel et al. 2020, section 3.1.4)."""

from collections.abc import Sequence

import numpy

NOISE_DENSITY = 0.15
MEAN_SPAN_LENGTH = 3.0


def count_spans(length: int, density: float = NOISE_DENSITY, mean_length: float = MEAN_SPAN_LENGTH) -> int:
    """Return the spans to mask in a text of `length` tokens (at least 2): the masked tokens divided by their length."""
    noise = count_noise(length, density)
    return min(max(round(noise / mean_length), 1), length - noise)


def count_noise(length: int, density: float = NOISE_DENSITY) -> int:
    """Return the tokens to mask in a text of `length` tokens (at least 2)."""
    return min(max(round(length * density), 1), length - 1)


def draw_spans(
    length: int,
    rng: numpy.random.Generator,
    density: float = NOISE_DENSITY,
    mean_length: float = MEAN_SPAN_LENGTH,
) -> list[tuple[int, int]]:
    """Draw the (start, end) of the spans to mask in a text of `length` tokens (at least 2).

    As many tokens as `length * density` rounds to are masked, in as many spans as that divided by `mean_length` rounds
    to (at least one of each); the text starts with a kept token, and all ways to share both kinds are equally likely.
    """
    noise, spans = count_noise(length, density), count_spans(length, density, mean_length)
    kept_lengths = _share(length - noise, spans, rng)
    noise_lengths = _share(noise, spans, rng)
    ends = numpy.cumsum(numpy.stack([kept_lengths, noise_lengths], axis=1).ravel())
    return [(int(start), int(end)) for start, end in zip(ends[0::2], ends[1::2], strict=True)]


def _share(total: int, parts: int, rng: numpy.random.Generator) -> numpy.ndarray:
    """Split `total` into `parts` positive lengths, every way equally likely."""
    cuts = numpy.sort(rng.choice(total - 1, parts - 1, replace=False)) + 1 if parts > 1 else numpy.empty(0, int)
    return numpy.diff(numpy.concatenate([[0], cuts, [total]])).astype(int)


def corrupt_spans(
    tokens: Sequence[int],
    sentinels: Sequence[int],
    eos: int,
    rng: numpy.random.Generator,
    mean_length: float = MEAN_SPAN_LENGTH,
) -> tuple[list[int], list[int]]:
    """Return the input, each masked span replaced by a sentinel, and the target: each sentinel and its span.

    tokens: ids of one text without the end mark; both results end in `eos`. A text whose spans outnumber the
    sentinels raises ValueError.
    """
    spans = draw_spans(len(tokens), rng, mean_length=mean_length)
    if len(spans) > len(sentinels):
        raise ValueError(f"{len(spans)} spans for {len(sentinels)} sentinels: cut the text into shorter ones")
    source: list[int] = []
    target: list[int] = []
    kept_from = 0
    for sentinel, (start, end) in zip(sentinels, spans, strict=False):
        source += [*tokens[kept_from:start], sentinel]
        target += [sentinel, *tokens[start:end]]
        kept_from = end
    return [*source, *tokens[kept_from:], eos], [*target, eos]
