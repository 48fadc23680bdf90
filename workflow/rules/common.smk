# What every job uses: the checked study, its paths, the functions that turn wildcards into inputs.

import os
import re
import sys
from pathlib import Path

LIBRARY = Path(workflow.basedir, "workflow")
sys.path.insert(0, str(LIBRARY))

from isogloss import recipes, study
from isogloss.check import check_study
from isogloss.corpora import choose_corpus
from isogloss.errors import UserError
from isogloss.features import FEATURES

# Jobs find the library beside the rules, also in a conda environment that does not have it, and the Python
# of this process, also where its environment was not activated. A conda environment's own Python comes first.
os.environ.update(
    PYTHONPATH=os.pathsep.join([str(LIBRARY), *filter(None, [os.environ.get("PYTHONPATH")])]),
    PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
)

try:
    STUDY, RUNS, NEED = check_study(config, root=Path())
except UserError as error:
    print(f"isogloss: {error}", file=sys.stderr)
    sys.exit(2)

ROOT = study.name_root(STUDY)
MODELS = [name for name in STUDY["models"] if any(run.model == name for run in RUNS)]
TASKS = [name for name in STUDY["tasks"] if any(run.task == name for run in RUNS)]
CORPORA = {name: choose_corpus(spec["corpus"]) for name, spec in STUDY["tasks"].items()}
# What must stand wherever scores are shown: that a corpus is made up.
NOTICE = " ".join(dict.fromkeys(CORPORA[name][0].notice for name in TASKS)).strip()


def choose(names):
    """A regular expression that matches exactly these names; with no names it matches nothing."""
    return "|".join(map(re.escape, names)) or "(?!)"


wildcard_constraints:
    task=choose(STUDY["tasks"]),
    model=choose(STUDY["models"]),
    language=choose(study.list_languages(STUDY)),
    target=choose(STUDY["languages"]),
    sources=r"none|[a-z]+(\+[a-z]+)*",
    n=r"\d+",
    shots=r"\d+",
    adaptation="direct|sequential|joint",
    seed=r"\d+",


def result(path):
    """The path of a result of this study."""
    return f"{ROOT}/{path}"


def log_of(path):
    """The log of a result lies under logs/ at the result's own path."""
    return f"{ROOT}/logs/{path}.log"


def find_run(wildcards):
    """The run that the wildcards of a transfer job name."""
    return study.Run(
        wildcards.task,
        wildcards.model,
        study.split_sources(wildcards.sources),
        int(wildcards.n),
        wildcards.target,
        int(wildcards.shots),
        wildcards.adaptation,
        int(wildcards.seed),
    )


def list_corpus_files(wildcards):
    """The user's files that a corpus is read from; none where it is made."""
    corpus, options = CORPORA[wildcards.task]
    return [str(path) for path in corpus.files(options, wildcards.language)]


def list_corpora(split, languages, task="{task}"):
    """The files of one split of a task's corpus in some languages."""
    return [result(f"corpora/{task}/{language}/{split}.parquet") for language in languages]


def start_of(wildcards):
    """The model folder that training on sources starts from; nothing for a family without pre-training."""
    return study.name_model(STUDY, wildcards.model) or []


def list_model_text(wildcards):
    """The training splits that a model built here is pre-trained on."""
    spec = STUDY["models"][wildcards.model]
    return list_corpora("train", spec["languages"], spec["text"])


def transfer_start(wildcards):
    """The model that a run starts from: trained on its sources, or not yet trained at all."""
    finetuned = find_run(wildcards).finetuned
    return result(finetuned) if finetuned else start_of(wildcards)


def transfer_train(wildcards):
    """The training splits that a run draws from: the target's for its shots, the sources' where it is joint."""
    run = find_run(wildcards)
    languages = ([run.target] if run.shots else []) + (list(run.sources) if run.adaptation == study.JOINT else [])
    return list_corpora("train", languages)


def list_runs(**axes):
    """The runs of the study on some values of its axes."""
    return [run for run in RUNS if all(getattr(run, axis) == value for axis, value in axes.items())]


def list_shots(wildcards):
    """The numbers of shots that a model has in a task, in order."""
    return sorted({run.shots for run in list_runs(task=wildcards.task, model=wildcards.model)})


# Threads, memory, time and GPUs follow from the model: what is built here is small and gains nothing from a
# second thread, so that as many jobs run as there are cores; a model from elsewhere is large and wants a GPU.


def give_threads(wildcards):
    return 8 if recipes.is_accelerated(STUDY, wildcards.model) else 1


def give_memory(wildcards, attempt):
    return (32000 if recipes.is_accelerated(STUDY, wildcards.model) else 1800) * attempt


def give_minutes(wildcards, attempt):
    return (240 if recipes.is_accelerated(STUDY, wildcards.model) else 15) * attempt


def give_gpus(wildcards):
    return 1 if recipes.is_accelerated(STUDY, wildcards.model) else 0


def list_pretrained(task):
    """The models of a task that have a vocabulary of subwords."""
    models = {run.model for run in list_runs(task=task)}
    return [model for model in MODELS if model in models and study.name_model(STUDY, model)]


def list_figures():
    """Every figure: matrices by shots, scatter plots by feature, few-shot curves, for each task and model."""
    stems = []
    for task, model in sorted({(run.task, run.model) for run in RUNS}):
        shots = {run.shots for run in list_runs(task=task, model=model) if run.sources}
        stems += [f"{task}/{model}/matrix-shots-{k}" for k in sorted(shots)]
        pretrained = model in list_pretrained(task)
        features = [name for name, feature in FEATURES.items() if pretrained or not feature.subword]
        stems += [f"{task}/{model}/scatter-{name}" for name in features if 0 in shots]
        stems += [f"{task}/{model}/few-shot"]
    return [result(f"figures/{stem}.svg") for stem in stems]


def list_records():
    """The record of every run of the study."""
    return [result(f"{run.folder}/metrics.json") for run in RUNS]


def list_targets():
    """What a study is run for. Its records are named, for snakemake lets a deleted file be that nothing asks for."""
    return [*list_records(), result("report"), result("analysis/matrices.csv"), *list_figures()]
