"""The grids of a study and the runs that they define. No other module decides which runs exist.

A Design is the part of a study that determines its runs. A Study has all attributes of a Design and can replace it.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.run import DIRECT, Run, allot, name_sources
from isogloss.families import FAMILIES, Family
from isogloss.families.adaptations import list_able
from isogloss.study.strategies import resolve_strategy


def freeze(value: Any) -> Any:
    """Return a part of a study file in immutable form: mappings read-only, lists as tuples, at every depth."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: freeze(item) for key, item in value.items()})
    return tuple(map(freeze, value)) if isinstance(value, list | tuple) else value


MAX = "max"
"""The largest number of source sentences for which every source set of a grid has enough, in a study file."""


@dataclass(frozen=True)
class Grid:
    """A grid of runs. n: numbers of source sentences, or MAX until the sizes of the corpora are known
    (isogloss.study.check). free: name of an axis -> its values, for each axis that is combined with every run."""

    tasks: tuple[str, ...]
    models: tuple[str, ...]
    sources: tuple[str | tuple[str, ...], ...]
    n: tuple[int | str, ...]
    budgets: tuple[str, ...]
    targets: tuple[str, ...]
    shots: tuple[int, ...]
    adaptation: tuple[str, ...]
    free: Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True)
class TaskDesign:
    """The part of a task that determines runs and their scores: fields of isogloss.study.values.StudyTask."""

    kind: str
    languages: tuple[str, ...]
    tested: tuple[str, ...]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelDesign:
    """The part of a model that determines runs: fields of isogloss.study.values.StudyModel.

    text: the task whose text a variant was pre-trained on; empty for other models.
    """

    family: str
    targets: Mapping[str, tuple[str, ...]] | None
    text: str


@dataclass(frozen=True)
class Design:
    """The part of a study that determines its runs. Jobs that collect runs get only this part.

    like: language -> the language whose typological values stand for its own (isogloss.common.facts). recipes: the
    digests of the recipes of its runs, which their records must have; empty if they are not known.
    """

    languages: tuple[str, ...]
    tasks: Mapping[str, TaskDesign]
    models: Mapping[str, ModelDesign]
    grids: tuple[Grid, ...]
    like: Mapping[str, str]
    recipes: frozenset[str] = frozenset()


def name_strategies(design: Design) -> dict[tuple[str, tuple[str, ...]], tuple[str, ...]]:
    """Return (target, sources) -> the strategies of the study that select this source set for the target, sorted.

    The name of a list of languages contains all of them, `de+en`, even for a target that is left out of it.
    """
    found: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for grid in design.grids:
        for target in grid.targets:
            for strategy in grid.sources:
                name = strategy if isinstance(strategy, str) else name_sources(strategy)
                for languages in {design.tasks[task].languages for task in grid.tasks}:
                    for sources in resolve_strategy(strategy, target, languages, design.like):
                        found.setdefault((target, sources), set()).add(name)
    return {key: tuple(sorted(names)) for key, names in found.items()}


def name_pretraining(design: Design) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return (target, model) -> the pre-training strategies that select this model for the target, sorted."""
    return {
        (target, name): tuple(sorted(strategies))
        for name, model in design.models.items()
        for target, strategies in (model.targets or {}).items()
    }


def plan_runs(design: Design) -> list[Run]:
    """Return every run of the study's grids once, sorted.

    Raises UserError if a strategy cannot be resolved, or if there are fewer sentences than sources.
    """
    return sorted({run for grid in design.grids for run in _plan_grid(design, grid)})


def _plan_grid(design: Design, grid: Grid) -> Iterator[Run]:
    free = [dict(zip(grid.free, values, strict=True)) for values in itertools.product(*grid.free.values())]
    for task in grid.tasks:
        languages, tested = design.tasks[task].languages, design.tasks[task].tested
        points = [
            (target, sources, n)
            for target in grid.targets
            if target in tested
            for strategy in grid.sources
            for sources in resolve_strategy(strategy, target, languages, design.like)
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
                        continue  # this language has only a test set, so there are no sentences for shots
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
            f"{name_sources(sources)}; set n to {len(sources)} or more"
        )
    return budgets


def list_source_sets(grid: Grid, languages: tuple[str, ...], like: Mapping[str, str]) -> set[tuple[str, ...]]:
    """Return the source sets of a grid in a task with some languages; like: as in Design."""
    return {
        sources
        for target in grid.targets
        for strategy in grid.sources
        for sources in resolve_strategy(strategy, target, languages, like)
        if sources and set(sources) <= set(languages)
    }


def find_largest(sets: Iterable[tuple[str, ...]], budgets: Iterable[str], left: Mapping[str, int]) -> int:
    """Return the largest n of a grid for which each language of each source set has enough sentences; 0 if none is.

    left: language -> number of training sentences. A set of s sources shares n, or has n for each of them, as `budgets`
    says.
    """
    largest = []
    for sources in sets:
        fewest = min(left[language] for language in sources)
        if "equal-per-source" in budgets:
            largest.append(fewest)
        if "equal-total" in budgets:
            totals = range(len(sources) * fewest, len(sources) * (fewest + 1))
            fit = [n for n in totals if all(share <= left[code] for code, share in allot(n, sources).items())]
            largest.append(max(fit))
    return min(largest, default=0)


def _adapt(grid: Grid, family: Family, sources: tuple[str, ...], target: str) -> Iterable[tuple[int, str]]:
    """Yield each (shots, adaptation) that is meaningful for a source set and a target."""
    for shots in grid.shots:
        if shots == 0:
            if sources:
                yield 0, DIRECT
        elif not sources:
            yield shots, list_able(family, ())[0]  # without sources, all adaptations are the same
        elif target not in sources:
            for adaptation in list_able(family, grid.adaptation):
                yield shots, adaptation


def read_design(form: Mapping[str, Any]) -> Design:
    """Return the design that write_design wrote, given as parsed JSON."""
    form = freeze(form)
    return Design(
        languages=form["languages"],
        tasks=MappingProxyType({name: TaskDesign(**task) for name, task in form["tasks"].items()}),
        models=MappingProxyType({name: ModelDesign(**model) for name, model in form["models"].items()}),
        grids=tuple(Grid(**grid) for grid in form["grids"]),
        like=form.get("like", MappingProxyType({})),
        recipes=frozenset(form.get("recipes", ())),
    )


def count_need(runs: Iterable[Run], task: str) -> dict[str, dict[str, int]]:
    """Return language -> {"source": , "shots": }: the most training sentences that any run of the task uses."""
    need: dict[str, dict[str, int]] = {}
    for run in runs:
        if run.task == task:
            taken = [(language, "source", n) for language, n in allot(run.n, run.sources).items()]
            for language, use, n in [*taken, (run.target, "shots", run.shots)]:
                most = need.setdefault(language, {"source": 0, "shots": 0})
                most[use] = max(most[use], n)
    return need
