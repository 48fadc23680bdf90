"""Collate examples of different lengths into padded tensors."""

from collections.abc import Sequence
from typing import Any

import torch

from isogloss.training.batch_plan import IGNORED


def collate_text(batch: Sequence[dict[str, Any]], pad: int) -> dict[str, torch.Tensor]:
    """Return `input_ids`, `attention_mask` and `labels` (token ids), each padded to (batch, longest)."""
    source = _stack(batch, "input_ids", pad)
    return {"input_ids": source, "attention_mask": (source != pad).long(), "labels": _stack(batch, "labels", IGNORED)}


def collate_labels(batch: Sequence[dict[str, Any]], pad: int) -> dict[str, torch.Tensor]:
    """Return the tensors of collate_text and `decoder_input_ids`, each padded to (batch, longest).

    batch: examples with `input_ids`, `asked` and `labels`. asked: the input of the decoder; a label is read at each of
    its tokens. labels: label indices, one for each token of `asked`.
    """
    return {**collate_text(batch, pad), "decoder_input_ids": _stack(batch, "asked", pad)}


def _stack(batch: Sequence[dict[str, Any]], key: str, padding: int) -> torch.Tensor:
    rows = [torch.tensor(example[key]) for example in batch]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=padding)
