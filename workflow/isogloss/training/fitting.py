"""Training of the pre-trained families by a recipe, and the resulting training budget."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import torch

# The import of the Trainer takes a second, and prediction does not need it. Families therefore import this module only
# when they train.
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
    """Train `network` in place and return its training budget.

    body: the Hugging Face model in `network`; with `checkpointing`, its activations are recomputed. encoded: pieces of
    examples with `input_ids`, `labels` and `language`. recipe: batch_size, learning_rate, accumulation, checkpointing.
    The budget contains the number of optimiser steps, the number of subword tokens of all inputs per language (counted
    once, not once per epoch), and the mean loss.
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
