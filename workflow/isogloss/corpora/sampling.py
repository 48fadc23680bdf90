"""Sampling: draw the source sentences and the shots of a run, and mix them for joint training.

Every draw is the beginning of one permutation, so a larger draw contains every smaller one.
"""

from collections.abc import Sequence
from random import Random
from typing import Any, TypeVar

from isogloss.common.errors import UserError

Example = TypeVar("Example")

VALIDATION_SHARE = 0.1
"""Share of the groups (sentences, premises, passages) of a training split that is used for validation, if a corpus has
no validation split."""


def draw_source(train: Sequence[Example], n: int, *, task: str, language: str, seed: int) -> list[Example]:
    """Draw n labelled source sentences; draws are nested in n. Raises UserError if `train` has fewer than n."""
    return _draw(train, n, f"source {task} {language} {seed}", f"tasks.{task}: source {language}")


def draw_shots(train: Sequence[Example], k: int, *, task: str, target: str, seed: int) -> list[Example]:
    """Draw the k shots of a target; draws are nested in k. Raises UserError if `train` has fewer than k.

    The shots depend only on task, target and seed: every model, source and adaptation uses the same sentences.
    """
    return _draw(train, k, f"shots {task} {target} {seed}", f"tasks.{task}: shots of target {target}")


def mix(source: Sequence[Example], shots: Sequence[Example], share: float) -> list[Example]:
    """Return the source sentences and the shots, with the shots repeated until they are `share` (0 to 1) of the result.

    With n source sentences, the result has round(n * share / (1 - share)) shots: all shots are repeated in turn, and
    the last repeat may be incomplete. Without source sentences, each shot is returned once.
    """
    if not source or not shots:
        return [*source, *shots]
    count = round(len(source) * share / (1 - share))
    return [*source, *(shots[place % len(shots)] for place in range(count))]


def cut_validation(train: Sequence[Any], split: str) -> list[Any]:
    """Return the part of a training split that is used for `split`, which is train or validation.

    Each group is entirely in one part, so no passage is in both. The groups are drawn from their sorted texts, so the
    draw is the same in every process.
    """
    groups = sorted({example.group for example in train})
    count = max(1, round(VALIDATION_SHARE * len(groups)))
    drawn = set(Random("validation").sample(groups, count))
    return [example for example in train if (example.group in drawn) == (split == "validation")]


def _draw(train: Sequence[Example], count: int, key: str, what: str) -> list[Example]:
    if count > len(train):
        raise UserError(
            f"{what}: {count} training sentences are needed, but only {len(train)} are available; "
            "lower transfer.n or transfer.shots"
        )
    order = Random(key).sample(range(len(train)), len(train))
    return [train[place] for place in order[:count]]
