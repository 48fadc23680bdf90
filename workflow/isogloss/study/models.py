"""Parse the config keys `models` and `training`: from entries checked against the schema to values."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.families import FAMILIES
from isogloss.families.folder import check_folder
from isogloss.families.kinds import TEXT_TO_TEXT, guess_family, read_family
from isogloss.families.weights import check_adapter
from isogloss.study.grid import freeze
from isogloss.study.reading.schema import (
    check_choice,
    check_languages,
    complete_form,
    find_entry,
    read_recipe,
    say_where,
)
from isogloss.study.values import Built, DeclaredModel, Fetched, Local, PretrainingPlan
from isogloss.tasks import TASKS, find_task

_ORIGINS = ("build", "hub", "path")

Form = Mapping[str, Any]


def parse_models(
    entries: Mapping[str, Form],
    training: Mapping[str, Form],
    kinds: Mapping[str, str],
    languages: tuple[str, ...],
    adaptations: tuple[str, ...],
) -> dict[str, DeclaredModel]:
    """Return the models of a study file by name, each with its recipe.

    entries, training: the values of the config keys `models` and `training`. kinds: task -> its kind. languages: the
    languages of the study. adaptations: the adaptations in its grids. Raises UserError if a model is not available, or
    if a recipe does not match its family.
    """
    parts = {name: _parse_model(name, entry, kinds, languages) for name, entry in entries.items()}
    for name in training:
        check_choice("training", name, entries, "model")
    return {
        name: DeclaredModel(name=name, recipe=_parse_recipe(name, part["family"], training, kinds, adaptations), **part)
        for name, part in parts.items()
    }


def _parse_model(name: str, entry: Form, kinds: Mapping[str, str], languages: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields of DeclaredModel, except the name and the recipe."""
    where = f"models.{name}"
    family = entry["family"] if "family" in entry else _find_family(where, entry)
    entry_of_family = find_entry(f"{where}.family", FAMILIES, family)
    if "pretraining" in entry:
        _check_pretraining(name, family, entry, languages)
    origins = [key for key in _ORIGINS if key in entry]
    if not entry_of_family.pretrained:
        if origins:
            raise UserError(f"config: {where}.{origins[0]}: a {family} has no pre-trained weights; remove this key")
        if entry["trim_vocabulary"]:
            raise UserError(f"config: {where}.trim_vocabulary: a {family} has no subword vocabulary; remove this key")
        named = tuple(entry.get("languages", ()))
        return {"family": family, "origin": None, "trimmed_to": (), "languages": named, "pretraining": None}
    if len(origins) != 1:
        raise UserError(f"config: {where}: found {len(origins)} of the keys build, hub and path; give exactly one")
    (origin,) = origins
    if origin == "path":
        with say_where(f"{where}.path"):
            check_folder(Path(entry["path"]), family)
    trimmed_to: tuple[str, ...] = ()
    if entry["trim_vocabulary"]:
        if origin == "build":
            raise UserError(
                f"config: {where}.trim_vocabulary: the vocabulary of a built model cannot be trimmed; remove this key"
            )
        trimmed_to = tuple(entry.get("languages", languages))
        check_languages(f"{where}.languages", trimmed_to, languages)
    if origin == "build":
        if "languages" not in entry:
            raise UserError(f"config: {where}: the key 'languages' is missing, which a built model needs; add it")
        check_languages(f"{where}.languages", entry["languages"], languages)
    text = entry.get("text", next(iter(kinds)))
    if origin == "build" or "pretraining" in entry:
        check_choice(f"{where}.text", text, kinds, "task")
    return {
        "family": family,
        "origin": _parse_origin(origin, entry, text),
        "trimmed_to": trimmed_to,
        "languages": tuple(entry.get("languages", trimmed_to)),
        "pretraining": _parse_pretraining(entry["pretraining"], text) if "pretraining" in entry else None,
    }


def _parse_origin(key: str, entry: Form, text: str) -> Built | Fetched | Local:
    if key == "build":
        return Built(entry["build"], tuple(entry["languages"]), text, entry["steps"], entry["vocabulary"])
    return Fetched(entry["hub"], entry["revision"]) if key == "hub" else Local(entry["path"])


def _parse_pretraining(entry: Form, text: str) -> PretrainingPlan:
    strategies = tuple(tuple(one) if isinstance(one, list) else one for one in entry["strategies"])
    return PretrainingPlan(**{**entry, "strategies": strategies, "text": text})


def _find_family(where: str, entry: Form) -> str:
    """Return the family of a model that does not specify one, from its config.json or from its name on the hub."""
    if "path" in entry:
        with say_where(f"{where}.path"):
            check_adapter(Path(entry["path"]))
            return read_family(Path(entry["path"]))
    if "hub" in entry:
        if found := guess_family(entry["hub"]):
            return found
        raise UserError(
            f"config: {where}: the family cannot be inferred from the name {entry['hub']}; add family: encoder "
            "(BERT, XLM-R, ...) or family: text-to-text (T5, mT5, ...)"
        )
    return TEXT_TO_TEXT


def _check_pretraining(name: str, family: str, entry: Form, languages: Iterable[str]) -> None:
    """Raise UserError if the family cannot be pre-trained here, or if a built model would be pre-trained twice."""
    if family != TEXT_TO_TEXT:
        raise UserError(
            f"config: models.{name}.pretraining: span corruption needs a {TEXT_TO_TEXT} model, but the family of this "
            f"model is {family}; remove this key or use another model"
        )
    if "build" in entry and entry["steps"]:
        raise UserError(
            f"config: models.{name}.steps: the variants of a built model start from random weights, but steps is "
            f"{entry['steps']}; set steps: 0"
        )
    for strategy in entry["pretraining"]["strategies"]:
        if isinstance(strategy, list):
            check_languages(f"models.{name}.pretraining.strategies", strategy, languages, among=True)


def _parse_recipe(
    model: str, family: str, training: Mapping[str, Form], kinds: Mapping[str, str], adaptations: tuple[str, ...]
) -> Mapping[str, Any]:
    """Return how a model is trained: its entry in `training`, checked against the recipe schema of its family."""
    schema = read_recipe(f"models.{model}.family", family, adaptations)
    recipe = complete_form(training.get(model, {}), schema, f"training.{model}")
    if "format" in recipe:
        formats = [find_task(kind).formats for kind in kinds.values()]
        known = [name for task in TASKS.own.values() for name in task.formats]
        # If a kind of task has only one format, that format is used, whatever the recipe says.
        for choice in [names for names in formats if len(names) != 1] or [known]:
            check_choice(f"training.{model}.format", recipe["format"], choice, "format")
    return freeze(recipe)
