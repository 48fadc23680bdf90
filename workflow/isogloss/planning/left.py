"""The results of a study by rule, and how many of them exist."""

from collections.abc import Sequence
from pathlib import Path

from isogloss.analysis.contents import choose_statistics
from isogloss.common.run import RECORD, Run
from isogloss.planning.figures import list_figure_rules, list_figure_stems
from isogloss.study.products import (
    list_described,
    list_models,
    list_needed,
    list_statistics,
    place_model,
    place_trained,
)
from isogloss.study.values import Built, Fetched, Study, Variant


def list_results(study: Study, runs: Sequence[Run]) -> dict[str, list[str]]:
    """Return rule -> the path of one result of each of its jobs, within the study's results, in the order of the study.

    Downloads are left out because Snakemake needs them only until the corpora are prepared. Figures are listed one by
    one under `figures`, although a job draws several.
    """
    tasks = [task for task in study.tasks if any(run.task == task for run in runs)]
    models = [study.models[name] for name in list_models(study, runs)]
    pairs = list_described(study, runs)
    of_task = [f"features/{task}/{name}.csv" for task in tasks for name in ("overlap", *study.features)]
    of_model = [f"features/{task}/{model}/subword.csv" for task, model in pairs if place_model(study, model)]
    results = {
        "corpus": [f"corpora/{task}/{code}/audit.json" for task in tasks for code in list_needed(study, task)],
        "test_corpus": [
            f"test_corpora/{task}/{name}/{code}/audit.json"
            for task in tasks
            for name, codes in study.tasks[task].test_languages.items()
            for code in codes
        ],
        "fetch_model": [f"models/{model.name}" for model in models if isinstance(model.origin, Fetched)],
        "build_model": [f"models/{model.name}" for model in models if isinstance(model.origin, Built)],
        "pretrain_model": [f"models/{model.name}" for model in models if isinstance(model.origin, Variant)],
        "trim_model": [f"trimmed/{model.name}" for model in models if model.trimmed_to],
        "finetune": sorted({folder for run in runs if (folder := place_trained(run))}),
        "transfer": [f"{run.folder}/{RECORD}" for run in runs if not run.shots],
        "adapt": [f"{run.folder}/{RECORD}" for run in runs if run.shots],
        "language_model": [f"language_model/{'/'.join(one)}.json" for one in list_statistics(study, runs)],
        "features": ["features/typology.csv", *of_task, *of_model, "features/features.csv"],
        "tables": [f"analysis/{name}.csv" for name in ("scores", *choose_statistics(study.analysis.statistics))],
        "figures": [f"figures/{stem}.svg" for stem in list_figure_stems(list_figure_rules(study, runs))],
        "report": ["report/index.html"],
    }
    return {rule: paths for rule, paths in results.items() if paths}


def find_left(study: Study, runs: Sequence[Run], root: Path) -> dict[str, list[str]]:
    """Return rule -> the results that do not exist yet; root: the folder that contains the study's results."""
    results = root / study.root
    return {
        rule: [path for path in paths if not (results / path).exists()]
        for rule, paths in list_results(study, runs).items()
    }
