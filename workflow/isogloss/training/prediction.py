"""Prediction in batches, for all neural families."""

from collections.abc import Callable, Sequence
from typing import Any

import torch


def predict_batches(
    examples: Sequence[dict[str, Any]],
    answer: Callable[[list[dict[str, Any]]], Sequence[Any]],
    *,
    batch_size: int,
) -> list[Any]:
    """Return one answer per example, in the order of the examples.

    examples: each with `input_ids`. answer: batch of examples -> one answer per example. Batches contain examples of
    similar lengths, which reduces padding.
    """
    order = sorted(range(len(examples)), key=lambda index: len(examples[index]["input_ids"]))
    answers: list[Any] = [None] * len(examples)
    with torch.inference_mode():
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            for index, one in zip(batch, answer([examples[i] for i in batch]), strict=True):
                answers[index] = one
    return answers
