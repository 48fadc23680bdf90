"""Recipes: the part of the config that a job depends on, as one line of JSON.

Snakemake redoes a job when its parameters change, so a recipe contains only what the job uses. Snakemake does not
detect changes in imported modules. Raise a version here when the same recipe would produce a different result.
"""

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from isogloss.common.run import DIRECT, Run
from isogloss.corpora import CORPORA
from isogloss.families import FAMILIES
from isogloss.families.adaptations import ADAPTATIONS, Adaptation
from isogloss.families.folder import digest_folder, measure_weights
from isogloss.features import FEATURES
from isogloss.provenance.digests import digest_value
from isogloss.study.products import find_weights, list_pretrained_on, place_trained
from isogloss.study.reading.schema import list_training_keys
from isogloss.study.values import Built, CorpusChoice, Fetched, Local, Study, StudyTask, Variant
from isogloss.tasks import TASKS

VERSIONS = {"corpus": 2, "download": 2, "model": 3, "trimming": 2, "training": 3, "language_model": 1, "pretraining": 2}


def _write(kind: str, recipe: dict[str, Any]) -> str:
    return json.dumps({**recipe, "version": VERSIONS[kind]}, ensure_ascii=False, sort_keys=True, default=dict)


def write_corpus_recipe(study: Study, task: str, test_corpus: str | None = None) -> str:
    """Return how the corpus of a task, or one of its test corpora, is prepared in any language."""
    choice, kind = _choose_corpus(study, task, test_corpus), study.tasks[task].kind
    entries = {"task": TASKS.describe(kind), "corpus": CORPORA.describe(choice.name)}
    form, mapped = study.tasks[task].normal_form, study.tasks[task].map
    text = {} if form == "NFC" else {"normal_form": form}
    labels = {**_describe_labels(study.tasks[task]), **({"map": mapped} if mapped else {})}
    return _write("corpus", {"kind": kind, "corpus": choice.entry, "entries": entries, **text, **labels})


def write_download_recipe(study: Study, task: str, test_corpus: str | None = None) -> str:
    """Return what is downloaded for the corpus of a task, or for one of its test corpora, in any language."""
    choice = _choose_corpus(study, task, test_corpus)
    entries = {"corpus": CORPORA.describe(choice.name)}
    return _write("download", {"kind": study.tasks[task].kind, "corpus": choice.entry, "entries": entries})


def _describe_labels(task: StudyTask) -> dict[str, tuple[str, ...]]:
    """Return the labels of a task, or {} for the usual labels of its kind."""
    return {"labels": task.labels} if task.labels else {}


def _choose_corpus(study: Study, task: str, test_corpus: str | None) -> CorpusChoice:
    chosen = study.tasks[task]
    return chosen.corpus if test_corpus is None else chosen.test_corpora[test_corpus]


def write_model_recipe(study: Study, name: str) -> str:
    """Return how a model is built or downloaded."""
    model = study.models[name]
    origin = model.origin
    if isinstance(origin, Built):
        made = {
            "build": origin.recipe,
            "languages": origin.languages,
            "steps": origin.steps,
            "vocabulary": origin.vocabulary,
        }
        return _write("model", made)
    assert isinstance(origin, Fetched), name
    return _write("model", {"hub": origin.repository, "revision": origin.revision, "family": model.family})


def write_pretraining_recipe(study: Study, name: str) -> str:
    """Return how a variant is pre-trained; its languages are given by the input files of the job."""
    origin = study.models[name].origin
    assert isinstance(origin, Variant), name
    budget = {key: getattr(origin, key) for key in ("segment", "batch_size", "learning_rate", "steps")}
    return _write("pretraining", {**budget, **_describe_start(study, origin.start)})


def write_trim_recipe(study: Study, name: str) -> str:
    """Return how a vocabulary is trimmed: the kind and the labels of every task, whose text it must cover.

    Labels are part of the text that a model generates.
    """
    kinds = {task.name: task.kind for task in study.tasks.values()}
    labels = {task.name: task.labels for task in study.tasks.values() if task.labels}
    tasks = {"kinds": kinds, **({"labels": labels} if labels else {})}
    return _write("trimming", {**tasks, **_describe_folder(study, name)})


def write_vocabulary_recipe(study: Study, name: str) -> str:
    """Return the model whose subwords are counted."""
    return json.dumps(_describe_start(study, name))


def write_feature_recipe(feature: str) -> str:
    """Return which package computes a feature, in which version."""
    return json.dumps(FEATURES.describe(feature))


def write_finetune_recipe(study: Study, task: str, name: str) -> str:
    """Return how a model is trained on sources; settings that only affect the shots are left out."""
    recipe = _leave_out_adaptations(study, _take_recipe(study, task, name))
    recipe.pop("adaptation_steps", None)
    return _write("training", {**_describe(study, task, name), **recipe, **_describe_start(study, name)})


def write_transfer_recipe(study: Study, run: Run) -> str:
    """Return how a run uses its shots and how it predicts."""
    recipe = _take_recipe(study, run.task, run.model)
    steps = recipe.pop("adaptation_steps", {}).get(str(run.shots))
    adaptation = None if run.adaptation == DIRECT else ADAPTATIONS[run.adaptation]
    recipe = _leave_out_adaptations(study, recipe, adaptation)
    if adaptation is None:
        trained_with = list_training_keys(study.models[run.model].family)
        recipe = {key: value for key, value in recipe.items() if key not in trained_with}
    elif not adaptation.by_epochs:
        recipe.pop("epochs", None)
        recipe |= {} if steps is None else {"steps": steps}
    if place_trained(run) is None:
        recipe |= _describe_start(study, run.model)
    return _write("training", {**_describe(study, run.task, run.model, run.adaptation), **recipe})


