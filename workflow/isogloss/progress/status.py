"""What is done, running, failed and left in a study, in a few lines: `isogloss status`."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from isogloss.common.files import read_json
from isogloss.common.run import PRETRAINING, RECORD, TRAINING, Run
from isogloss.progress.failures import FAILED, PARTIAL, describe_failures
from isogloss.progress.jobs import Job, keep_failed
from isogloss.progress.state import ELSEWHERE, ENDED, RUNNING, STATE, State, read_state
from isogloss.study.products import list_models, place_trained
from isogloss.study.values import Study

_COLUMNS = ("", "results", "done", "running", "failed", "left")


def describe_status(study: Study, runs: Sequence[Run], root: Path) -> Iterator[str]:
    """Yield the lines of the status of a study; root: the folder in which Snakemake runs.

    done: the result exists. running: Snakemake has started the job and runs. failed: Snakemake reported that the job
    failed, and the job was not started again and has no result since. left: all others. A run of Snakemake with another
    logger than isogloss leaves no state: then nothing is known of running and failed jobs, and the lines say so.
    """
    state = read_state(root / study.root)
    failed = keep_failed(state.failed) if state else []
    running = list(state.running) if state and state.follow() in (RUNNING, ELSEWHERE) else []
    done = sum((root / study.root / run.folder / RECORD).is_file() for run in runs)
    yield f"Study {study.name}: {done:,} of {len(runs):,} runs are done"
    yield _describe_process(state, study)
    yield ""
    yield from _tabulate(study, runs, root, running, failed)
    yield ""
    yield from _describe_time(study, runs, root, state)
    if running:
        yield "Running now:"
        yield from (f"  {job.describe()}" for job in running)
    yield from describe_failures(failed, f"{study.root}/{PARTIAL}/{FAILED}, which isogloss report --{PARTIAL} writes")


def _describe_process(state: State | None, study: Study) -> str:
    """Return what became of the last run of Snakemake."""
    from isogloss.planning.remaining import describe_time

    if state is None:
        return (
            f"No run of Snakemake is recorded ({study.root}/{STATE} does not exist), so running and failed jobs "
            "are not known"
        )
    began = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(state.started))
    name = f"The last run of Snakemake (process {state.process} on {state.host}, since {began})"
    jobs = f"{state.done:,} of {state.total:,} jobs done"
    follow = state.follow()
    if follow == RUNNING:
        return f"{name} is running: {jobs}"
    if follow == ELSEWHERE:
        return f"{name} cannot be seen from this host; its last note: {jobs}"
    if follow == ENDED:
        return f"{name} ended after {describe_time(state.ended - state.started)}: {jobs}"
    return f"{name} was stopped: {jobs}. The same command continues"


def _tabulate(
    study: Study, runs: Sequence[Run], root: Path, running: Iterable[Job], failed: Iterable[Job]
) -> Iterator[str]:
    """Yield a line per rule: its results, and how many are done, running, failed and left."""
    from isogloss.planning.left import find_left, list_results

    everything, left = list_results(study, runs), find_left(study, runs, root)
    busy, broken = (
        {Path(result).relative_to(study.root).as_posix() for job in jobs for result in job.results}
        for jobs in (running, failed)
    )
    rows = [_COLUMNS]
    for rule, paths in everything.items():
        kinds = Counter("running" if path in busy else "failed" if path in broken else "left" for path in left[rule])
        counts = [len(paths), len(paths) - len(left[rule]), kinds["running"], kinds["failed"], kinds["left"]]
        rows.append((rule, *map(str, counts)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *counts in rows:
        numbers = "  ".join(one.rjust(width) for one, width in zip(counts, widths[1:], strict=True))
        yield f"{name:<{widths[0]}}  {numbers}"


def _describe_time(study: Study, runs: Sequence[Run], root: Path, state: State | None) -> Iterator[str]:
    """Yield the time that trainings and runs took according to their records, and the time that the rest will take."""
    from isogloss.planning.remaining import describe_remaining, describe_time

    results = root / study.root
    trained = sorted({folder for run in runs if (folder := place_trained(run))})
    variants = [name for name in list_models(study, runs) if study.models[name].is_variant]
    paths = [results / run.folder / RECORD for run in runs]
    paths += [results / folder / TRAINING for folder in trained]
    paths += [results / "models" / name / PRETRAINING for name in variants]
    used, unreadable = 0.0, []
    for path in paths:
        try:
            used += read_json(path)["cost"]["wall_seconds"]
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError):
            unreadable.append(path.relative_to(root))
    time_used = describe_time(used) if used else "0 minutes"
    yield f"Time used: {time_used}, the sum over the records of trainings and runs"
    remaining = describe_remaining(study, runs, root, state.cores if state else None)
    yield f"Time left: {remaining.removeprefix(f'Study {study.name}: ')}" if remaining else "No run is left"
    if unreadable:
        what, them = (
            ("1 record", "it to redo its job")
            if len(unreadable) == 1
            else (f"{len(unreadable)} records", "them to redo their jobs")
        )
        yield f"{what} cannot be read, such as {unreadable[0]}: delete {them}"
