"""Which sentences a run takes: how n is shared among sources, which are drawn, how shots are mixed in.

Every draw is the beginning of one permutation, so a larger draw contains every smaller one.
"""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

from isogloss.common.errors import UserError

Example = TypeVar("Example")


def draw_source(train: Sequence[Example], n: int, *, task: str, language: str, seed: int) -> list[Example]:
    """Draw n labelled source sentences; a UserError if training holds fewer. Nested in n."""
    return _draw(train, n, f"source {task} {language} {seed}", f"{task}, {language} as a source")


def draw_shots(train: Sequence[Example], k: int, *, task: str, target: str, seed: int) -> list[Example]:
    """Draw the k shots of a target; a UserError if training holds fewer. Nested in k.

    They depend on task, target and seed only: every model, source and adaptation sees the same sentences.
    """
    return _draw(train, k, f"shots {task} {target} {seed}", f"{task}, {target} as a target")


def mix(source: Sequence[Example], shots: Sequence[Example], share: float) -> list[Example]:
    """Return the source sentences and the shots, repeated so that they make up `share` (0 to 1) of the result.

    With n source sentences these are round(n * share / (1 - share)) shots: whole repeats and the first shots
    once more. With no source sentences, the shots once.
    """
    if not source or not shots:
        return [*source, *shots]
    count = round(len(source) * share / (1 - share))
    return [*source, *(shots[place % len(shots)] for place in range(count))]


def _draw(train: Sequence[Example], count: int, key: str, what: str) -> list[Example]:
    if count > len(train):
        raise UserError(f"{what}: {count} sentences are needed, but training has {len(train)}: ask for fewer")
    order = Random(key).sample(range(len(train)), len(train))
    return [train[place] for place in order[:count]]
