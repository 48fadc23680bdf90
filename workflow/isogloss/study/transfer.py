"""Parse the config key `transfer`: from grids that were checked against the schema to Grid values."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.run import AXES
from isogloss.families.adaptations import ADAPTATIONS
from isogloss.study.grid import Grid
from isogloss.study.reading.schema import check_choice, check_languages, find_entry
from isogloss.study.values import DeclaredModel
from isogloss.tasks import find_task

Form = Mapping[str, Any]
_FREE = tuple(axis for axis in AXES if axis.grid)


def list_adaptations(entries: Sequence[Form]) -> tuple[str, ...]:
    """Return the adaptations in the grids of a study file. Raises UserError if one of them cannot be used."""
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
    """Return the grids of a study file that was checked against the schema.

    kinds: task -> its kind. Raises UserError if a name is not defined in the study, a model does not support a task, or
    a number of shots has no number of steps.
    """
    return [
        _parse_grid(entry, _name_grid(number, entries), kinds, models, languages)
        for number, entry in enumerate(entries)
    ]


def describe_repeats(entries: Sequence[Form]) -> tuple[str, ...]:
    """Return a note on each value that a list of a grid contains several times. It has the effect of one."""
    notes = []
    for number, entry in enumerate(entries):
        for key, values in entry.items():
            counts = Counter(map(str, values)) if isinstance(values, list) else {}
            where = f"config: {_name_grid(number, entries)}.{key}"
            notes += [f"{where}: {value} is listed {n} times and used once" for value, n in counts.items() if n > 1]
    return tuple(notes)


def _parse_grid(
    entry: Form,
    where: str,
    kinds: Mapping[str, str],
    models: Mapping[str, DeclaredModel],
    languages: tuple[str, ...],
) -> Grid:
    named = {}
    for key, known in (("tasks", kinds), ("models", models)):
        named[key] = _list_once(entry.get(key, known))
        for name in named[key]:
            check_choice(f"{where}.{key}", name, known, key[:-1])
    for model in named["models"]:
        for task in named["tasks"]:
            _check_ability(where, models[model], task, kinds[task])
    targets = languages if entry["targets"] == "all" else _list_once(entry["targets"])
    check_languages(f"{where}.targets", targets, languages, among=True)
    for strategy in entry["sources"]:
        if isinstance(strategy, list):
            check_languages(f"{where}.sources", strategy, languages, among=True)
    for model in named["models"]:
        steps = models[model].recipe.get("adaptation_steps")
        for shots in filter(None, entry["shots"]):
            if steps is not None and str(shots) not in steps:
                raise UserError(
                    f"config: training.{model}.adaptation_steps: no steps for {shots} shots, but "
                    f"{where}.shots contains {shots}; add {shots}: STEPS"
                )
    return Grid(
        **named,
        sources=_list_once(tuple(one) if isinstance(one, list) else one for one in entry["sources"]),
        n=_list_once(entry["n"] if isinstance(entry["n"], list) else [entry["n"]]),
        budgets=_list_once(entry["budgets"]),
        targets=targets,
        shots=_list_once(entry["shots"]),
        adaptation=_list_once(entry["adaptation"]),
        free=MappingProxyType({axis.name: _list_once(entry[axis.grid]) for axis in _FREE}),
    )


def _list_once(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))


def _check_ability(where: str, model: DeclaredModel, task: str, kind: str) -> None:
    """Raise UserError if the family of a model does not support a task."""
    needs = model.entry.needs
    if needs and not any(getattr(find_task(kind), need) for need in needs):
        raise UserError(
            f"config: {where}: the family of models.{model.name} is {model.family}, which does not support tasks."
            f"{task} of kind {kind}; set other `models` or `tasks` in this grid"
        )
