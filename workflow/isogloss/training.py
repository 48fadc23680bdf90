"""The torch training loop that families call: Hugging Face's Trainer, set up for short and repeatable runs."""

import tempfile
from collections.abc import Callable, Sequence
from typing import Any

import torch
from transformers import Trainer, TrainingArguments, set_seed
from transformers.utils import logging

WARM_UP = 0.1
"""Share of the steps in which the learning rate rises to its peak; it then falls linearly to 0."""


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

    examples: each with `input_ids`, by whose length batches are bucketed. collate: examples -> keyword arguments
    of the model's forward, which returns a mapping with `loss`. AdamW without weight decay, gradients clipped
    at 1.0; bfloat16 on GPUs that have it and float32 everywhere else (T5 overflows in float16).
    """
    logging.set_verbosity_error()
    set_seed(seed)
    gpu = torch.cuda.is_available()
    with tempfile.TemporaryDirectory() as unused:  # the Trainer wants a folder even when it saves nothing
        trainer = Trainer(
            model=model,
            train_dataset=list(examples),
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
                train_sampling_strategy="group_by_length",
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


def limit_threads(threads: int) -> None:
    """Use so many threads for tensors: more processes than cores divided by threads slow each other down."""
    torch.set_num_threads(threads)
