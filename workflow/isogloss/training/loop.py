"""The training loop of the neural families: the Trainer of Hugging Face, configured for short, reproducible runs."""

import math
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from transformers import Trainer, TrainerCallback, TrainingArguments, set_seed
from transformers.utils import logging

from isogloss.common.errors import UserError
from isogloss.training.batch_plan import IGNORED, plan_batches
from isogloss.training.gpus import choose_device
from isogloss.training.state import States, find_states, restore_random

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

    In the context of isogloss.training.state.keep_state, a long training saves its state and resumes from it: the
    result is the same, bit for bit on a CPU. Raises UserError if the loss or a weight is not finite.

    The optimiser is AdamW without weight decay, and gradients are clipped at norm 1.0. Training uses bfloat16 on GPUs
    that support it, and float32 otherwise (T5 overflows in float16).
    """
    logging.set_verbosity_error()
    set_seed(seed)
    lengths = [len(example["input_ids"]) + len(example["labels"]) for example in examples]
    choose_device()  # reserves one of several GPUs, if the family has not done so
    gpu = torch.cuda.is_available()
    states = find_states()
    before = states.load() if states else None
    progress = Progress(states, steps, learning_rate, before)
    plan = plan_batches(lengths, steps, batch_size, seed)[progress.step :]
    with tempfile.TemporaryDirectory() as unused:  # the Trainer requires a folder even if it saves nothing
        trainer = Resumable(
            progress,
            model=Weighted(network),
            train_dataset=Parts(examples, collate, plan, accumulation),
            data_collator=_take_only,
            args=TrainingArguments(
                output_dir=unused,
                max_steps=len(plan),
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
        trainer.train()
    network.eval()
    if not all(torch.isfinite(weight).all() for weight in network.parameters()):
        raise UserError(progress.describe("a weight is not finite after the last step"))
    return progress.losses / steps


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


class Progress(TrainerCallback):
    """The steps of a training so far and the sum of their losses; saves and restores its state.

    step: number of optimiser steps so far. steps: of the whole training. before: the state to resume from, or None.
    """

    def __init__(self, states: States | None, steps: int, learning_rate: float, before: Mapping[str, Any] | None):
        self.states, self.steps, self.learning_rate, self.before = states, steps, learning_rate, before
        self.step, self.losses = (before["step"], before["losses"]) if before else (0, 0.0)

    def add(self, loss: float) -> None:
        """Add the loss of a part of a step. Raises UserError if it is not finite."""
        if not math.isfinite(loss):
            raise UserError(self.describe(f"the loss is {loss}"))
        self.losses += loss

    def describe(self, problem: str) -> str:
        """Return a message about a problem at the present step, with advice."""
        return (
            f"training: {problem} (step {self.step + 1} of {self.steps}, maximum learning rate "
            f"{self.learning_rate:g}); lower learning_rate of this model under `training`, or increase its batch_size"
        )

    def on_step_begin(self, args: Any, state: Any, control: Any, **parts: Any) -> None:
        """Restore the saved state before the first step. The batches were drawn before and use no random numbers."""
        if self.before is None:
            return
        for name in ("model", "optimizer", "lr_scheduler"):
            parts[name].load_state_dict(self.before[name])
        restore_random(self.before["random"])
        self.before = None

    def on_step_end(self, args: Any, state: Any, control: Any, **parts: Any) -> None:
        """Save the state if it is time, but not after the last step, because the result follows at once."""
        self.step += 1
        if self.states and self.step < self.steps and self.states.is_due():
            kept = {name: parts[name].state_dict() for name in ("model", "optimizer", "lr_scheduler")}
            self.states.save(self.step, {"losses": self.losses, **kept})


class Resumable(Trainer):
    """A Trainer whose learning rate follows the schedule of the whole training, and which counts its losses."""

    def __init__(self, progress: Progress, **settings: Any):
        super().__init__(**settings)
        self.progress = progress
        self.add_callback(progress)

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """Return the schedule for all steps, even if some were done before."""
        return super().create_scheduler(self.progress.steps, optimizer)

    def training_step(self, *inputs: Any, **named: Any) -> torch.Tensor:
        """Compute the loss and gradients of a part of a step, and stop at a loss that is not finite."""
        loss = super().training_step(*inputs, **named)
        self.progress.add(loss.item())
        return loss


def _take_only(items: list[dict[str, Any]]) -> dict[str, Any]:
    # With several items, the Trainer would distribute a batch that is planned for one GPU over several GPUs, and drop
    # the rest.
    (item,) = items
    return item
