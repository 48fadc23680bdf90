# Targets: what of each kind the whole study comes to: records, trained models, statistics, figures.
#
# in:  STUDY and RUNS
# out: lists of paths, which the tables, the report and `all` ask for

from isogloss.features import FEATURES

# Features of words that every model has, those of subwords, and the figures that are drawn from tables alone.
OF_WORDS = [name for name, feature in FEATURES.items() if not feature.subword]
OF_SUBWORDS = [name for name, feature in FEATURES.items() if feature.subword]
EFFECTS = ("variance-bars", "coefficients", "ranking")


def list_records():
    """The record of every run of the study."""
    return [result(f"{run.folder}/metrics.json") for run in RUNS]


def list_trained():
    """The models that the study's runs start from, each trained on its sources; their records tell of validation."""
    return sorted({result(run.finetuned) for run in RUNS if run.finetuned})


def list_arms():
    """The models that the study pre-trains on sets of languages; their records tell of tokens and repetitions."""
    used = study.list_models(STUDY, RUNS)
    return [result(f"models/{model}") for model in used if "start" in STUDY["models"][model]]


def list_pretrained(task):
    """The models of a task that have a vocabulary of subwords."""
    models = [model for name, model in study.list_described(STUDY, RUNS) if name == task]
    return [model for model in MODELS if model in models and study.name_model(STUDY, model)]


def list_statistics():
    """What the language model of each model makes of the text of each task and language, where the study asks."""
    asked = study.list_statistics(STUDY, RUNS)
    return [result(f"language_model/{model}/{task}/{language}.json") for model, task, language in asked]


def list_runs(**axes):
    """The runs of the study on some values of its axes."""
    return [run for run in RUNS if all(getattr(run, axis) == value for axis, value in axes.items())]


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


def list_targets():
    """What a study is run for. Its records are named, for snakemake lets a deleted file be that nothing asks for."""
    return [*list_records(), result("report"), result("analysis/matrices.csv"), *list_figures()]
