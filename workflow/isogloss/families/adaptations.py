"""Adaptations: the ways in which a run uses its shots. Each is a light value; its heavy part is loaded by the job."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from isogloss.common.registry import Registry, name_part
from isogloss.common.run import JOINT, SEQUENTIAL
from isogloss.families import Family


@dataclass(frozen=True)
class Adaptation:
    """A way to use shots, of any family.

    compose: `(sources, shots, recipe) -> examples` to train on; sources and shots are lists of examples. count:
    `(n, shots, recipe)` -> how many examples that will be, for estimates. after_sources: whether it starts from the
    model trained on the sources, which the family has to be able to train further; else from the model that this one
    started from, and the sources' sentences are drawn anew for `compose`. by_epochs: whether it trains for the recipe's
    epochs over its examples; else for the recipe's steps by the number of shots. recipe: JSON schemas of the keys that
    it adds to the recipe of a family, by key, each with a default. version: raised when the same run would come out
    otherwise.
    """

    compose: str = name_part()
    count: Callable[[int, int, Mapping[str, Any]], float] = lambda n, shots, recipe: shots
    after_sources: bool = True
    by_epochs: bool = False
    recipe: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    version: int = 1


_SHARE = {
    "joint_share": {
        "description": "Share of shots among the sentences of a joint run.",
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
    """Return the adaptations, of some by name, that a family can do; its own first choice where it can do none.

    A family that cannot train a trained model further trains on sources and shots together.
    """
    able = [name for name in wanted if family.continues or not ADAPTATIONS[name].after_sources]
    return able or [SEQUENTIAL if family.continues else JOINT]
