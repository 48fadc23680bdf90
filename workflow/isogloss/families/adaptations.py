"""Adaptations: the ways in which a run uses its shots. An adaptation is a light value; jobs load its heavy part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from isogloss.common.registry import Registry, name_part
from isogloss.common.run import JOINT, SEQUENTIAL
from isogloss.families import Family


@dataclass(frozen=True)
class Adaptation:
    """A way to use shots that works with any family.

    compose: `(sources, shots, recipe) -> examples` to train on; sources and shots are lists of examples. count:
    `(n, shots, recipe)` -> number of these examples, for estimates. after_sources: if true, training starts from the
    model trained on the sources, so the family must be able to train it further. If false, training starts from the
    pre-trained model, and `compose` gets the source sentences, which are drawn again. by_epochs: if true, training
    takes the recipe's epochs over the examples; if false, the recipe's steps for the number of shots. recipe: JSON
    schemas, with defaults, of the keys that the adaptation adds to the recipe of a family. version: raise it when the
    same run would produce a different result.
    """

    compose: str = name_part()
    count: Callable[[int, int, Mapping[str, Any]], float] = lambda n, shots, recipe: shots
    after_sources: bool = True
    by_epochs: bool = False
    recipe: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    version: int = 1


_SHARE = {
    "joint_share": {
        "description": "Proportion of shots among the training sentences of a joint run.",
        "type": "number",
        "exclusiveMinimum": 0,
        "exclusiveMaximum": 1,
        "default": 0.3333333333333333,
    }
}

ADAPTATIONS: Registry[Adaptation] = Registry(
    "adaptation",
    "isogloss.adaptations",
    Adaptation,
    {
        SEQUENTIAL: Adaptation("isogloss.runs.adaptation:take_shots"),
        JOINT: Adaptation(
            "isogloss.runs.adaptation:mix_with_sources",
            count=lambda n, shots, recipe: n / (1 - recipe["joint_share"]) if n else shots,
            after_sources=False,
            by_epochs=True,
            recipe=_SHARE,
        ),
    },
)


def list_able(family: Family, wanted: tuple[str, ...]) -> list[str]:
    """Return the adaptations among `wanted` that a family supports; its own default if it supports none of them.

    A family that cannot train a trained model further trains on sources and shots together.
    """
    able = [name for name in wanted if family.continues or not ADAPTATIONS[name].after_sources]
    return able or [SEQUENTIAL if family.continues else JOINT]
