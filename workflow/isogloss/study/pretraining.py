"""Arms of self-supervised pre-training: an entry of `models` with `pretraining` becomes a model a set of languages.

A strategy gives each target a set of languages; targets with the same set share its model. After that an arm is a model
like any other, named by its languages (`tiny-mt5@bn+hi+ru`), whose runs are those of the targets that it is for. All
arms start from one folder, `tiny-mt5@none`: they have one vocabulary and the same weights to begin with.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from isogloss.common.errors import UserError
from isogloss.families.folder import TEXT_TO_TEXT
from isogloss.study.grid import list_task_languages, list_tested, name_sources
from isogloss.study.strategies import resolve_pretraining

Spec = dict[str, Any]


def expand_models(config: dict[str, Any]) -> None:
    """Replace every model with `pretraining` by its arms: in the models of a checked study, its recipes and its grids.

    An arm has `base` (the model's name), `arms` (target -> the strategies that give it this arm), and, but for the one
    without pre-training, `start`, `languages`, `text` and `pretraining`, what write_pretraining_recipe takes. A study
    without `pretraining` is left as it is. Raises UserError for a strategy that cannot be resolved and for a budget of
    less than a segment a language.
    """
    models: dict[str, Spec] = {}
    for name, spec in config["models"].items():
        if "pretraining" not in spec:
            models[name] = spec
            continue
        _check_names(config, name)
        arms = _make_arms(config, name, spec)
        models |= arms
        recipe = config["training"].pop(name)
        config["training"] |= {arm: deepcopy(recipe) for arm in arms}
        for grid in config["transfer"]:
            grid["models"] = [arm for model in grid["models"] for arm in (arms if model == name else [model])]
    config["models"] = models


def name_arm(base: str, languages: tuple[str, ...]) -> str:
    """Return the name of a model pre-trained on some languages; `none` for the one that all start from."""
    return f"{base}@{name_sources(languages)}"


def count_updates(budget: Mapping[str, Any]) -> int:
    """Return the optimiser steps of a token budget, rounded to whole ones: the same for every arm."""
    return max(1, round(budget["tokens"] / (budget["segment"] * budget["batch_size"])))


def _make_arms(config: Mapping[str, Any], name: str, spec: Spec) -> dict[str, Spec]:
    targets = _choose_sets(config, name, spec)
    _check_budget(spec["pretraining"], max(map(len, targets)), f"models.{name}.pretraining.tokens")
    budget = spec["pretraining"]
    steps = count_updates(budget)
    recipe = {**{key: budget[key] for key in ("segment", "batch_size", "learning_rate")}, "steps": steps}
    start = name_arm(name, ())
    origin = {key: value for key, value in spec.items() if key != "pretraining"}
    if "build" not in spec:
        origin.pop("text")
    arms = {start: {**origin, "base": name, "arms": targets.pop((), {})}}
    for languages, of in sorted(targets.items(), key=lambda item: (len(item[0]), item[0])):
        arms[name_arm(name, languages)] = {
            "family": spec["family"],
            "start": start,
            "languages": list(languages),
            "text": spec["text"],
            "trim_vocabulary": False,
            "pretraining": recipe,
            "base": name,
            "arms": of,
        }
    return arms


def _choose_sets(config: Mapping[str, Any], name: str, spec: Spec) -> dict[tuple[str, ...], dict[str, list[str]]]:
    """Return set of languages -> target -> the strategies that give it this set."""
    text, where = spec["text"], f"models.{name}.pretraining.strategies"
    languages = list_task_languages(config, text)
    chosen: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for target in _list_targets(config, name):
        for strategy in spec["pretraining"]["strategies"]:
            label = strategy if isinstance(strategy, str) else name_sources(strategy)
            for found in resolve_pretraining(strategy, target, languages, where):
                for code in found:
                    if code not in languages:
                        raise UserError(f"config: {where}: {label}: tasks.{text} has no text in {code}; leave it out")
                names = chosen.setdefault(found, {}).setdefault(target, [])
                names += [label] if label not in names else []
    if not chosen:
        raise UserError(f"config: models.{name}.pretraining: no grid has runs of this model; add some or remove it")
    return chosen


def _list_targets(config: Mapping[str, Any], name: str) -> list[str]:
    """Return the targets of the grids that a model is in."""
    grids = [grid for grid in config["transfer"] if name in grid["models"]]
    found = {
        target
        for grid in grids
        for task in grid["tasks"]
        for target in grid["targets"]
        if target in list_tested(config, task)
    }
    return [code for code in config["languages"] if code in found]


def _check_budget(budget: Mapping[str, Any], languages: int, where: str) -> None:
    least = budget["segment"] * max(languages, budget["batch_size"])
    if budget["tokens"] < least:
        raise UserError(
            f"config: {where}: {budget['tokens']} tokens are less than a segment of {budget['segment']} for each of "
            f"{languages} languages and a batch of {budget['batch_size']}; give {least} or more"
        )


def check_pretraining(name: str, spec: Mapping[str, Any]) -> None:
    """Raise a UserError where a model of a family without span corruption is to be pre-trained, or one is twice."""
    if spec["family"] != TEXT_TO_TEXT:
        raise UserError(
            f"config: models.{name}.pretraining: span corruption is for {TEXT_TO_TEXT} models, and the family of this "
            f"one is {spec['family']}; remove it or name another model"
        )
    if "build" in spec and spec["steps"]:
        raise UserError(
            f"config: models.{name}.steps: the arms of a model built here start from random weights, not from "
            f"{spec['steps']} steps on all languages; write steps: 0"
        )


def _check_names(config: Mapping[str, Any], name: str) -> None:
    for other in config["models"]:
        if other.startswith(f"{name}@"):
            raise UserError(f"config: models.{other}: an arm of {name} may have this name; choose another")
    primary = config["analysis"].get("primary")
    if primary and primary["model"] == name:
        raise UserError(
            f"config: analysis.primary.model: {name} is several models, its arms of pre-training; leave primary out or "
            "name another"
        )
