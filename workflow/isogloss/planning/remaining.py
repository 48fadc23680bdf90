"""What is left to do of a study when snakemake starts: runs, trainings, and the hours that its own records foretell."""

from collections.abc import Sequence
from pathlib import Path

from isogloss.common.errors import UserError
from isogloss.common.run import PRETRAINING, RECORD, Run
from isogloss.planning.estimate import Pace, count_work, estimate_seconds, group_models, measure_pace
from isogloss.study.products import place_trained
from isogloss.study.recipes import THREADS, is_accelerated
from isogloss.study.values import Study


def tell_remaining(
    study: Study, runs: Sequence[Run], root: Path, cores: int | None, gpus: int | None = None
) -> str | None:
    """Return a sentence on the runs that have no record yet; None where all have one.

    root: the folder that the study's results lie under. cores: None where jobs are submitted, and how many of them run
    at a time is not known. gpus: None where their number was not given. What has a record, and is to be made anew since
    its recipe is another now, is not counted.
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
    counts = f"runs without a record: {len(left):,} of {len(runs):,}, trainings before them: {trainings:,}"
    line = f"Study {study.name}: {counts}"
    try:
        paces = measure_pace(results)
    except UserError as error:
        return f"{line}; no time can be told: {error}"
    seconds, lacking, unpredicted = 0.0, [], []
    for name, work in works.items():
        taken, predicts = estimate_seconds(work, paces.get(name, Pace(None)))
        if taken is None:
            lacking.append(name)
            continue
        seconds += taken / _count_slots(study, groups[name][0], work.trainings + work.predictions, cores, gpus)
        unpredicted += [] if predicts else [name]
    if len(lacking) == len(works):
        return f"{line}; no record says yet how long one takes (isogloss plan --help: --step-seconds, --measured)"
    where = "one job after the other" if cores is None else f"on {cores} core{'' if cores == 1 else 's'}"
    without = f", without {', '.join(lacking)}, which no record tells of" if lacking else ""
    without += f", predicting with {', '.join(unpredicted)} not counted" if unpredicted else ""
    return f"{line}; about {_tell_time(seconds)} {where}, by the records of this study{without}"


def _count_slots(study: Study, model: str, jobs: int, cores: int | None, gpus: int | None) -> int:
    """Return how many jobs of a model run at a time."""
    if cores is None:
        return 1
    if is_accelerated(study, model):
        cores = max(1, cores // THREADS)
        cores = cores if gpus is None else max(1, min(cores, gpus))
    return min(cores, jobs)


def _tell_time(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"{minutes} minute{'' if minutes == 1 else 's'}" if minutes < 90 else f"{minutes / 60:.1f} hours"
