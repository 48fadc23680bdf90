"""The duration of training."""

from collections.abc import Mapping
from typing import Any


def count_steps(recipe: Mapping[str, Any], sentences: float) -> int | None:
    """Return the optimiser steps, which depend only on the number of sentences, so that equal totals get equal steps.

    Returns None if the recipe of the family has no epochs.
    """
    if "epochs" not in recipe:
        return None
    return max(1, round(recipe["epochs"] * sentences / recipe["batch_size"]))
