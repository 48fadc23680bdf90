"""Batches of examples of unequal length, as tensors."""

from collections.abc import Sequence
from typing import Any

import torch

from isogloss.training.batch_plan import IGNORED


def collate_text(batch: Sequence[dict[str, Any]], pad: int) -> dict[str, torch.Tensor]:
    """Pad examples with `input_ids` and `labels` (token ids) to one batch, each (examples, longest)."""
    source = _stack(batch, "input_ids", pad)
    return {"input_ids": source, "attention_mask": (source != pad).long(), "labels": _stack(batch, "labels", IGNORED)}


def collate_labels(batch: Sequence[dict[str, Any]], pad: int) -> dict[str, torch.Tensor]:
    """Pad examples with `input_ids`, `asked` and `labels` to one batch.

    asked: the decoder's input, at each token of which a label is read. labels: places of labels, one a token asked.
    """
    return {**collate_text(batch, pad), "decoder_input_ids": _stack(batch, "asked", pad)}


def _stack(batch: Sequence[dict[str, Any]], key: str, padding: int) -> torch.Tensor:
    rows = [torch.tensor(example[key]) for example in batch]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=padding)
