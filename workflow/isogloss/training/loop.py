"""The training loop of the neural families: the Trainer of Hugging Face, configured for short, reproducible runs."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from transformers import Trainer, TrainingArguments, set_seed
from transformers.utils import logging

from isogloss.training.batch_plan import IGNORED, plan_batches

WARM_UP = 0.1
"""Proportion of the steps in which the learning rate increases to its maximum; it then decreases linearly to 0."""

Example = Mapping[str, Any]
Collate = Callable[[list[Example]], dict[str, torch.Tensor]]


class Weighted(torch.nn.Module):
    """A network whose mean loss is weighted by the proportion of labels in its part of the optimiser step.

    The sum over all parts of a step is then the mean over all labels of the step, for any division into parts.
    """

    def __init__(self, network: torch.nn.Module):
        super().__init__()
        self.network = network

    def forward(self, weight: float, inputs: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Return the weighted `loss`; `inputs` is one argument, because the Trainer adds arguments to `**inputs`."""
        return {"loss": self.network(**inputs)["loss"] * weight}


def train(
    network: torch.nn.Module,
    examples: Sequence[Example],
    collate: Collate,
    *,
    steps: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
    accumulation: int = 1,
) -> float:
    """Train `network` in place for `steps` optimiser steps and return the mean training loss.

    examples: each with `input_ids` and `labels`; their total length determines the batches. collate: examples ->
    keyword arguments of the forward method of `network`, including `labels`. forward returns a mapping with `loss`, the
    mean over the labels that are not IGNORED. accumulation: number of parts of the batch of a step, which are processed
    one after the other to save memory; the gradient does not change.

    The optimiser is AdamW without weight decay, and gradients are clipped at norm 1.0. Training uses bfloat16 on GPUs
    that support it, and float32 otherwise (T5 overflows in float16).
    """
    logging.set_verbosity_error()
    set_seed(seed)
    lengths = [len(example["input_ids"]) + len(example["labels"]) for example in examples]
    gpu = torch.cuda.is_available()
    with tempfile.TemporaryDirectory() as unused:  # the Trainer requires a folder even if it saves nothing
        trainer = Trainer(
            model=Weighted(network),
            train_dataset=Parts(examples, collate, plan_batches(lengths, steps, batch_size, seed), accumulation),
            data_collator=_take_only,
            args=TrainingArguments(
                output_dir=unused,
                max_steps=steps,
                per_device_train_batch_size=1,  # one item of the dataset is a part of a batch
                gradient_accumulation_steps=accumulation,
                learning_rate=learning_rate,
                lr_scheduler_type="linear",
                warmup_steps=max(1, round(WARM_UP * steps)),
                optim="adamw_torch_fused",
                weight_decay=0.0,
                max_grad_norm=1.0,
                train_sampling_strategy="sequential",
                seed=seed,
                bf16=gpu and torch.cuda.is_bf16_supported(),
                use_cpu=not gpu,
                dataloader_pin_memory=gpu,
                remove_unused_columns=False,
                save_strategy="no",
                logging_steps=50,
                logging_nan_inf_filter=False,
                disable_tqdm=True,
                report_to="none",
            ),
        )
        loss = trainer.train().training_loss
    network.eval()
    return loss


@contextmanager
def save_memory(network: Any, wanted: bool) -> Iterator[None]:
    """If `wanted`, recompute activations in the backward pass instead of storing them (activation checkpointing)."""
    if not wanted:
        yield
        return
    network.activation_checkpointing_enable({"use_reentrant": False})
    try:
        yield
    finally:
        network.activation_checkpointing_disable()


@dataclass(frozen=True)
class Parts:
    """A dataset of the parts of all optimiser steps, in order; items are collated when they are read.

    plan: for each step, the indices of the examples in its batch. accumulation: number of parts per step.
    """

    examples: Sequence[Example]
    collate: Collate
    plan: Sequence[Sequence[int]]
    accumulation: int

    def __len__(self) -> int:
        return len(self.plan) * self.accumulation

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Return a collated part and its weight: its share of the labels of the step, times the number of parts."""
        batch, part = self.plan[index // self.accumulation], index % self.accumulation
        cuts = [len(batch) * cut // self.accumulation for cut in range(self.accumulation + 1)]
        places = batch[cuts[part] : cuts[part + 1]]
        share = self._count_labels(places) / max(1, self._count_labels(batch))
        # The Trainer divides the loss of each part by the number of parts. A part without examples needs a batch too.
        inputs = self.collate([self.examples[place] for place in places or batch[:1]])
        return {"weight": share * self.accumulation, "inputs": inputs}

    def _count_labels(self, places: Sequence[int]) -> int:
        return sum(label != IGNORED for place in places for label in self.examples[place]["labels"])


def _take_only(items: list[dict[str, Any]]) -> dict[str, Any]:
    # With several items, the Trainer would distribute a batch that is planned for one GPU over several GPUs, and drop
    # the rest.
    (item,) = items
    return item
