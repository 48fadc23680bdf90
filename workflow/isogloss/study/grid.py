"""The grids of a study, and the runs that they come to. Pure; nothing else decides what is run."""

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.run import AXES, DIRECT, Run, allot, name_sources
from isogloss.families import FAMILIES, Family
from isogloss.families.adaptations import ADAPTATIONS, list_able
from isogloss.study.models import DeclaredModel
from isogloss.study.schema import check_choice, check_languages, find_entry
from isogloss.study.strategies import resolve_strategy
from isogloss.study.values import Grid, Study
from isogloss.tasks import find_task

Form = Mapping[str, Any]
_FREE = tuple(axis for axis in AXES if axis.grid)


@dataclass(frozen=True)
class TaskDesign:
    """What a design has of a task: fields of isogloss.study.values.StudyTask."""

    kind: str
    languages: tuple[str, ...]
    tested: tuple[str, ...]


@dataclass(frozen=True)
class ModelDesign:
    """What a design has of a model: fields of isogloss.study.values.StudyModel.

    text: the task whose text a variant was pre-trained on; empty for any other model.
    """

    family: str
    targets: Mapping[str, tuple[str, ...]] | None
    text: str


@dataclass(frozen=True)
class Design:
    """The part of a study that decides which runs it has: all that a job is given which collects them."""

    languages: tuple[str, ...]
    tasks: Mapping[str, TaskDesign]
    models: Mapping[str, ModelDesign]
    grids: tuple[Grid, ...]


def list_adaptations(entries: Sequence[Form]) -> tuple[str, ...]:
    """Return the adaptations that the grids of a study file name; a UserError refuses one that cannot be used."""
    named: dict[str, None] = {}
    for number, entry in enumerate(entries):
        for name in entry["adaptation"]:
            find_entry(f"{_name_grid(number, entries)}.adaptation", ADAPTATIONS, name)
            named[name] = None
    return tuple(named)


def _name_grid(number: int, entries: Sequence[Form]) -> str:
    return f"transfer[{number}]" if len(entries) > 1 else "transfer"


def parse_grids(
    entries: Sequence[Form],
    kinds: Mapping[str, str],
    models: Mapping[str, DeclaredModel],
    languages: tuple[str, ...],
) -> list[Grid]:
    """Return the grids of a study file, whose form has been checked.

    kinds: task -> its kind. Raises UserError for a name that is not the study's, a model that cannot do a task, and a
    number of shots without steps.
    """
    return [
        _parse_grid(entry, _name_grid(number, entries), kinds, models, languages)
        for number, entry in enumerate(entries)
    ]


def _parse_grid(
    entry: Form,
    where: str,
    kinds: Mapping[str, str],
    models: Mapping[str, DeclaredModel],
    languages: tuple[str, ...],
) -> Grid:
    named = {}
    for key, known in (("tasks", kinds), ("models", models)):
        named[key] = tuple(entry.get(key, known))
        for name in named[key]:
            check_choice(f"{where}.{key}", name, known, key[:-1])
    for model in named["models"]:
        for task in named["tasks"]:
            _check_ability(where, models[model], task, kinds[task])
    targets = languages if entry["targets"] == "all" else tuple(entry["targets"])
    check_languages(f"{where}.targets", targets, languages)
    for strategy in entry["sources"]:
        if isinstance(strategy, list):
            check_languages(f"{where}.sources", strategy, languages)
    for model in named["models"]:
        steps = models[model].recipe.get("adaptation_steps")
        for shots in filter(None, entry["shots"]):
            if steps is not None and str(shots) not in steps:
                raise UserError(
                    f"config: training.{model}.adaptation_steps: no steps for {shots} shots, which "
                    f"{where}.shots asks for; add {shots}: STEPS"
                )
    return Grid(
        **named,
        sources=tuple(tuple(one) if isinstance(one, list) else one for one in entry["sources"]),
        n=tuple(entry["n"]) if isinstance(entry["n"], list) else (entry["n"],),
        budgets=tuple(entry["budgets"]),
        targets=targets,
        shots=tuple(entry["shots"]),
        adaptation=tuple(entry["adaptation"]),
        free=MappingProxyType({axis.name: tuple(entry[axis.grid]) for axis in _FREE}),
    )


def _check_ability(where: str, model: DeclaredModel, task: str, kind: str) -> None:
    """Raise a UserError for a model of a family that cannot do a task."""
    needs = model.entry.needs
    if needs and not any(getattr(find_task(kind), need) for need in needs):
        raise UserError(
            f"config: {where}: models.{model.name} is a {model.family}, which cannot do tasks.{task} of kind {kind}; "
            "give this grid other `models` or `tasks`"
        )


