"""Both senses of pre-training in one scores table: which arms are compared, and what is held fixed.

A run has a source set, on whose labelled sentences it is trained, and a model. A model `BASE@SET` is a variant of BASE,
pre-trained on text of a set of languages (`tiny-mt5@bn+hi`; `tiny-mt5@none` without pre-training). In the sense
`supervised`, the source sets of a target are compared, and the pre-training arm is held fixed. In the sense
`self-supervised`, the pre-training sets are compared, and the arm of sources is held fixed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.pairs import select_features
from isogloss.analysis.data.scores import GROUP, list_languages, mark_kinds
from isogloss.analysis.multi_source.arms import (
    SELF_SUPERVISED,
    SUPERVISED,
    Point,
    Runs,
    name_sets,
    rank_arm,
)
from isogloss.common.run import NO_SOURCE, RUN_KEY, split_variant

_SETS = {SUPERVISED: "source_set", SELF_SUPERVISED: "pretraining_set"}
_DECLARED = {SUPERVISED: "strategies", SELF_SUPERVISED: "pretraining"}


@dataclass(frozen=True)
class View:
    """The scores of a task, model and test corpus, to be compared in one sense.

    key: values of GROUP; for variants, the model is their base. held: the fixed arm of the other sense; empty if the
    model has no variants. own: rows of the scores table; their `sources` are the sets that are compared. names:
    (target, set) -> arms.
    """

    sense: str
    key: tuple
    held: str
    own: pd.DataFrame
    names: Mapping[tuple[str, str], Sequence[str]]

    def arrange(self, metric: str, given: pd.DataFrame | None) -> Runs:
        """Return the scores of one metric by point and seed. given: as returned by read_runs, or None.

        Runs whose target is one of several sources are left out, because they are not transfer.
        """
        kept = self.own[self.own["metric"] == metric]
        scores: dict[Point, dict[int, float]] = {}
        records = {}
        for row in kept.itertuples():
            point = Point(row.sources, row.n, row.target, row.adaptation, row.shots)
            scores.setdefault(point, {})[row.seed] = row.score
            axes = {name: getattr(row, name) for name in RUN_KEY if name != "seed"}
            records[point] = {**axes, "sources": row.source_set}
        validation: dict[tuple[str, int], float] = {}
        if given is not None and self.sense == SUPERVISED:
            same = (given["task"] == self.key[0]) & given["model"].isin(kept["model"].unique())
            known = given[same].dropna(subset="validation")
            validation = known.groupby(["sources", "n"])["validation"].mean().to_dict()
        return Runs(scores, self.names, validation, records, self.sense)


def list_views(evidence: Evidence) -> tuple[list[View], list[tuple]]:
    """Return every view with arms to compare, and the keys of the groups without such arms."""
    scores = _split_models(evidence.scores)
    views, without = [], []
    for key, own in scores.groupby(["base" if name == "model" else name for name in GROUP], sort=True):
        found = list(_list_group(key, own, evidence))
        views += found
        without += [] if found else [key]
    return views, without


def _split_models(scores: pd.DataFrame) -> pd.DataFrame:
    """Add `base`, `pretraining_set` (empty for a model that is not a variant) and `source_set` to the scores.

    A model is a variant if its name ends in `@none` or in @ and languages of the table, and if its base has at least
    two such models.
    """
    known = {NO_SOURCE, *list_languages(scores)}
    parts = {model: split_variant(model) for model in scores["model"].unique()}
    variants = {model: part for model, part in parts.items() if part[1] and set(part[1].split("+")) <= known}
    bases = [base for base, _ in variants.values()]
    variants = {model: part for model, part in variants.items() if bases.count(part[0]) > 1}
    return scores.assign(
        base=[variants[model][0] if model in variants else model for model in scores["model"]],
        pretraining_set=[variants[model][1] if model in variants else "" for model in scores["model"]],
        source_set=scores["sources"],
    )


def _list_group(key: tuple, own: pd.DataFrame, evidence: Evidence) -> Iterator[View]:
    features = select_features(evidence.features, key[0], key[1])
    inside = (mark_kinds(own) == "in-language") & (own["sources"] != own["target"])
    own = own[~inside]
    names = {SUPERVISED: _name(SUPERVISED, key, own, features, evidence.runs)}
    if (own["pretraining_set"] == "").all():
        if has_several(own):
            yield View(SUPERVISED, key, "", own, names[SUPERVISED])
        return
    names[SELF_SUPERVISED] = _name(SELF_SUPERVISED, key, own, features, evidence.runs)
    for sense, other in ((SUPERVISED, SELF_SUPERVISED), (SELF_SUPERVISED, SUPERVISED)):
        for held in sorted({name for arms in names[other].values() for name in _list_chosen(arms)}):
            pairs = zip(own["target"], own[_SETS[other]], strict=True)
            same = own[[held in names[other][pair] for pair in pairs]]
            if has_several(same) if sense == SUPERVISED else same["pretraining_set"].nunique() > 1:
                yield View(sense, key, held, same.assign(sources=same[_SETS[sense]]), names[sense])


def _list_chosen(arms: Sequence[str]) -> Sequence[str]:
    """Return the arms of a set without its own name; the own name if there is no other arm."""
    return [arm for arm in arms if rank_arm(arm)[0] != 1] or arms


def has_several(scores: pd.DataFrame) -> bool:
    """Return whether any run has several sources that do not include its target."""
    return bool((mark_kinds(scores) == "multi-source").any())


def _name(
    sense: str, key: tuple, own: pd.DataFrame, features: pd.DataFrame, runs: pd.DataFrame | None
) -> dict[tuple[str, str], list[str]]:
    """Return (target, set) -> arms in one sense."""
    column = _SETS[sense]
    declared: dict[tuple[str, str], list[str]] = {}
    if runs is not None:
        same = runs[(runs["task"] == key[0]) & runs["model"].isin(own["model"].unique())]
        # A model that is not a variant has no set; its name is used instead, so that it matches no other set.
        sets = same["sources"] if sense == SUPERVISED else [split_variant(name)[1] or name for name in same["model"]]
        for target, name, arms in zip(same["target"], sets, same[_DECLARED[sense]], strict=True):
            declared[target, name] = arms.split()
    sets = own[["target", column]].drop_duplicates().itertuples(index=False, name=None)
    return name_sets(sets, list_languages(own), features, declared, sense)
