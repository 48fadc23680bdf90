"""The arms of a study: an arm is a way to choose the sources, or the pre-training languages, of a target."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
import pandas as pd

from isogloss.common.run import NO_SOURCE

BEST = "nearest-1"
"""The arm of the predicted best source: the nearest language by syntax, chosen without scores. A reference arm."""

SUPERVISED, SELF_SUPERVISED = "supervised", "self-supervised"
"""The senses of pre-training: on labelled sentences of the sources, and on unlabelled text of languages."""

NONE_ARM, IN_LANGUAGE_ARM, ALL_OTHERS_ARM, ALL_ARM = "none", "in-language", "all-others", "all"
MEAN_SINGLE, HINDSIGHT, ORACLE = "mean-single", "hindsight", "oracle"
EQUAL_TOTAL, EQUAL_PER_SOURCE = "equal-total", "equal-per-source"

_FEATURE = "syntax"
_FIRST = [NONE_ARM, IN_LANGUAGE_ARM, MEAN_SINGLE, HINDSIGHT, ORACLE]
_SINGLE = ("each", NONE_ARM, IN_LANGUAGE_ARM)


class Point(NamedTuple):
    """The runs of one set of languages on one target, with any seed.

    sources: the set of languages, as the scores table names it. In the sense `supervised`, the model is trained on
    labelled sentences of the set. In the sense `self-supervised`, it is pre-trained on unlabelled text of the set.
    """

    sources: str
    n: int
    target: str
    adaptation: str
    shots: int


@dataclass(frozen=True)
class Cell:
    """An arm for one target: the points that are averaged (one point, except for mean-single).

    budget: EQUAL_TOTAL or EQUAL_PER_SOURCE, which says how n, or the number of tokens, is held equal; empty without
    sources. chosen_on: the scores that chose the source of hindsight and oracle; otherwise empty.
    """

    arm: str
    budget: str
    target: str
    points: tuple[Point, ...]
    chosen_on: str = ""

    @property
    def sources(self) -> str:
        """The set of languages; for mean-single, all single languages, separated by spaces."""
        return " ".join(point.sources for point in self.points)

    @property
    def n_sources(self) -> int:
        """Number of languages that one model was trained on."""
        name = self.points[0].sources
        return 0 if name == NO_SOURCE else name.count("+") + 1


@dataclass(frozen=True)
class Runs:
    """The scores of a (task, model, test corpus) by one metric, and the arms of its sets of languages.

    scores: point -> seed -> score. strategies: (target, sources) -> arms. validation: (sources, n) -> score on the
    validation splits of the sources. records: point -> the values of RUN_KEY of its runs, without the seed, as in their
    records. sense: SUPERVISED or SELF_SUPERVISED.
    """

    scores: Mapping[Point, Mapping[int, float]]
    strategies: Mapping[tuple[str, str], Sequence[str]]
    validation: Mapping[tuple[str, int], float]
    records: Mapping[Point, Mapping[str, object]]
    sense: str = SUPERVISED

    def average(self, points: Sequence[Point]) -> dict[int, float]:
        """Return seed -> mean over points, for the seeds that all points have; empty if a point has no score."""
        seeds = set.intersection(*(set(self.scores.get(point, ())) for point in points))
        return {seed: float(np.mean([self.scores[point][seed] for point in points])) for seed in sorted(seeds)}


def name_sets(
    sets: Iterable[tuple[str, str]],
    languages: Sequence[str],
    features: pd.DataFrame,
    declared: Mapping[tuple[str, str], Sequence[str]],
    sense: str = SUPERVISED,
) -> dict[tuple[str, str], list[str]]:
    """Return (target, set) -> arms, as declared in the study, otherwise by the size of the set and by syntax.

    sets: (target, language codes joined by `+`, or `none`). features: as returned by select_features. A set that no arm
    describes is an arm with its own name. In the sense `supervised`, every single source except the target is also
    an arm with its own name.
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
    """Return whether the codes are the nearest languages by syntax; ties are resolved by code."""
    others = list(others)
    if any((other, target) not in near for other in others):
        return False
    order = sorted(others, key=lambda other: (-near[other, target], other))
    return sorted(order[: len(codes)]) == sorted(codes)


def rank_arm(arm: str) -> tuple:
    """Return the sort key of an arm: no source, bounds, single sources by code, then sets by kind and size."""
    if arm in _FIRST:
        return 0, _FIRST.index(arm), ""
    if arm in (ALL_OTHERS_ARM, ALL_ARM):
        return 4, (ALL_OTHERS_ARM, ALL_ARM).index(arm), arm
    way, _, count = arm.partition("-")
    if count.isdigit():
        return 2, int(count), way
    return (3 if "+" in arm else 1), 0, arm
