"""An encoder that marks the answer to a question in a passage: where it starts and where it ends (Devlin et al. 2019,
section 4.2).

The score of a span is the logit of its first token as a start plus that of its last as an end. The best of all windows
of a passage is the answer.
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
"""Subword tokens of a predicted span at most. Of 2,477 answers of TyDiQA 99 in 100 have no more."""


def encode_spans(model: Encoder, view: Extraction, examples: Sequence[Any], limit: int) -> list[dict[str, Any]]:
    """Tokenise the windows of every example; `labels` are the places of the answer's first and last token.

    In a window that does not hold the whole answer both are 0, where the first special token stands.
    """
    cut = cut_windows(model, [view.texts(example) for example in examples], limit)
    return [
        {**window.inputs, "labels": place_span(window, view.gold(example)), "language": example.language}
        for example, windows in zip(examples, cut, strict=True)
        for window in windows
    ]


def place_span(window: Window, span: Span) -> list[int]:
    """Return the places in a window's input of the first and the last token of a span; 0, 0 where it is not whole.

    Its tokens are all that cover any of it: at its ends they may cover more, such as the space before a word.
    """
    start, end = span
    tokens = [place for place, (left, right) in enumerate(window.spans) if left < end and right > start]
    if not tokens or tokens[0] not in window.held or tokens[-1] not in window.held:
        return [0, 0]
    return [window.first + place - window.held.start for place in (tokens[0], tokens[-1])]


class SpanLearner(torch.nn.Module):
    """A network that marks spans, with a loss that leaves padding out.

    In Hugging Face's own, padding is where an answer might be, and the loss depends on what else is in a batch.
    """

    def __init__(self, network: torch.nn.Module):
        super().__init__()
        self.network = network

    def forward(self, starts: torch.Tensor, ends: torch.Tensor, **inputs: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return the `loss`: the mean of those of the starts and of the ends (batch,)."""
        output = self.network(**inputs)
        padding = inputs["attention_mask"] == 0
        losses = [
            torch.nn.functional.cross_entropy(logits.float().masked_fill(padding, -torch.inf), places)
            for logits, places in ((output.start_logits, starts), (output.end_logits, ends))
        ]
        return {"loss": sum(losses) / 2}


def collate_spans(batch: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
    """Return the start and the end of each answer."""
    starts, ends = torch.tensor([one["labels"] for one in batch]).T
    return {"starts": starts, "ends": ends}


def predict_spans(model: Encoder, view: Extraction, examples: Sequence[Any], limit: int) -> list[Any]:
    """Return the prediction of each example: the best span of its passage."""
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
    """Return the best score of a span and its first and last token, at most LONGEST_ANSWER; logits (tokens,)."""
    scores = starts[:, None] + ends[None, :]
    allowed = torch.ones_like(scores, dtype=torch.bool).triu().tril(LONGEST_ANSWER - 1)
    scores = scores.masked_fill(~allowed, -torch.inf)
    first, last = divmod(int(scores.argmax()), len(ends))
    return float(scores[first, last]), first, last


def strip_span(text: str, span: Span) -> Span:
    """Return a span of a text without the white space at its ends, and with all marks of its last letter.

    Of a letter and a mark that a tokenizer composes to one, it says only the letter's place.
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
