"""The arms of a study: which sets of languages of a target stand for which way of choosing them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
import pandas as pd

from isogloss.common.run import NO_SOURCE

BEST = "nearest-1"
"""The source predicted best without seeing scores, by syntax: what every arm is compared with."""

SUPERVISED, SELF_SUPERVISED = "supervised", "self-supervised"
"""The senses of pre-training: on labelled sentences of sources, and on text of languages without labels."""

NONE_ARM, IN_LANGUAGE_ARM, ALL_OTHERS_ARM, ALL_ARM = "none", "in-language", "all-others", "all"
MEAN_SINGLE, HINDSIGHT, ORACLE = "mean-single", "hindsight", "oracle"
EQUAL_TOTAL, EQUAL_PER_SOURCE = "equal-total", "equal-per-source"

_FEATURE = "syntax"
_FIRST = [NONE_ARM, IN_LANGUAGE_ARM, MEAN_SINGLE, HINDSIGHT, ORACLE]
_SINGLE = ("each", NONE_ARM, IN_LANGUAGE_ARM)


class Point(NamedTuple):
    """The runs of one set of languages in one target, whatever their seeds. sources: the set, as named in the table.

    In the sense supervised it is trained on with labels, in the sense self-supervised pre-trained on without.
    """

    sources: str
    n: int
    target: str
    adaptation: str
    shots: int


@dataclass(frozen=True)
class Cell:
    """An arm in a target: the points whose mean it is (one, but for mean-single).

    budget: what n, or the tokens of text, is equal to; empty without sources. chosen_on: of hindsight and oracle, whose
    scores chose.
    """

    arm: str
    budget: str
    target: str
    points: tuple[Point, ...]
    chosen_on: str = ""

    @property
    def sources(self) -> str:
        """The set of languages; of mean-single, all of its single ones."""
        return " ".join(point.sources for point in self.points)

    @property
    def n_sources(self) -> int:
        """Languages that one model was trained on."""
        name = self.points[0].sources
        return 0 if name == NO_SOURCE else name.count("+") + 1


@dataclass(frozen=True)
class Runs:
    """The scores of a (task, model, test corpus) by one metric: point -> seed -> score, and the arms of source sets.

    strategies: (target, sources) -> arms. validation: (sources, n) -> score on the sources' validation splits.
    records: point -> the values of RUN_KEY of its runs, but for the seed, as their records have them. sense: what the
    sets are used for.
    """

    scores: Mapping[Point, Mapping[int, float]]
    strategies: Mapping[tuple[str, str], Sequence[str]]
    validation: Mapping[tuple[str, int], float]
    records: Mapping[Point, Mapping[str, object]]
    sense: str = SUPERVISED

    def average(self, points: Sequence[Point]) -> dict[int, float]:
        """Return seed -> mean over points, of the seeds that all of them have; none where a point has no score."""
        seeds = set.intersection(*(set(self.scores.get(point, ())) for point in points))
        return {seed: float(np.mean([self.scores[point][seed] for point in points])) for seed in sorted(seeds)}


def name_sets(
    sets: Iterable[tuple[str, str]],
    languages: Sequence[str],
    features: pd.DataFrame,
    declared: Mapping[tuple[str, str], Sequence[str]],
    sense: str = SUPERVISED,
) -> dict[tuple[str, str], list[str]]:
    """Return (target, set) -> arms: as the study declares them, else what the set is by size and syntax.

    sets: (target, codes joined by `+`, or none). features: as select_features returns them. A set that nothing else
    describes is an arm of its own name; a single source always is, but for the target itself.
    """
    sets = sorted(set(sets))
    declared = {key: [name for name in names if name not in _SINGLE] for key, names in declared.items()}
    known = set(chain.from_iterable(declared.get(key, ()) for key in sets))
    near = _read_syntax(features)
    singles = {
        target: {name for other, name in sets if other == target and "+" not in name} - {NO_SOURCE, target}
        for target, _ in sets
    }
    names = {}
    for target, sources in sets:
        codes = sources.split("+")
        arms = list(declared.get((target, sources), ()))
        if sources in (NO_SOURCE, target):
            names[target, sources] = [NONE_ARM if sources == NO_SOURCE else IN_LANGUAGE_ARM]
            continue
        others = [code for code in languages if code != target]
        guess = f"nearest-{len(codes)}"
        if len(codes) > 1 and sorted(codes) == sorted(languages):
            guess = ALL_ARM
        elif len(codes) > 1 and sorted(codes) == others:
            guess = ALL_OTHERS_ARM
        elif target in codes or not _are_nearest(codes, target, others if len(codes) > 1 else singles[target], near):
            guess = ""
        arms += [guess] if guess and guess not in known else []
        own = not arms or (len(codes) == 1 and sense == SUPERVISED)
        names[target, sources] = sorted({*arms, *([sources] if own else [])})
    return names


def _read_syntax(features: pd.DataFrame) -> dict[tuple[str, str], float]:
    if _FEATURE not in features.columns:
        return {}
    known = features.dropna(subset=_FEATURE)
    return dict(zip(zip(known["source"], known["target"], strict=True), known[_FEATURE], strict=True))


def _are_nearest(
    codes: Sequence[str], target: str, others: Iterable[str], near: Mapping[tuple[str, str], float]
) -> bool:
    """Whether the codes are the nearest of all others by syntax, of equally near ones the first by code."""
    others = list(others)
    if any((other, target) not in near for other in others):
        return False
    order = sorted(others, key=lambda other: (-near[other, target], other))
    return sorted(order[: len(codes)]) == sorted(codes)


def rank_arm(arm: str) -> tuple:
    """Return the key by which arms stand: no source, bounds, single sources by code, then sets by kind and size."""
    if arm in _FIRST:
        return 0, _FIRST.index(arm), ""
    if arm in (ALL_OTHERS_ARM, ALL_ARM):
        return 4, (ALL_OTHERS_ARM, ALL_ARM).index(arm), arm
    way, _, count = arm.partition("-")
    if count.isdigit():
        return 2, int(count), way
    return (3 if "+" in arm else 1), 0, arm
