# Targets: lists of all records, trained models, statistics and figures of the study.
#
# in:  STUDY and RUNS
# out: lists of paths for the tables, the report and the rule `all`

from isogloss.common.run import RECORD
from isogloss.planning.figures import list_figure_rules, list_figure_stems

FIGURE_RULES = list_figure_rules(STUDY, RUNS)


def list_records():
    """Return the record of every run of the study."""
    return [result(f"{run.folder}/{RECORD}") for run in RUNS]


def list_trained():
    """Return the models trained on sources that runs of the study use; their records contain validation scores."""
    return sorted({result(folder) for run in RUNS if (folder := products.place_trained(run))})


def list_variants():
    """Return the pre-trained variants of the study; their records contain tokens and repetitions."""
    used = products.list_models(STUDY, RUNS)
    return [result(f"models/{model}") for model in used if STUDY.models[model].is_variant]


def list_pretrained(task):
    """Return the models of a task that have a subword vocabulary."""
    models = [model for name, model in products.list_described(STUDY, RUNS) if name == task]
    return [model for model in MODELS if model in models and products.place_model(STUDY, model)]


def list_statistics():
    """Return the language-model statistics that the study needs, for each model, task and language."""
    asked = products.list_statistics(STUDY, RUNS)
    return [result(f"language_model/{model}/{task}/{language}.json") for model, task, language in asked]


def list_figures():
    """Return every figure of each task and model."""
    return [result(f"figures/{stem}.svg") for stem in list_figure_stems(FIGURE_RULES)]


def list_targets():
    """Return the final results of a study. Records are included because snakemake does not recreate a deleted
    intermediate file unless it is requested."""
    return [*list_records(), result("report"), result("analysis/matrices.csv"), *list_figures()]
