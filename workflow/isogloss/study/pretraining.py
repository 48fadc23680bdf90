"""Variants by self-supervised pre-training: a model with `pretraining` becomes one model per set of languages.

A strategy selects a set of languages for each target. Targets with the same set share one variant. A variant is a model
whose name contains its languages (`tiny-mt5@bn+hi+ru`), and its runs are those of its targets. All variants start from
the same folder, `tiny-mt5@none`, so they have the same vocabulary and the same initial weights.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from isogloss.common.errors import UserError
from isogloss.common.run import name_sources, name_variant
from isogloss.study.grid import Grid
from isogloss.study.strategies import resolve_pretraining
from isogloss.study.values import DeclaredModel, PretrainingPlan, Primary, StudyModel, StudyTask, Variant

Targets = dict[str, list[str]]
"""Target -> the strategies that select a set of languages for it."""


def expand_models(
    declared: Mapping[str, DeclaredModel],
    grids: Sequence[Grid],
    tasks: Mapping[str, StudyTask],
    languages: Sequence[str],
    like: Mapping[str, str],
    primary: Primary | None,
) -> tuple[dict[str, StudyModel], list[Grid]]:
    """Return the models and grids of a study, with each model with `pretraining` replaced by its variants.

    languages: the languages of the study. like: as in isogloss.study.grid.Design. Raises UserError if a strategy cannot
    be resolved, or if the number of tokens is less than one segment per language.
    """
    models: dict[str, StudyModel] = {}
    members: dict[str, list[str]] = {}
    for name, model in declared.items():
        found = [_keep(model)]
        if model.pretraining:
            _check_names(declared, name, primary)
            found = _make_variants(model, model.pretraining, grids, tasks, languages, like)
        models |= {one.name: one for one in found}
        members[name] = [one.name for one in found]
    expanded = [
        dataclasses.replace(grid, models=tuple(one for name in grid.models for one in members[name])) for grid in grids
    ]
    return models, expanded


def count_updates(plan: PretrainingPlan) -> int:
    """Return the number of optimiser steps for a number of tokens, rounded. It is the same for every variant."""
    return max(1, round(plan.tokens / (plan.segment * plan.batch_size)))


def _keep(model: DeclaredModel) -> StudyModel:
    return StudyModel(
        name=model.name,
        family=model.family,
        origin=model.origin,
        recipe=model.recipe,
        trimmed_to=model.trimmed_to,
        base=model.name,
        targets=None,
    )


def _make_variants(
    model: DeclaredModel,
    plan: PretrainingPlan,
    grids: Sequence[Grid],
    tasks: Mapping[str, StudyTask],
    languages: Sequence[str],
    like: Mapping[str, str],
) -> list[StudyModel]:
    sets = _choose_sets(model.name, plan, grids, tasks, languages, like)
    _check_budget(plan, max(map(len, sets)), f"models.{model.name}.pretraining.tokens")
    start = dataclasses.replace(_keep(model), name=name_variant(model.name, ()), targets=_fix_targets(sets.pop((), {})))
    variants = [start]
    for codes, targets in sorted(sets.items(), key=lambda item: (len(item[0]), item[0])):
        origin = Variant(
            start=start.name,
            languages=codes,
            text=plan.text,
            segment=plan.segment,
            batch_size=plan.batch_size,
            learning_rate=plan.learning_rate,
            steps=count_updates(plan),
        )
        variants.append(
            dataclasses.replace(
                start,
                name=name_variant(model.name, codes),
                origin=origin,
                trimmed_to=(),
                targets=_fix_targets(targets),
            )
        )
    return variants


def _fix_targets(targets: Targets) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({target: tuple(names) for target, names in targets.items()})


def _choose_sets(
    name: str,
    plan: PretrainingPlan,
    grids: Sequence[Grid],
    tasks: Mapping[str, StudyTask],
    languages: Sequence[str],
    like: Mapping[str, str],
) -> dict[tuple[str, ...], Targets]:
    """Return set of languages -> target -> the strategies that select this set for it."""
    where, text = f"models.{name}.pretraining.strategies", tasks[plan.text].languages
    chosen: dict[tuple[str, ...], Targets] = {}
    for target in _list_targets(name, grids, tasks, languages):
        for strategy in plan.strategies:
            label = strategy if isinstance(strategy, str) else name_sources(strategy)
            for found in resolve_pretraining(strategy, target, text, like, where):
                for code in found:
                    if code not in text:
                        raise UserError(
                            f"config: {where}: {label}: tasks.{plan.text} has no text in {code}; leave {code} out"
                        )
                names = chosen.setdefault(found, {}).setdefault(target, [])
                names += [label] if label not in names else []
    if not chosen:
        raise UserError(
            f"config: models.{name}.pretraining: no grid has runs of this model; add some or remove the model"
        )
    return chosen


def _list_targets(
    name: str, grids: Sequence[Grid], tasks: Mapping[str, StudyTask], languages: Sequence[str]
) -> list[str]:
    """Return the targets in the grids that include a model, in the order of the study."""
    found = {
        target
        for grid in grids
        if name in grid.models
        for task in grid.tasks
        for target in grid.targets
        if target in tasks[task].tested
    }
    return [code for code in languages if code in found]


def _check_budget(plan: PretrainingPlan, languages: int, where: str) -> None:
    least = plan.segment * max(languages, plan.batch_size)
    if plan.tokens < least:
        raise UserError(
            f"config: {where}: is {plan.tokens}, but {languages} languages and a batch of {plan.batch_size} need at "
            f"least one segment of {plan.segment} tokens each; set it to {least} or more"
        )


def _check_names(models: Mapping[str, DeclaredModel], name: str, primary: Primary | None) -> None:
    for other in models:
        if other.startswith(f"{name}@"):
            raise UserError(f"config: models.{other}: a variant of {name} could have this name; rename the model")
    if primary and primary.model == name:
        raise UserError(
            f"config: analysis.primary.model: {name} has several variants, one per set of languages; remove "
            "analysis.primary or set another model"
        )
