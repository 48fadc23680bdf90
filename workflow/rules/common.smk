# What every job uses: the checked study, its paths, the functions that turn wildcards into inputs.

import os
import re
import sys
from pathlib import Path

LIBRARY = Path(workflow.basedir, "workflow")
sys.path.insert(0, str(LIBRARY))

from isogloss import warm
from isogloss.study import grid as study
from isogloss.study import recipes
from isogloss.analysis.contents import TABLE_NAMES
from isogloss.study.check import check_study, cover_targets, describe_left_out
from isogloss.corpora import choose_corpus
from isogloss.common.errors import UserError
from isogloss.features import FEATURES
from isogloss.planning.remaining import tell_remaining

# Jobs find the library beside the rules, also in a conda environment that does not have it, and the Python
# of this process, also where its environment was not activated. A conda environment's own Python comes first.
os.environ.update(
    PYTHONPATH=os.pathsep.join([str(LIBRARY), *filter(None, [os.environ.get("PYTHONPATH")])]),
    PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
)

# Jobs of this process share a warm worker. A job that a cluster runs by itself would only start one to leave it again;
# a group of jobs on one node is worth it.
warm.announce_workflow(many=workflow.is_main_process or warm.count_target_jobs(sys.argv) > 1)

try:
    STUDY, RUNS, NEED = check_study(config, root=Path())
except UserError as error:
    print(f"isogloss: {error}", file=sys.stderr)
    sys.exit(2)

ROOT = study.name_root(STUDY)
MODELS = [name for name in STUDY["models"] if any(run.model == name for run in RUNS)]
TASKS = [name for name in STUDY["tasks"] if any(run.task == name for run in RUNS)]
CORPORA = {name: choose_corpus(spec["corpus"]) for name, spec in STUDY["tasks"].items()}
# Whether arms are compared: what they were given, and by sentence got right, is then collected.
SEVERAL = study.compares_arms(STUDY, RUNS)
# Task -> name -> languages: what models are tested on beside the task's own test sets.
TEST_CORPORA = cover_targets(STUDY)
# Features of words that every model has, those of subwords, and the figures that are drawn from tables alone.
OF_WORDS = [name for name, feature in FEATURES.items() if not feature.subword]
OF_SUBWORDS = [name for name, feature in FEATURES.items() if feature.subword]
EFFECTS = ("variance-bars", "coefficients", "ranking")
# What must stand wherever scores are shown: that a corpus is made up.
NOTICE = " ".join(dict.fromkeys(CORPORA[name][0].notice for name in TASKS)).strip()


if workflow.is_main_process:
    for task in STUDY["tasks"]:
        if left_out := describe_left_out(STUDY, task):
            print(f"isogloss: tasks.{task}: {left_out}", file=sys.stderr)


onstart:
    # What is left, and for how long: a hint, which submitted jobs, that run this file too, have no use for.
    if workflow.is_main_process:
        gpus = dict(workflow.global_resources.unwrapped_items()).get("gpu")
        line = tell_remaining(STUDY, RUNS, Path(), workflow.cores if workflow.local_exec else None, gpus)
        if line:
            print(f"{line}.", file=sys.stderr)


def choose(names):
    """A regular expression that matches exactly these names; with no names it matches nothing."""
    return "|".join(map(re.escape, names)) or "(?!)"


wildcard_constraints:
    task=choose(STUDY["tasks"]),
    model=choose(STUDY["models"]),
    language=choose(study.list_languages(STUDY)),
    test_corpus=choose(sorted({test for tests in TEST_CORPORA.values() for test in tests})),
    target=choose(STUDY["languages"]),
    sources=r"none|[a-z]+(\+[a-z]+)*",
    n=r"\d+",
    shots=r"\d+",
    adaptation="direct|sequential|joint",
    seed=r"\d+",


def result(path):
    """The path of a result of this study."""
    return f"{ROOT}/{path}"


# What a download of all splits leaves.
DOWNLOADED = ("train.parquet", "validation.parquet", "test.parquet", "source.json")


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
    """The user's files that a corpus is read from, or those that were downloaded; none where it is made."""
    corpus, options = CORPORA[wildcards.task]
    if corpus.download:
        return [result(f"downloads/corpora/{wildcards.task}/{wildcards.language}/{name}") for name in DOWNLOADED]
    return [str(path) for path in corpus.files(options, wildcards.language)]


def list_test_files(wildcards):
    """The same of a corpus that models are only tested on."""
    corpus, options = choose_corpus(STUDY["tasks"][wildcards.task]["test_corpora"][wildcards.test_corpus])
    if corpus.download:
        folder = f"downloads/test_corpora/{wildcards.task}/{wildcards.test_corpus}/{wildcards.language}"
        return [result(f"{folder}/{name}") for name in ("test.parquet", "source.json")]
    return [str(path) for path in corpus.files(options, wildcards.language, ("test",))]