def name_strategies(design: Study | Design) -> dict[tuple[str, tuple[str, ...]], tuple[str, ...]]:
    """Return (target, sources) -> the strategies of the study that give the target this source set, sorted.

    A list of languages is named by them, `de+en`, also for a target that is left out of it.
    """
    found: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for grid in design.grids:
        for target in grid.targets:
            for strategy in grid.sources:
                name = strategy if isinstance(strategy, str) else name_sources(strategy)
                for languages in {design.tasks[task].languages for task in grid.tasks}:
                    for sources in resolve_strategy(strategy, target, languages):
                        found.setdefault((target, sources), set()).add(name)
    return {key: tuple(sorted(names)) for key, names in found.items()}


def name_pretraining(design: Study | Design) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return (target, model) -> the strategies of pre-training that give the target this model, sorted."""
    return {
        (target, name): tuple(sorted(strategies))
        for name, model in design.models.items()
        for target, strategies in (model.targets or {}).items()
    }


def plan_runs(design: Study | Design) -> list[Run]:
    """Return every run of the study's grids once, sorted.

    Raises UserError for a strategy that cannot be resolved, and for fewer sentences than there are sources.
    """
    return sorted({run for grid in design.grids for run in _plan_grid(design, grid)})


def _plan_grid(design: Study | Design, grid: Grid) -> Iterator[Run]:
    free = [dict(zip(grid.free, values, strict=True)) for values in itertools.product(*grid.free.values())]
    for task in grid.tasks:
        languages, tested = design.tasks[task].languages, design.tasks[task].tested
        points = [
            (target, sources, n)
            for target in grid.targets
            if target in tested
            for strategy in grid.sources
            for sources in resolve_strategy(strategy, target, languages)
            if set(sources) <= set(languages)
            for n in _list_budgets(grid, sources)
        ]
        for name in grid.models:
            model = design.models[name]
            family = FAMILIES[model.family]
            for target, sources, n in points:
                if target not in (tested if model.targets is None else model.targets):
                    continue
                for shots, adaptation in _adapt(grid, family, sources, target):
                    if shots and target not in languages:
                        continue  # there is nothing to draw shots from: it can be tested in only
                    for values in free:
                        yield Run(task, name, sources, n, target, shots, adaptation, **values)


def _list_budgets(grid: Grid, sources: tuple[str, ...]) -> list[int]:
    if not sources:
        return [0]
    factors = {"equal-total": 1, "equal-per-source": len(sources)}
    budgets = [n * factors[budget] for n in grid.n for budget in grid.budgets]
    if min(budgets) < len(sources):
        raise UserError(
            f"config: transfer.n: {min(budgets)} sentences cannot be shared among the {len(sources)} sources "
            f"{name_sources(sources)}; raise n to {len(sources)} or more"
        )
    return budgets


def _adapt(grid: Grid, family: Family, sources: tuple[str, ...], target: str) -> Iterable[tuple[int, str]]:
    """Yield the (shots, adaptation) that make sense for a source set and a target."""
    for shots in grid.shots:
        if shots == 0:
            if sources:
                yield 0, DIRECT
        elif not sources:
            yield shots, list_able(family, ())[0]  # with the shots alone, the ways to mix them with sources are one
        elif target not in sources:
            for adaptation in list_able(family, grid.adaptation):
                yield shots, adaptation


def write_design(study: Study) -> str:
    """Return the design of a study as one line of JSON."""
    models = {
        name: {
            "family": model.family,
            "targets": None if model.targets is None else dict(model.targets),
            "text": model.origin.text if model.is_variant else "",
        }
        for name, model in study.models.items()
    }
    tasks = {
        name: {"kind": task.kind, "languages": task.languages, "tested": task.tested}
        for name, task in study.tasks.items()
    }
    grids = [{**vars(grid), "free": dict(grid.free)} for grid in study.grids]
    return json.dumps({"languages": study.languages, "tasks": tasks, "models": models, "grids": grids}, sort_keys=True)


def read_design(form: Mapping[str, Any]) -> Design:
    """Return the design that write_design wrote, from its parsed JSON."""
    form = _freeze(form)
    return Design(
        languages=form["languages"],
        tasks={name: TaskDesign(**task) for name, task in form["tasks"].items()},
        models={name: ModelDesign(**model) for name, model in form["models"].items()},
        grids=tuple(Grid(**grid) for grid in form["grids"]),
    )


def _freeze(value: Any) -> Any:
    if isinstance(value, Mapping):
        return MappingProxyType({key: _freeze(item) for key, item in value.items()})
    return tuple(map(_freeze, value)) if isinstance(value, list) else value


def count_need(runs: Iterable[Run], task: str) -> dict[str, dict[str, int]]:
    """Return, per language, the most training sentences any run of the task takes of it: {"source": , "shots": }."""
    need: dict[str, dict[str, int]] = {}
    for run in runs:
        if run.task == task:
            taken = [(language, "source", n) for language, n in allot(run.n, run.sources).items()]
            for language, use, n in [*taken, (run.target, "shots", run.shots)]:
                most = need.setdefault(language, {"source": 0, "shots": 0})
                most[use] = max(most[use], n)
    return need
