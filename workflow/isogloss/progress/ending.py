"""What Snakemake prints and writes at the end of a run on a study."""

import shlex
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr
from pathlib import Path

from isogloss.common.errors import UserError
from isogloss.common.run import RECORD, Run
from isogloss.progress.failures import FAILED, PARTIAL, describe_failures, remove_partial
from isogloss.progress.jobs import Job, keep_failed
from isogloss.study.values import Study

_LOG = "logs/partial.log"


def end_incomplete(
    study: Study,
    runs: Sequence[Run],
    root: Path,
    notice: str,
    failed: Sequence[Job],
    command: Sequence[str],
    file: str,
) -> Iterator[str]:
    """Yield the lines at the end of a run that is not complete, and write the partial results.

    root: the folder in which Snakemake runs. failed: the jobs that failed; if there is none, the user stopped the run,
    so nothing is computed. command: the command that was given, which redoes what failed. file: the study file.
    """
    failed, same = keep_failed(failed), shlex.join(command)
    partial = f"isogloss report {shlex.quote(file)} --{PARTIAL}"
    if not failed:
        yield f"Study {study.name} was stopped before it was complete. To continue: {same}"
        yield f"To see the results so far: {partial}"
        return
    yield from describe_failures(failed, f"{study.root}/{PARTIAL}/{FAILED}")
    yield f"To redo what failed, and only that, correct the cause and give the same command: {same}"
    if any((root / study.root / run.folder / RECORD).is_file() for run in runs):
        yield f"Tables and figures are made of the records there are. To make them again later: {partial}"
    yield _try_partial(study, runs, root, notice, failed)


def end_complete(study: Study, runs: Sequence[Run], root: Path) -> None:
    """Remove partial results if all runs have a record and the report exists. Snakemake may have made only a part."""
    results = root / study.root
    if (results / "report").is_dir() and all((results / run.folder / RECORD).is_file() for run in runs):
        remove_partial(study, root)


def _try_partial(study: Study, runs: Sequence[Run], root: Path, notice: str, failed: Sequence[Job]) -> str:
    """Write the partial results and return the line about them. Warnings of libraries go to a log."""
    from isogloss.progress.partial import write_partial

    log = root / study.root / _LOG
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w", encoding="utf-8") as file, redirect_stderr(file), warnings.catch_warnings():
            try:
                return write_partial(study, runs, root, notice, failed)
            except UserError:
                raise
            except Exception:
                traceback.print_exc()
                raise
    except UserError as error:
        return f"No partial results: {error}"
    except Exception as error:
        return f"No partial results: {type(error).__name__}: {error} (log: {study.root}/{_LOG})"
