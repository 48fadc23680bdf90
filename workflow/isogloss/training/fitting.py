"""What families with a network have in common when they are trained: the recipe, and the budget it came to."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import torch

# The Trainer takes a second to import, and prediction needs none of it: families import this module where they train.
from isogloss.training.loop import Collate, save_memory, train


def fit_network(
    network: torch.nn.Module,
    body: Any,
    encoded: Sequence[Mapping[str, Any]],
    collate: Collate,
    recipe: Mapping[str, Any],
    *,
    steps: int,
    seed: int,
) -> dict[str, Any]:
    """Train `network` in place and return its budget.

    body: the Hugging Face model inside, whose activations `checkpointing` computes again. encoded: pieces of examples
    with `input_ids`, `labels` and `language`. recipe: batch_size, learning_rate, accumulation, checkpointing. The
    budget has optimiser steps, the subword tokens of the inputs by language, each piece once, and the mean loss.
    """
    with save_memory(body, recipe["checkpointing"]):
        loss = train(
            network,
            encoded,
            collate,
            steps=steps,
            batch_size=recipe["batch_size"],
            learning_rate=recipe["learning_rate"],
            seed=seed,
            accumulation=recipe["accumulation"],
        )
    tokens = Counter()
    for piece in encoded:
        tokens[piece["language"]] += len(piece["input_ids"])
    return {"steps": steps, "subword_tokens": dict(sorted(tokens.items())), "mean_loss": loss}