def list_test_corpora(wildcards):
    """The further test sets of a target."""
    tests = TEST_CORPORA[wildcards.task]
    names = [name for name in tests if wildcards.target in tests[name]]
    return [result(f"test_corpora/{wildcards.task}/{name}/{wildcards.target}/test.parquet") for name in names]


def list_corpora(split, languages, task="{task}"):
    """The files of one split of a task's corpus in some languages."""
    return [result(f"corpora/{task}/{language}/{split}.parquet") for language in languages]


def start_from(folder):
    """A model folder as an input. The user's own counts by its content, which recipes tell, not by its time."""
    return folder if folder.startswith(f"{ROOT}/") else ancient(folder)


def start_of(wildcards):
    """The model folder that training on sources starts from; nothing for a family without pre-training."""
    folder = study.name_model(STUDY, wildcards.model)
    return start_from(folder) if folder else []


def list_own(split, task, languages):
    """The files of one split of a task's corpus in those of some languages that it has."""
    return list_corpora(split, [code for code in languages if code in study.list_task_languages(STUDY, task)], task)


def list_model_text(wildcards):
    """The training splits that a model built here is pre-trained on."""
    spec = STUDY["models"][wildcards.model]
    return list_corpora("train", spec["languages"], spec["text"])


def list_studied_text(wildcards):
    """The training and test splits that a trimmed vocabulary has to hold the pieces of."""
    languages = STUDY["models"][wildcards.model]["languages"]
    return [
        path
        for task in TASKS
        for split in ("train", "test")
        for path in list_corpora(split, [code for code in languages if code in study.list_needed(STUDY, task)], task)
    ]


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
    return recipes.THREADS if recipes.is_accelerated(STUDY, wildcards.model) else 1


# MB by the kind of task, where a model is small: activations grow with a batch's tokens, and passages fill an input.
MEMORY = {"ner": 1800, "nli": 3000, "qa": 7000}


def give_memory(wildcards, attempt):
    kind = STUDY["tasks"][wildcards.task]["kind"] if "task" in wildcards.keys() else "ner"
    return (32000 if recipes.is_accelerated(STUDY, wildcards.model) else MEMORY[kind]) * attempt


def give_minutes(wildcards, attempt):
    return (240 if recipes.is_accelerated(STUDY, wildcards.model) else 15) * attempt


def give_gpus(wildcards):
    return 1 if recipes.is_accelerated(STUDY, wildcards.model) else 0


def list_pretrained(task):
    """The models of a task that have a vocabulary of subwords."""
    models = [model for name, model in study.list_described(STUDY, RUNS) if name == task]
    return [model for model in MODELS if model in models and study.name_model(STUDY, model)]


def list_measured_text(wildcards):
    """The text that a language model is measured on: training text and, for a model built from that, also other."""
    read = study.list_pretrained_on(STUDY, wildcards.task, wildcards.model)
    splits = ["train"] if read is None else ["train", "validation"]
    return [path for split in splits for path in list_corpora(split, [wildcards.language], wildcards.task)]


def list_statistics():
    """What the language model of each model makes of the text of each task and language, where the study asks."""
    asked = study.list_statistics(STUDY, RUNS)
    return [result(f"language_model/{model}/{task}/{language}.json") for model, task, language in asked]


def list_figures():
    """Every figure: matrices by shots, scatter plots by feature, few-shot curves, effects, for each task and model."""
    stems = []
    for task, model in study.list_described(STUDY, RUNS):
        shots = {run.shots for run in list_runs(task=task, model=model) if run.sources}
        stems += [f"{task}/{model}/{order}-shots-{k}" for order in ("matrix", "clusters") for k in sorted(shots)]
        features = [*OF_WORDS, *(OF_SUBWORDS if model in list_pretrained(task) else [])]
        stems += [f"{task}/{model}/scatter-{name}" for name in features if 0 in shots]
        stems += [f"{task}/{model}/{name}" for name in ("few-shot", *EFFECTS)]
    for kind, found in (("multi-source", study.list_several), ("self-supervised", study.list_compared)):
        for task, model in found(STUDY, RUNS):
            stems += [f"{task}/{model}/{kind}-{name}" for name in ("arms", "curves", "sizes")]
    return [result(f"figures/{stem}.svg") for stem in stems]


def list_trained():
    """The models that the study's runs start from, each trained on its sources; their records tell of validation."""
    return sorted({result(run.finetuned) for run in RUNS if run.finetuned})


def list_arms():
    """The models that the study pre-trains on sets of languages; their records tell of tokens and repetitions."""
    used = study.list_models(STUDY, RUNS)
    return [result(f"models/{model}") for model in used if "start" in STUDY["models"][model]]


def list_records():
    """The record of every run of the study."""
    return [result(f"{run.folder}/metrics.json") for run in RUNS]


def list_targets():
    """What a study is run for. Its records are named, for snakemake lets a deleted file be that nothing asks for."""
    return [*list_records(), result("report"), result("analysis/matrices.csv"), *list_figures()]
