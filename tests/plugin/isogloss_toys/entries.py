"""The entries, which are read during planning. This module imports nothing heavy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.corpora import Corpus
from isogloss.families import Family
from isogloss.families.adaptations import Adaptation
from isogloss.features import SYMMETRIC, Feature
from isogloss.tasks.base import Task

SIZE = {"train": 30, "validation": 6, "test": 20}


@dataclass(frozen=True)
class Line:
    """An example whose label is the number of names at its beginning."""

    id: str
    language: str
    tokens: tuple[str, ...]
    names: str

    @property
    def content(self) -> tuple[str, ...]:
        """The words."""
        return self.tokens

    group = words = content

    @property
    def lines(self) -> tuple[str, ...]:
        """The words, joined by single spaces."""
        return (" ".join(self.tokens),)


@dataclass(frozen=True)
class Count:
    """A predicted number of names."""

    names: str


def _memorise(examples: Sequence[Line]) -> frozenset:
    return frozenset((one.names, "count") for one in examples)


def _score(examples: Sequence[Line], predictions: Sequence[Count], seen: frozenset) -> dict[str, dict[str, Any]]:
    right = sum(one.names == guess.names for one, guess in zip(examples, predictions, strict=True))
    known = sum((one.names, "count") in seen for one in examples)
    return {"scores": {"accuracy": right / len(examples)}, "support": {"lines": len(examples), "seen": known}}


def _check(
    options: Mapping[str, int],
    languages: Sequence[str],
    kind: str,
    cache: Path | None = None,
    splits: Sequence[str] = tuple(SIZE),
) -> dict[str, int]:
    if kind != "count":
        raise UserError(f"corpus ada: supports tasks of kind count, not {kind!r}; correct `kind`")
    return dict.fromkeys(languages, SIZE["train"])


TASK = Task(
    kind="count",
    example=Line,
    metric="accuracy",
    labels=(),
    memory=500,
    formats={},
    memorise=_memorise,
    score=_score,
)

FAMILY = Family(
    module="isogloss_toys.heavy",
    continues=True,
    pretrained=False,
    accelerated=False,
    recipe={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "least": {
                "description": "The minimum number of names to predict.",
                "type": "integer",
                "minimum": 0,
                "default": 1,
            }
        },
    },
    preloads=("isogloss_toys.heavy",),
)

CORPUS = Corpus(
    load="isogloss_toys.heavy:load_corpus",
    check=_check,
    files=lambda options, language, splits=tuple(SIZE): [],
    notice="Every name is Ada.",
    options={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "most": {"description": "The most names in a line.", "type": "integer", "minimum": 1, "default": 3}
        },
    },
)

ADAPTATION = Adaptation(
    compose="isogloss_toys.heavy:repeat_shots",
    count=lambda n, shots, recipe: shots * recipe["repeats"],
    recipe={
        "repeats": {"description": "Times that each shot is given.", "type": "integer", "minimum": 1, "default": 2}
    },
)

FEATURE = Feature("closeness of codes in the alphabet", SYMMETRIC, 1, compute="isogloss_toys.heavy:compare_codes")
