"""What is left to do of a study when snakemake starts: runs, trainings, and the hours that its own records foretell."""

from collections.abc import Sequence
from pathlib import Path

from isogloss.errors import UserError
from isogloss.estimate import Pace, count_work, estimate_seconds, group_models, measure_pace
from isogloss.study import Config, Run, name_root


def tell_remaining(config: Config, runs: Sequence[Run], root: Path, at_a_time: int | None) -> str | None:
    """Return a sentence on the runs that have no record yet; None where all have one.

    root: the folder that the study's results lie under. at_a_time: jobs that train at a time, None where that is for a
    cluster to say. What was made with another recipe, and is to be made anew, counts as made.
    """
    results = root / name_root(config)
    left = [run for run in runs if not (results / run.folder / "metrics.json").is_file()]
    if not left:
        return None
    made = {run.finetuned for run in left if run.finetuned and (results / run.finetuned).is_dir()}
    made |= {model for model in config["models"] if (results / "models" / model / "pretraining.json").is_file()}
    paces = _measure(results)
    trainings, seconds = 0, 0.0
    unknown = []
    for name, models in group_models(config, left).items():
        work = count_work(config, left, models, made)
        trainings += work.trainings + work.pretrainings
        taken, _ = estimate_seconds(work, paces.get(name, Pace(None)))
        seconds += taken or 0
        unknown += [name] if taken is None else []
    counts = f"runs left to make: {len(left):,} of {len(runs):,}, trainings before them: {trainings:,}"
    line = f"Study {config['study']}: {counts}"
    if len(unknown) == len(group_models(config, left)):
        return f"{line}; no record says yet how long one takes (isogloss plan --help: --step-seconds, --measured)"
    ways = "in all" if at_a_time is None else f"with {at_a_time} at a time"
    without = f", without {', '.join(unknown)}, which no record tells of" if unknown else ""
    return f"{line}; about {_tell_time(seconds / (at_a_time or 1))} {ways}, by the records of this study{without}"


def _measure(results: Path) -> dict[str, Pace]:
    try:
        return measure_pace(results)
    except UserError:  # a study of which nothing has been made
        return {}


def _tell_time(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"{minutes} minute{'' if minutes == 1 else 's'}" if minutes < 90 else f"{minutes / 60:.1f} hours"
