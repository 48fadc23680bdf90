"""What a job is made with: the slice of the config that it uses, as one line of JSON, and no more.

Snakemake redoes a job when its parameters change, so a slice that held more would redo too much. It never sees
changes in imported modules: raise a version here when the same recipe would give another result.
"""

import json
from typing import Any

from isogloss.models import FAMILIES
from isogloss.study import DIRECT, JOINT, Config, Run

VERSIONS = {"corpus": 1, "model": 1, "training": 1}


def _write(kind: str, recipe: dict[str, Any]) -> str:
    return json.dumps({**recipe, "version": VERSIONS[kind]}, ensure_ascii=False, sort_keys=True)


def write_corpus_recipe(config: Config, task: str) -> str:
    """How the corpus of a task is made in any one language."""
    spec = config["tasks"][task]
    return _write("corpus", {"kind": spec["kind"], "corpus": spec["corpus"]})


def write_model_recipe(config: Config, model: str) -> str:
    """How a model is built or fetched."""
    spec = config["models"][model]
    keys = ("build", "languages", "steps", "vocabulary") if "build" in spec else ("hub", "revision")
    return _write("model", {key: spec[key] for key in keys})


def write_finetune_recipe(config: Config, task: str, model: str) -> str:
    """How a model is trained on sources: what only the shots need is left out."""
    recipe = dict(config["training"][model])
    recipe.pop("adaptation_steps", None)
    recipe.pop("joint_share", None)
    return _write("training", {**_describe(config, task, model), **recipe})


def write_transfer_recipe(config: Config, run: Run) -> str:
    """How a run uses its shots and how it predicts."""
    recipe = dict(config["training"][run.model])
    steps = recipe.pop("adaptation_steps", {}).get(str(run.shots))
    if run.adaptation != JOINT:
        recipe.pop("joint_share", None)
    if run.adaptation == DIRECT:
        trained_with = ("learning_rate", "epochs", "c1", "c2", "max_iterations")
        recipe = {key: value for key, value in recipe.items() if key not in trained_with}
    elif run.adaptation != JOINT:
        recipe.pop("epochs", None)
    if steps is not None and run.adaptation != JOINT:
        recipe["steps"] = steps
    return _write("training", {**_describe(config, run.task, run.model), **recipe})


def write_grid(config: Config) -> str:
    """The part of a study that says which runs it has; isogloss.study.plan_runs takes it."""
    families = {name: {"family": spec["family"]} for name, spec in config["models"].items()}
    grid = {"languages": config["languages"], "models": families, "transfer": config["transfer"]}
    return json.dumps(grid, sort_keys=True)


def write_primary(config: Config) -> str:
    """The declared hypothesis, or `null`."""
    return json.dumps(config["analysis"].get("primary"), sort_keys=True)


def _describe(config: Config, task: str, model: str) -> dict[str, str]:
    return {"kind": config["tasks"][task]["kind"], "family": config["models"][model]["family"]}


def is_accelerated(config: Config, model: str) -> bool:
    """Whether a model's jobs want a GPU: a pre-trained one that was not built here to be small."""
    spec = config["models"][model]
    return FAMILIES[spec["family"]].accelerated and "build" not in spec
