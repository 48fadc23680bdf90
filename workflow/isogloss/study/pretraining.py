"""Variants by self-supervised pre-training: a model with `pretraining` becomes a model for each set of languages.

A strategy gives each target a set of languages; targets with the same set share its model. After that a variant is a
model like any other, named by its languages (`tiny-mt5@bn+hi+ru`), whose runs are those of the targets that it is for.
All variants start from one folder, `tiny-mt5@none`: they have one vocabulary and the same weights to begin with.
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
"""Target -> the strategies that give it a set of languages."""


def expand_models(
    declared: Mapping[str, DeclaredModel],
    grids: Sequence[Grid],
    tasks: Mapping[str, StudyTask],
    languages: Sequence[str],
    primary: Primary | None,
) -> tuple[dict[str, StudyModel], list[Grid]]:
    """Return the models of a study, variants in the place of a model with `pretraining`, and its grids with these.

    languages: the study's. Raises UserError for a strategy that cannot be resolved and for a budget of less than a
    segment a language.
    """
    models: dict[str, StudyModel] = {}
    members: dict[str, list[str]] = {}
    for name, model in declared.items():
        found = [_keep(model)]
        if model.pretraining:
            _check_names(declared, name, primary)
            found = _make_variants(model, model.pretraining, grids, tasks, languages)
        models |= {one.name: one for one in found}
        members[name] = [one.name for one in found]
    expanded = [
        dataclasses.replace(grid, models=tuple(one for name in grid.models for one in members[name])) for grid in grids
    ]
    return models, expanded


def count_updates(plan: PretrainingPlan) -> int:
    """Return the optimiser steps of a token budget, rounded to whole ones: the same for every variant."""
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
) -> list[StudyModel]:
    sets = _choose_sets(model.name, plan, grids, tasks, languages)
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
) -> dict[tuple[str, ...], Targets]:
    """Return set of languages -> target -> the strategies that give it this set."""
    where, text = f"models.{name}.pretraining.strategies", tasks[plan.text].languages
    chosen: dict[tuple[str, ...], Targets] = {}
    for target in _list_targets(name, grids, tasks, languages):
        for strategy in plan.strategies:
            label = strategy if isinstance(strategy, str) else name_sources(strategy)
            for found in resolve_pretraining(strategy, target, text, where):
                for code in found:
                    if code not in text:
                        raise UserError(
                            f"config: {where}: {label}: tasks.{plan.text} has no text in {code}; leave it out"
                        )
                names = chosen.setdefault(found, {}).setdefault(target, [])
                names += [label] if label not in names else []
    if not chosen:
        raise UserError(f"config: models.{name}.pretraining: no grid has runs of this model; add some or remove it")
    return chosen


def _list_targets(
    name: str, grids: Sequence[Grid], tasks: Mapping[str, StudyTask], languages: Sequence[str]
) -> list[str]:
    """Return the targets of the grids that a model is in, in the study's order."""
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
            f"config: {where}: {plan.tokens} tokens are less than a segment of {plan.segment} for each of "
            f"{languages} languages and a batch of {plan.batch_size}; give {least} or more"
        )


def _check_names(models: Mapping[str, DeclaredModel], name: str, primary: Primary | None) -> None:
    for other in models:
        if other.startswith(f"{name}@"):
            raise UserError(f"config: models.{other}: an arm of {name} may have this name; choose another")
    if primary and primary.model == name:
        raise UserError(
            f"config: analysis.primary.model: {name} is several models, its arms of pre-training; leave primary out or "
            "name another"
        )
