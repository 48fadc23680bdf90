"""What a job is made with: the slice of the config that it uses, as one line of JSON, and no more.

Snakemake redoes a job when its parameters change, so a slice that held more would redo too much. It never sees
changes in imported modules: raise a version here when the same recipe would give another result.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isogloss.families import FAMILIES
from isogloss.families.folder import digest_folder, measure_weights
from isogloss.study.grid import DIRECT, JOINT, Config, Run, find_origin, list_pretrained_on

VERSIONS = {"corpus": 1, "download": 1, "model": 3, "trimming": 2, "training": 3, "language_model": 1, "pretraining": 2}

TRAINED_WITH = (
    *("learning_rate", "epochs", "accumulation", "checkpointing"),
    *("freeze_embeddings", "lora", "dropout"),
    *("c1", "c2", "max_iterations"),
)
"""Keys of recipes that change nothing in a prediction."""


def _write(kind: str, recipe: dict[str, Any]) -> str:
    return json.dumps({**recipe, "version": VERSIONS[kind]}, ensure_ascii=False, sort_keys=True)


def write_corpus_recipe(config: Config, task: str, test_corpus: str | None = None) -> str:
    """How the corpus of a task, or one that it is only tested on, is made in any one language."""
    spec = config["tasks"][task]
    corpus = spec["corpus"] if test_corpus is None else spec["test_corpora"][test_corpus]
    return _write("corpus", {"kind": spec["kind"], "corpus": corpus})


def write_download_recipe(config: Config, task: str, test_corpus: str | None = None) -> str:
    """What is downloaded of the corpus of a task, or of one that it is only tested on, in any one language."""
    spec = config["tasks"][task]
    return _write("download", {"corpus": spec["corpus"] if test_corpus is None else spec["test_corpora"][test_corpus]})


def write_model_recipe(config: Config, model: str) -> str:
    """How a model is built or fetched."""
    spec = config["models"][model]
    keys = ("build", "languages", "steps", "vocabulary") if "build" in spec else ("hub", "revision", "family")
    return _write("model", {key: spec[key] for key in keys})


def write_pretraining_recipe(config: Config, model: str) -> str:
    """How an arm is pre-trained; its languages are the files that it is given."""
    spec = config["models"][model]
    return _write("pretraining", {**spec["pretraining"], **_tell_start(config, spec["start"])})


def write_trim_recipe(config: Config, model: str) -> str:
    """How a vocabulary is trimmed: the kind of every task, whose text it has to hold."""
    kinds = {task: spec["kind"] for task, spec in config["tasks"].items()}
    return _write("trimming", {"kinds": kinds, **_tell_folder(config, model)})


def write_vocabulary_recipe(config: Config, model: str) -> str:
    """Whose subwords are counted."""
    return json.dumps(_tell_start(config, model))


def write_finetune_recipe(config: Config, task: str, model: str) -> str:
    """How a model is trained on sources: what only the shots need is left out."""
    recipe = _take_recipe(config, task, model)
    recipe.pop("adaptation_steps", None)
    recipe.pop("joint_share", None)
    return _write("training", {**_describe(config, task, model), **recipe, **_tell_start(config, model)})


def write_transfer_recipe(config: Config, run: Run) -> str:
    """How a run uses its shots and how it predicts."""
    recipe = _take_recipe(config, run.task, run.model)
    steps = recipe.pop("adaptation_steps", {}).get(str(run.shots))
    if run.adaptation != JOINT:
        recipe.pop("joint_share", None)
    if run.adaptation == DIRECT:
        recipe = {key: value for key, value in recipe.items() if key not in TRAINED_WITH}
    elif run.adaptation != JOINT:
        recipe.pop("epochs", None)
    if steps is not None and run.adaptation != JOINT:
        recipe["steps"] = steps
    if run.finetuned is None:
        recipe |= _tell_start(config, run.model)
    return _write("training", {**_describe(config, run.task, run.model), **recipe})


def write_statistics_recipe(config: Config, task: str, model: str, language: str) -> str:
    """How the language model of a model is measured: its family, and whether it was pre-trained on the very text."""
    read = list_pretrained_on(config, task, model)
    seen = None if read is None else language in read
    family = config["models"][model]["family"]
    return _write("language_model", {"family": family, "pretrained_on": seen, **_tell_start(config, model)})


def write_grid(config: Config) -> str:
    """The part of a study that says which runs it has; isogloss.study.grid.plan_runs takes it."""
    families = {name: _take_arm(spec) for name, spec in config["models"].items()}
    grid = {"languages": config["languages"], "models": families, "transfer": config["transfer"]}
    # Only where a corpus lacks languages: a grid that is whole is written as it always was.
    keys = ("available", "tested")
    tasks = {task: {key: spec[key] for key in keys} for task, spec in config["tasks"].items() if "available" in spec}
    return json.dumps({**grid, **({"tasks": tasks} if tasks else {})}, sort_keys=True)


def _take_arm(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the family of a model, of an arm of pre-training its targets, and whose text it was pre-trained on."""
    keys = ["family", *(["arms"] if "arms" in spec else []), *(["text"] if "start" in spec else [])]
    return {key: spec[key] for key in keys}


def write_primary(config: Config) -> str:
    """The declared hypothesis, or `null`."""
    return json.dumps(config["analysis"].get("primary"), sort_keys=True)


def write_kinds(config: Config) -> str:
    """The kind of every task."""
    return json.dumps({task: spec["kind"] for task, spec in config["tasks"].items()}, sort_keys=True)


def count_steps(recipe: Mapping[str, Any], sentences: float) -> int | None:
    """Return the optimiser steps of a training by its sentences alone, so that equal totals are equal steps.

    None for a family whose recipe counts no epochs.
    """
    if "epochs" not in recipe:
        return None
    return max(1, round(recipe["epochs"] * sentences / recipe["batch_size"]))


def _take_recipe(config: Config, task: str, model: str) -> dict[str, Any]:
    """Return how a model is trained, with what a task says itself: the one format it has, the length of an input."""
    recipe, spec = config["training"][model], config["tasks"][task]
    return {**recipe, **{key: spec[key] for key in ("format", "max_length") if key in recipe and key in spec}}


def _tell_folder(config: Config, model: str) -> dict[str, str]:
    """Return the content of the user's folder that a model is, {} for a model that a job makes.

    Such a folder is an input of whatever age: copied again, or mounted again, it is the same model.
    """
    spec = config["models"][model]
    return {"start": digest_folder(Path(spec["path"]))} if "path" in spec else {}


def _tell_start(config: Config, model: str) -> dict[str, str]:
    """Return the same of the folder that training starts from; a trimmed one is made by a job."""
    return {} if config["models"][model]["trim_vocabulary"] else _tell_folder(config, model)


def _describe(config: Config, task: str, model: str) -> dict[str, str]:
    return {"kind": config["tasks"][task]["kind"], "family": config["models"][model]["family"]}


SMALL = 200 * 2**20
"""Bytes of weights up to which a model of the user's is trained on one core."""


THREADS = 8
"""Of a job that wants a GPU, for what a GPU does not do; a small model gains nothing from a second one."""


def is_accelerated(config: Config, model: str) -> bool:
    """Whether a model's jobs want a GPU: a pre-trained one that was not built here and is not small."""
    spec = find_origin(config, model)
    small = "build" in spec or ("path" in spec and measure_weights(Path(spec["path"])) <= SMALL)
    return FAMILIES[spec["family"]].accelerated and not small
