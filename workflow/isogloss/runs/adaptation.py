"""What the adaptations of isogloss.families.adaptations train on."""

from collections.abc import Mapping, Sequence
from typing import Any

from isogloss.corpora.sampling import mix


def take_shots(sources: Sequence[Any], shots: Sequence[Any], recipe: Mapping[str, Any]) -> list[Any]:
    """Return the shots alone: the model has been trained on the sources before, if there are any."""
    return list(shots)


def mix_with_sources(sources: Sequence[Any], shots: Sequence[Any], recipe: Mapping[str, Any]) -> list[Any]:
    """Return the sources' sentences and the shots, repeated until they are the recipe's `joint_share` of all."""
    return mix(sources, shots, recipe["joint_share"])
