"""What the heads of an encoder have in common: what a head is, the model it stands on, and how that model is asked."""

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
    """An encoder, with a head or without, and its tokenizer. The network's config names what the head tells apart.

    lacking: weights of the network that its folder did not have, by their names in the body.
    """

    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    lacking: frozenset[str] = frozenset()

    @property
    def tells_texts_apart(self) -> bool:
        """Whether the model has an embedding for the second of two texts (BERT's segments) that its tokenizer uses."""
        known = "token_type_ids" in self.tokenizer.model_input_names
        return known and getattr(self.network.config, "type_vocab_size", 0) > 1


@dataclass(frozen=True)
class Head:
    """A way in which an encoder answers. `view` is how a task is seen by it (isogloss.tasks.base).

    field: the field of a Task that holds the view. networks: Hugging Face's class with such a head, by the class of a
    config. adapted: what peft calls it. labels: view -> what the head tells apart, in order. encode: (model, view,
    examples, tokens of an input at most) -> inputs to learn from, each with `input_ids`, `labels` and `language`.
    collate_gold: inputs -> arguments of the learner, beside the inputs. learner: network -> what returns its `loss`.
    predict: (model, view, examples, tokens of an input at most) -> predictions.
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
    """Return what is read for each input, in their order. read: (the network's output for a batch, the batch)."""

    def answer(batch: list[dict[str, Any]]) -> Sequence[Any]:
        tensors = collate_inputs(batch, model.tokenizer.pad_token_id)
        return read(model.network(**{key: value.to(model.network.device) for key, value in tensors.items()}), batch)

    return predict_batches(inputs, answer, batch_size=PREDICTION_BATCH)


def collate_inputs(batch: Sequence[Mapping[str, Any]], pad: int) -> dict[str, torch.Tensor]:
    """Return `input_ids`, `attention_mask` and, where the inputs have them, `token_type_ids` of a batch."""
    lengths = [torch.ones(len(one["input_ids"]), dtype=torch.long) for one in batch]
    tensors = {
        "input_ids": pad_rows(batch, "input_ids", pad),
        "attention_mask": pad_sequence(lengths, batch_first=True),
    }
    if "token_type_ids" in batch[0]:
        tensors["token_type_ids"] = pad_rows(batch, "token_type_ids", 0)
    return tensors


def pad_rows(batch: Sequence[Mapping[str, Any]], key: str, padding: int) -> torch.Tensor:
    """Return the lists under a key as one tensor (batch, longest)."""
    return pad_sequence([torch.tensor(one[key]) for one in batch], batch_first=True, padding_value=padding)
