"""What all heads of an encoder share: the definition of a head, the model, and batched inference."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.utils.rnn import pad_sequence
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from isogloss.training.prediction import predict_batches

PREDICTION_BATCH = 64


@dataclass(frozen=True)
class Encoder:
    """An encoder, with or without a head, and its tokenizer. The labels of the head are in `network.config`.

    lacking: names, within the body, of weights that were missing in the model folder.
    """

    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    lacking: frozenset[str] = frozenset()

    @property
    def tells_texts_apart(self) -> bool:
        """Whether the model has segment embeddings for two texts, as BERT does, and its tokenizer returns segments."""
        known = "token_type_ids" in self.tokenizer.model_input_names
        return known and getattr(self.network.config, "type_vocab_size", 0) > 1


@dataclass(frozen=True)
class Head:
    """A kind of label head. `view` is the part of a Task that this head uses (see isogloss.tasks.base).

    field: the field of Task that contains the view. networks: class of a config -> the Hugging Face class with this
    head. adapted: the name of this head in peft. labels: view -> the labels of the head, in order. encode: (model,
    view, examples, maximum number of tokens of an input) -> training inputs, each with `input_ids`, `labels` and
    `language`. collate_gold: training inputs -> the arguments of the learner that contain the gold labels. learner:
    network -> a module whose forward returns `loss`. predict: (model, view, examples, maximum number of tokens of an
    input) -> predictions.
    """

    field: str
    networks: Mapping[type, type[PreTrainedModel]]
    adapted: str
    labels: Callable[[Any], tuple[str, ...]]
    encode: Callable[[Encoder, Any, Sequence[Any], int], list[dict[str, Any]]]
    collate_gold: Callable[[Sequence[Mapping[str, Any]]], dict[str, torch.Tensor]]
    learner: Callable[[torch.nn.Module], torch.nn.Module]
    predict: Callable[[Encoder, Any, Sequence[Any], int], list[Any]]


def ask(
    model: Encoder, inputs: Sequence[dict[str, Any]], read: Callable[[Any, list[dict[str, Any]]], Sequence[Any]]
) -> list[Any]:
    """Run the network on all inputs in batches and return one result per input, in order.

    read: (output of the network for a batch, the batch) -> one result per input of the batch.
    """

    def answer(batch: list[dict[str, Any]]) -> Sequence[Any]:
        tensors = collate_inputs(batch, model.tokenizer.pad_token_id)
        return read(model.network(**{key: value.to(model.network.device) for key, value in tensors.items()}), batch)

    return predict_batches(inputs, answer, batch_size=PREDICTION_BATCH)


def collate_inputs(batch: Sequence[Mapping[str, Any]], pad: int) -> dict[str, torch.Tensor]:
    """Return `input_ids`, `attention_mask` and, if the inputs contain them, `token_type_ids`: (batch, longest)."""
    lengths = [torch.ones(len(one["input_ids"]), dtype=torch.long) for one in batch]
    tensors = {
        "input_ids": pad_rows(batch, "input_ids", pad),
        "attention_mask": pad_sequence(lengths, batch_first=True),
    }
    if "token_type_ids" in batch[0]:
        tensors["token_type_ids"] = pad_rows(batch, "token_type_ids", 0)
    return tensors


def pad_rows(batch: Sequence[Mapping[str, Any]], key: str, padding: int) -> torch.Tensor:
    """Return the lists under `key` as one padded tensor: (batch, longest)."""
    return pad_sequence([torch.tensor(one[key]) for one in batch], batch_first=True, padding_value=padding)
