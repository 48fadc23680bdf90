"""Head that finds the answer to a question in a passage: its first and last token (Devlin et al. 2019, section 4.2).

The score of a span is the start logit of its first token plus the end logit of its last token. The answer is the span
with the highest score over all windows of the passage.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from transformers import MODEL_FOR_QUESTION_ANSWERING_MAPPING

from isogloss.models.encoder.head import Encoder, Head, ask
from isogloss.models.encoder.text_pairs import Span, Window, cut_windows
from isogloss.tasks.base import Extraction

LONGEST_ANSWER = 64
"""Maximum number of subword tokens in a predicted span. Of 2,477 answers in TyDiQA, 99% are not longer."""


def encode_spans(model: Encoder, view: Extraction, examples: Sequence[Any], limit: int) -> list[dict[str, Any]]:
    """Tokenise the windows of every example; `labels` contains the positions of the first and last token of the answer.

    If a window does not contain the whole answer, both are 0, the position of the first special token.
    """
    cut = cut_windows(model, [view.texts(example) for example in examples], limit)
    return [
        {**window.inputs, "labels": place_span(window, view.gold(example)), "language": example.language}
        for example, windows in zip(examples, cut, strict=True)
        for window in windows
    ]


def place_span(window: Window, span: Span) -> list[int]:
    """Return the positions, in the input of a window, of the first and last token of a span of characters.

    The tokens of a span are all tokens that overlap it. The first and the last one may cover more characters, such as
    the space before a word. Returns [0, 0] if the window does not contain the whole span.
    """
    start, end = span
    tokens = [place for place, (left, right) in enumerate(window.spans) if left < end and right > start]
    if not tokens or tokens[0] not in window.held or tokens[-1] not in window.held:
        return [0, 0]
    return [window.first + place - window.held.start for place in (tokens[0], tokens[-1])]


class SpanLearner(torch.nn.Module):
    """A span network with a loss that excludes padding.

    The loss of Hugging Face treats padding as possible answer positions, so it depends on the other inputs of a batch.
    """

    def __init__(self, network: torch.nn.Module):
        super().__init__()
        self.network = network

    def forward(self, starts: torch.Tensor, ends: torch.Tensor, **inputs: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return `loss`: the mean of the cross-entropies of the start and the end positions, each of shape (batch,)."""
        output = self.network(**inputs)
        padding = inputs["attention_mask"] == 0
        losses = [
            torch.nn.functional.cross_entropy(logits.float().masked_fill(padding, -torch.inf), places)
            for logits, places in ((output.start_logits, starts), (output.end_logits, ends))
        ]
        return {"loss": sum(losses) / 2}


def collate_spans(batch: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
    """Return `starts` and `ends`: the positions of the first and last token of each answer, each (batch,)."""
    starts, ends = torch.tensor([one["labels"] for one in batch]).T
    return {"starts": starts, "ends": ends}


def predict_spans(model: Encoder, view: Extraction, examples: Sequence[Any], limit: int) -> list[Any]:
    """Return the prediction for each example: the span with the highest score over all windows of its passage."""
    texts = [view.texts(example) for example in examples]
    cut = cut_windows(model, texts, limit)
    windows = [(index, window) for index, of_passage in enumerate(cut) for window in of_passage]
    inputs = [{**window.inputs, "window": window} for _, window in windows]
    best: list[tuple[float, Span | None]] = [(-torch.inf, None)] * len(examples)
    for (index, _), found in zip(windows, ask(model, inputs, _read_spans), strict=True):
        best[index] = max(best[index], found, key=lambda one: one[0])
    return [
        view.decode(example, span and strip_span(passage, span), max(1, len(of_passage)))
        for example, (_, span), (_, passage), of_passage in zip(examples, best, texts, cut, strict=True)
    ]


def find_best(starts: torch.Tensor, ends: torch.Tensor) -> tuple[float, int, int]:
    """Return the score, the first token and the last token of the best span of at most LONGEST_ANSWER tokens.

    starts, ends: logits (tokens,).
    """
    scores = starts[:, None] + ends[None, :]
    allowed = torch.ones_like(scores, dtype=torch.bool).triu().tril(LONGEST_ANSWER - 1)
    scores = scores.masked_fill(~allowed, -torch.inf)
    first, last = divmod(int(scores.argmax()), len(ends))
    return float(scores[first, last]), first, last


def strip_span(text: str, span: Span) -> Span:
    """Return a span without the white space at its ends, extended to all combining marks of its last letter.

    If a tokenizer composes a letter and a combining mark into one character, it reports only the offset of the letter.
    """
    start, end = span
    while end < len(text) and unicodedata.category(text[end])[0] == "M":
        end += 1
    inside = text[start:end]
    start += len(inside) - len(inside.lstrip())
    return start, start + len(inside.strip())


def _read_spans(output: Any, batch: list[dict[str, Any]]) -> list[tuple[float, Span]]:
    found = []
    for one, starts, ends in zip(
        batch, output.start_logits.float().cpu(), output.end_logits.float().cpu(), strict=True
    ):
        window = one["window"]
        passage = slice(window.first, window.first + len(window.held))
        score, first, last = find_best(starts[passage], ends[passage])
        found.append((score, (window.spans[window.held[first]][0], window.spans[window.held[last]][1])))
    return found


SPANS = Head(
    field="extraction",
    networks=MODEL_FOR_QUESTION_ANSWERING_MAPPING,
    adapted="QUESTION_ANS",
    labels=lambda _: ("start", "end"),
    encode=encode_spans,
    collate_gold=collate_spans,
    learner=SpanLearner,
    predict=predict_spans,
)