def _leave_out_adaptations(study: Study, recipe: dict[str, Any], kept: Adaptation | None = None) -> dict[str, Any]:
    """Return a recipe without the keys that adaptations add to it, except those of `kept`."""
    names = {*ADAPTATIONS, *(name for grid in study.grids for name in grid.adaptation)}
    dropped = {key for name in names for key in ADAPTATIONS[name].recipe} - set(kept.recipe if kept else ())
    return {key: value for key, value in recipe.items() if key not in dropped}


def write_statistics_recipe(study: Study, task: str, name: str, language: str) -> str:
    """Return how the language model of a model is measured: its family, and whether it was pre-trained on this text."""
    read = list_pretrained_on(study, task, name)
    seen = None if read is None else language in read
    family = study.models[name].family
    made = {"family": family, "entries": {"family": FAMILIES.describe(family)}, "pretrained_on": seen}
    return _write("language_model", {**made, **_describe_start(study, name)})


def write_design(study: Study, runs: Iterable[Run] = ()) -> str:
    """Return the design of a study as one line of JSON, with the digests of the recipes of these runs."""
    models = {
        name: {
            "family": model.family,
            "targets": None if model.targets is None else dict(model.targets),
            "text": model.origin.text if model.is_variant else "",
        }
        for name, model in study.models.items()
    }
    tasks = {
        name: {"kind": task.kind, "languages": task.languages, "tested": task.tested, **_describe_labels(task)}
        for name, task in study.tasks.items()
    }
    grids = [{**vars(grid), "free": dict(grid.free)} for grid in study.grids]
    like = {"like": dict(study.like)} if study.like else {}
    design = {"languages": study.languages, "tasks": tasks, "models": models, "grids": grids, **like}
    return json.dumps({**design, "recipes": sorted(set(digest_recipes(study, runs).values()))}, sort_keys=True)


def digest_recipes(study: Study, runs: Iterable[Run]) -> dict[Run, str]:
    """Return the digest of the recipe of each run. Runs that differ only in languages, n and seed have the same."""
    known: dict[tuple[Any, ...], str] = {}
    digests = {}
    for run in runs:
        alike = run.task, run.model, run.adaptation, run.shots, place_trained(run) is None
        if alike not in known:
            known[alike] = digest_recipe(write_transfer_recipe(study, run))
        digests[run] = known[alike]
    return digests


def digest_recipe(text: str) -> str:
    """Return the digest of a recipe, as the record of the job has it."""
    return digest_value(json.loads(text))


def write_facts(study: Study) -> str:
    """Return what the study says of its languages as one line of JSON: code -> the facts that are given."""
    given = {code: {key: value for key, value in vars(one).items() if value} for code, one in study.facts.items()}
    return json.dumps(given, ensure_ascii=False, sort_keys=True)


def write_primary(study: Study) -> str:
    """Return the declared primary hypothesis, or `null`."""
    primary = study.analysis.primary
    return json.dumps(primary and dataclasses.asdict(primary), sort_keys=True)


def _take_recipe(study: Study, task: str, name: str) -> dict[str, Any]:
    """Return how a model is trained in a task; the task can override the format and the length of an input."""
    recipe, of = dict(study.models[name].recipe), study.tasks[task]
    if "format" in recipe and len(of.task.formats) == 1:
        (recipe["format"],) = of.task.formats
    if "max_length" in recipe and of.max_length is not None:
        recipe["max_length"] = of.max_length
    return recipe


def _describe_folder(study: Study, name: str) -> dict[str, str]:
    """Return a digest of the user's folder that contains a model; {} for a model that a job produces.

    The digest depends only on content, so that a copied or remounted folder counts as the same model.
    """
    origin = study.models[name].origin
    return {"start": digest_folder(Path(origin.path))} if isinstance(origin, Local) else {}


def _describe_start(study: Study, name: str) -> dict[str, str]:
    """Return the digest of the folder from which training starts; {} also for a trimmed model, which a job produces."""
    return {} if study.models[name].trimmed_to else _describe_folder(study, name)


def _describe(study: Study, task: str, name: str, adaptation: str = DIRECT) -> dict[str, Any]:
    """Return the task and the family of a training or a run, and the registry entries that it uses."""
    kind, family = study.tasks[task].kind, study.models[name].family
    entries = {"task": TASKS.describe(kind), "family": FAMILIES.describe(family)}
    if adaptation != DIRECT:
        entries["adaptation"] = ADAPTATIONS.describe(adaptation)
    return {"kind": kind, "family": family, "entries": entries, **_describe_labels(study.tasks[task])}


SMALL = 200 * 2**20
"""Bytes of weights up to which a model in a user's folder is trained on one core."""


THREADS = 8
"""Number of threads of a job that uses a GPU, for the work on the CPU. A small model does not benefit from a second."""


def is_accelerated(study: Study, name: str) -> bool:
    """Return whether a model's jobs use a GPU: the model is pre-trained, was not built here, and is not small."""
    model = find_weights(study, name)
    origin = model.origin
    small = isinstance(origin, Built) or (isinstance(origin, Local) and measure_weights(Path(origin.path)) <= SMALL)
    return model.entry.accelerated and not small
