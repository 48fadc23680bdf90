# Targets: what of each kind the whole study comes to: records, trained models, statistics, figures.
#
# in:  STUDY and RUNS
# out: lists of paths, which the tables, the report and `all` ask for

from isogloss.common.run import RECORD
from isogloss.features import FEATURES

# Features of words that every model has, those of subwords, and the figures that are drawn from tables alone.
OF_WORDS = [*(name for name in FEATURES if not FEATURES[name].subword), *STUDY.features]
OF_SUBWORDS = [name for name in FEATURES if FEATURES[name].subword]
EFFECTS = ("variance-bars", "coefficients", "ranking")


def list_records():
    """The record of every run of the study."""
    return [result(f"{run.folder}/{RECORD}") for run in RUNS]


def list_trained():
    """The models that the study's runs start from, each trained on its sources; their records tell of validation."""
    return sorted({result(folder) for run in RUNS if (folder := products.place_trained(run))})


def list_variants():
    """The models that the study pre-trains on sets of languages; their records tell of tokens and repetitions."""
    used = products.list_models(STUDY, RUNS)
    return [result(f"models/{model}") for model in used if STUDY.models[model].is_variant]


def list_pretrained(task):
    """The models of a task that have a vocabulary of subwords."""
    models = [model for name, model in products.list_described(STUDY, RUNS) if name == task]
    return [model for model in MODELS if model in models and products.place_model(STUDY, model)]


def list_statistics():
    """What the language model of each model makes of the text of each task and language, where the study asks."""
    asked = products.list_statistics(STUDY, RUNS)
    return [result(f"language_model/{model}/{task}/{language}.json") for model, task, language in asked]


def list_runs(**axes):
    """The runs of the study on some values of its axes."""
    return [run for run in RUNS if all(getattr(run, axis) == value for axis, value in axes.items())]


def list_figures():
    """Every figure: matrices by shots, scatter plots by feature, few-shot curves, effects, for each task and model."""
    stems = []
    for task, model in products.list_described(STUDY, RUNS):
        shots = {run.shots for run in list_runs(task=task, model=model) if run.sources}
        stems += [f"{task}/{model}/{order}-shots-{k}" for order in ("matrix", "clusters") for k in sorted(shots)]
        features = [*OF_WORDS, *(OF_SUBWORDS if model in list_pretrained(task) else [])]
        stems += [f"{task}/{model}/scatter-{name}" for name in features if 0 in shots]
        stems += [f"{task}/{model}/{name}" for name in ("few-shot", *EFFECTS)]
    for kind, found in (("multi-source", products.list_several), ("self-supervised", products.list_compared)):
        for task, model in found(STUDY, RUNS):
            stems += [f"{task}/{model}/{kind}-{name}" for name in ("arms", "curves", "sizes")]
    return [result(f"figures/{stem}.svg") for stem in stems]


def list_targets():
    """What a study is run for. Its records are named, for snakemake lets a deleted file be that nothing asks for."""
    return [*list_records(), result("report"), result("analysis/matrices.csv"), *list_figures()]
