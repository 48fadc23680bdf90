# Targets: what of each kind the whole study comes to: records, trained models, statistics, figures.
#
# in:  STUDY and RUNS
# out: lists of paths, which the tables, the report and `all` ask for

from isogloss.common.run import RECORD
from isogloss.planning.figures import list_figure_rules, list_figure_stems

FIGURE_RULES = list_figure_rules(STUDY, RUNS)


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


def list_figures():
    """Every figure of each task and model."""
    return [result(f"figures/{stem}.svg") for stem in list_figure_stems(FIGURE_RULES)]


def list_targets():
    """What a study is run for. Its records are named, for snakemake lets a deleted file be that nothing asks for."""
    return [*list_records(), result("report"), result("analysis/matrices.csv"), *list_figures()]
