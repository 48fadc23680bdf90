"""What remains of a study when snakemake starts: runs, trainings, and hours estimated from the study's own records."""

from collections.abc import Sequence
from pathlib import Path

from isogloss.common.errors import UserError
from isogloss.common.run import PRETRAINING, RECORD, Run
from isogloss.planning.estimate import Pace, count_work, estimate_seconds, group_models, measure_pace
from isogloss.study.products import place_trained
from isogloss.study.recipes import THREADS, is_accelerated
from isogloss.study.values import Study


def describe_remaining(
    study: Study, runs: Sequence[Run], root: Path, cores: int | None, gpus: int | None = None
) -> str | None:
    """Return a sentence about the runs that have no record yet; None if all runs have one.

    root: the folder that contains the study's results. cores: None if jobs are submitted to a cluster, so that the
    number of simultaneous jobs is unknown. gpus: None if their number is not given. Runs that have a record but will be
    redone because their recipe changed are not counted.
    """
    results = root / study.root
    left = [run for run in runs if not (results / run.folder / RECORD).is_file()]
    if not left:
        return None
    trained = {place_trained(run) for run in left} - {None}
    made = {folder for folder in trained if (results / folder).is_dir()}
    made |= {model for model in study.models if (results / "models" / model / PRETRAINING).is_file()}
    groups = group_models(study, left)
    works = {name: count_work(study, left, models, made) for name, models in groups.items()}
    trainings = sum(work.trainings + work.pretrainings for work in works.values())
    counts = f"{len(left):,} of {len(runs):,} runs and {trainings:,} training{'' if trainings == 1 else 's'} remain"
    line = f"Study {study.name}: {counts}"
    try:
        paces = measure_pace(results)
    except UserError as error:
        return f"{line}; their time cannot be estimated: {error}"
    seconds, lacking, unpredicted = 0.0, [], []
    for name, work in works.items():
        taken, predicts = estimate_seconds(work, paces.get(name, Pace(None)))
        if taken is None:
            lacking.append(name)
            continue
        seconds += taken / _count_slots(study, groups[name][0], work.trainings + work.predictions, cores, gpus)
        unpredicted += [] if predicts else [name]
    if len(lacking) == len(works):
        return f"{line}; no records to estimate their time (see `isogloss plan --help`: --step-seconds, --measured)"
    where = "if jobs run one at a time" if cores is None else f"on {cores} core{'' if cores == 1 else 's'}"
    without = f", without {', '.join(lacking)}, which has no records" if lacking else ""
    without += f", without prediction time of {', '.join(unpredicted)}" if unpredicted else ""
    return f"{line}; about {describe_time(seconds)} {where}, estimated from the records of this study{without}"


def _count_slots(study: Study, model: str, jobs: int, cores: int | None, gpus: int | None) -> int:
    """Return the number of jobs of a model that run at the same time."""
    if cores is None:
        return 1
    if is_accelerated(study, model):
        cores = max(1, cores // THREADS)
        cores = cores if gpus is None else max(1, min(cores, gpus))
    return min(cores, jobs)


def describe_time(seconds: float) -> str:
    """Return a time in minutes, or in hours from 90 minutes on; at least one minute."""
    minutes = max(1, round(seconds / 60))
    return f"{minutes} minute{'' if minutes == 1 else 's'}" if minutes < 90 else f"{minutes / 60:.1f} hours"
