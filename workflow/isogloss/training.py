"""The torch training loop that families call: Hugging Face's Trainer, set up for short and repeatable runs."""

import random
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

import torch
from transformers import Trainer, TrainingArguments, set_seed
from transformers.utils import logging

WARM_UP = 0.1
"""Share of the steps in which the learning rate rises to its peak; it then falls linearly to 0."""
BUCKET = 2
"""Batches whose examples are sorted by length together: more of them pad less and mix less."""


def train(
    model: torch.nn.Module,
    examples: Sequence[dict[str, Any]],
    collate: Callable[[list[dict[str, Any]]], dict[str, torch.Tensor]],
    *,
    steps: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
) -> float:
    """Train `model` in place for `steps` optimiser steps and return the mean training loss.

    examples: each with `input_ids`, by whose length batches are bucketed (order_examples). collate: examples ->
    keyword arguments of the model's forward, which returns a mapping with `loss`. AdamW without weight decay,
    gradients clipped at 1.0; bfloat16 on GPUs that have it and float32 everywhere else (T5 overflows in float16).
    """
    logging.set_verbosity_error()
    set_seed(seed)
    gpu = torch.cuda.is_available()
    lengths = [len(example["input_ids"]) for example in examples]
    with tempfile.TemporaryDirectory() as unused:  # the Trainer wants a folder even when it saves nothing
        trainer = Trainer(
            model=model,
            train_dataset=[examples[place] for place in order_examples(lengths, steps, batch_size, seed)],
            data_collator=collate,
            args=TrainingArguments(
                output_dir=unused,
                max_steps=steps,
                per_device_train_batch_size=batch_size,
                learning_rate=learning_rate,
                lr_scheduler_type="linear",
                warmup_steps=max(1, round(WARM_UP * steps)),
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
                disable_tqdm=True,
                report_to="none",
            ),
        )
        loss = trainer.train().training_loss
    model.eval()
    return loss


def order_examples(lengths: Sequence[int], steps: int, batch_size: int, seed: int) -> list[int]:
    """Return the places of `steps * batch_size` examples in the order in which they are trained on.

    Each pass over the examples is shuffled; of every BUCKET batches in a row the examples are sorted by length, so that
    little padding is computed, and the batches of a pass are shuffled again. (The Trainer's own grouping gives long
    batches first and short ones last, over and over; where sentences of a length are alike, that costs much of F1.)
    """
    rng = random.Random(f"order {seed}")
    ordered: list[int] = []
    while len(ordered) < steps * batch_size:
        places = rng.sample(range(len(lengths)), len(lengths))
        pool = BUCKET * batch_size
        bucketed = [
            place
            for start in range(0, len(places), pool)
            for place in sorted(places[start : start + pool], key=lengths.__getitem__)
        ]
        batches = [bucketed[start : start + batch_size] for start in range(0, len(bucketed), batch_size)]
        last = batches.pop() if len(batches[-1]) < batch_size else []  # a short batch would shift all that follow
        ordered += [place for batch in rng.sample(batches, len(batches)) for place in batch] + last
    return ordered[: steps * batch_size]
