"""How long a model is trained."""

from collections.abc import Mapping
from typing import Any


def count_steps(recipe: Mapping[str, Any], sentences: float) -> int | None:
    """Return the optimiser steps of a training by its sentences alone, so that equal totals are equal steps.

    None for a family whose recipe counts no epochs.
    """
    if "epochs" not in recipe:
        return None
    return max(1, round(recipe["epochs"] * sentences / recipe["batch_size"]))
