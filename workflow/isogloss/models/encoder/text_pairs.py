"""Encode two texts for an encoder: as one input that may be truncated, or as windows that cover the second text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from isogloss.models.encoder.head import Encoder

Span = tuple[int, int]
"""Character offsets of a span: of its first character, and of the character after its last."""


@dataclass(frozen=True)
class Window:
    """One input: the first text and a contiguous part of the tokens of the second text.

    inputs: argument name of the network -> token ids or segments. held: the indices, in the second text, of the tokens
    in this window. first: the position in the input of the first of these tokens. spans: the character span of every
    token of the second text.
    """

    inputs: dict[str, list[int]]
    first: int
    held: range
    spans: list[Span]


def encode_pairs(
    model: Encoder, pairs: Sequence[tuple[str, str]], limit: int
) -> tuple[list[dict[str, Any]], list[bool]]:
    """Tokenise pairs of texts and truncate them to `limit` tokens, always at the end of the longer text.

    Returns the input of each pair, and whether it was truncated.
    """
    inputs = _tokenise(model, pairs, truncation=False)
    cut = [len(one["input_ids"]) > limit for one in inputs]
    long = [place for place, shortened in enumerate(cut) if shortened]
    held = _tokenise(model, [pairs[place] for place in long], truncation="longest_first", max_length=limit)
    for place, one in zip(long, held, strict=True):
        inputs[place] = one
    return inputs, cut


def cut_windows(model: Encoder, pairs: Sequence[tuple[str, str]], limit: int) -> list[list[Window]]:
    """Tokenise pairs of texts and return, for each pair, windows that together cover the whole second text.

    A window has at most `limit` tokens. Each window starts at most half of its part of the second text after the
    previous window. Any span of up to that half is therefore complete in at least one window. A first text that is
    longer than half an input is truncated. A second text without tokens has no windows.
    """
    frame = find_pair_frame(model.tokenizer)
    room = limit - sum(len(ids) for ids, _ in frame)
    firsts, _ = _read_text(model.tokenizer, [first for first, _ in pairs])
    seconds, spans = _read_text(model.tokenizer, [second for _, second in pairs])
    windows = []
    for first, second, covered in zip(firsts, seconds, spans, strict=True):
        first = first[: room // 2]
        wide = room - len(first)
        last = max(0, len(second) - wide)
        starts = [*range(0, last, max(1, wide // 2)), last] if second else []
        held = [range(start, min(start + wide, len(second))) for start in starts]
        windows.append([_join(model, frame, first, second, tokens, covered) for tokens in held])
    return windows


Part = tuple[list[int], list[int]]
"""Special tokens and their segments."""


def find_pair_frame(tokenizer: Any) -> tuple[Part, Part, Part]:
    """Return the special tokens before, between and after two texts, with their segments."""
    probe = tokenizer("a", "a", return_token_type_ids=True)
    ids, segments, texts = probe["input_ids"], probe["token_type_ids"], probe.sequence_ids()
    first = [place for place, text in enumerate(texts) if text == 0]
    second = [place for place, text in enumerate(texts) if text == 1]
    bounds = [(0, first[0]), (first[-1] + 1, second[0]), (second[-1] + 1, len(ids))]
    before, between, after = ((ids[start:end], segments[start:end]) for start, end in bounds)
    return before, between, after


def _join(
    model: Encoder, frame: tuple[Part, Part, Part], first: list[int], second: list[int], held: range, spans: list[Span]
) -> Window:
    before, between, after = frame
    part = second[held.start : held.stop]
    inputs = {"input_ids": [*before[0], *first, *between[0], *part, *after[0]]}
    if model.tells_texts_apart:
        # In every BERT template, a text has the segment of the special token after it.
        own = between[1][:1] * len(first), after[1][:1] * len(part)
        inputs["token_type_ids"] = [*before[1], *own[0], *between[1], *own[1], *after[1]]
    return Window(inputs, len(before[0]) + len(first) + len(between[0]), held, spans)


def _tokenise(model: Encoder, pairs: Sequence[tuple[str, str]], **options: Any) -> list[dict[str, Any]]:
    if not pairs:
        return []
    encoded = model.tokenizer(
        [first for first, _ in pairs],
        [second for _, second in pairs],
        split_special_tokens=True,  # strings that look like special tokens are ordinary text here
        return_token_type_ids=True,
        return_attention_mask=False,
        verbose=False,
        **options,
    )
    names = ("input_ids", "token_type_ids") if model.tells_texts_apart else ("input_ids",)
    return [{name: encoded[name][place] for name in names} for place in range(len(pairs))]


def _read_text(tokenizer: Any, texts: Sequence[str]) -> tuple[list[list[int]], list[list[Span]]]:
    if not texts:
        return [], []
    encoded = tokenizer(
        list(texts),
        add_special_tokens=False,
        split_special_tokens=True,
        truncation=False,
        return_offsets_mapping=True,
        return_attention_mask=False,
        verbose=False,
    )
    return encoded["input_ids"], encoded["offset_mapping"]
