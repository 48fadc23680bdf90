"""Two texts as an encoder reads them: in one input, cut if need be; or with windows that hold all of the second."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from isogloss.models.encoder.head import Encoder

Span = tuple[int, int]
"""Of characters: the place of the first, and of the one after the last."""


@dataclass(frozen=True)
class Window:
    """The first text and a run of the second's tokens, in one input.

    inputs: what the network takes, by name. first: the place in it of the first of these tokens. held: which of the
    second text's tokens they are. spans: what each of all its tokens covers of it.
    """

    inputs: dict[str, list[int]]
    first: int
    held: range
    spans: list[Span]


def encode_pairs(
    model: Encoder, pairs: Sequence[tuple[str, str]], limit: int
) -> tuple[list[dict[str, Any]], list[bool]]:
    """Tokenise pairs of texts and cut them to `limit` tokens, always at the end of the longer text.

    Returns the input of each pair, and whether it was cut.
    """
    inputs = _tokenise(model, pairs, truncation=False)
    cut = [len(one["input_ids"]) > limit for one in inputs]
    long = [place for place, shortened in enumerate(cut) if shortened]
    held = _tokenise(model, [pairs[place] for place in long], truncation="longest_first", max_length=limit)
    for place, one in zip(long, held, strict=True):
        inputs[place] = one
    return inputs, cut


def cut_windows(model: Encoder, pairs: Sequence[tuple[str, str]], limit: int) -> list[list[Window]]:
    """Tokenise pairs of texts, and give each the windows of the second text that hold all of it.

    Each window is as long as `limit` lets it be and starts at most half of its own part after the one before, so that
    whatever is no longer than this half stands whole in one of them. A first text of more than half an input loses its
    end; a second without a token has no window.
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
"""Special tokens with their segments."""


def find_pair_frame(tokenizer: Any) -> tuple[Part, Part, Part]:
    """Return the special tokens that stand before, between and after two texts, each with its segment."""
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
        # The segment of a text is that of the special token behind it, in every template of BERT's kind.
        own = between[1][:1] * len(first), after[1][:1] * len(part)
        inputs["token_type_ids"] = [*before[1], *own[0], *between[1], *own[1], *after[1]]
    return Window(inputs, len(before[0]) + len(first) + len(between[0]), held, spans)


def _tokenise(model: Encoder, pairs: Sequence[tuple[str, str]], **options: Any) -> list[dict[str, Any]]:
    if not pairs:
        return []
    encoded = model.tokenizer(
        [first for first, _ in pairs],
        [second for _, second in pairs],
        split_special_tokens=True,  # what looks like a special token is text here
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
