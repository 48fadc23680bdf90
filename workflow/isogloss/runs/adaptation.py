"""The training examples of each adaptation in isogloss.families.adaptations."""

from collections.abc import Mapping, Sequence
from typing import Any

from isogloss.corpora.sampling import mix


def take_shots(sources: Sequence[Any], shots: Sequence[Any], recipe: Mapping[str, Any]) -> list[Any]:
    """Return only the shots. If the run has sources, the model has been trained on them before."""
    return list(shots)


def mix_with_sources(sources: Sequence[Any], shots: Sequence[Any], recipe: Mapping[str, Any]) -> list[Any]:
    """Return the source sentences and the shots, repeated until shots are the share `joint_share` of the recipe."""
    return mix(sources, shots, recipe["joint_share"])
