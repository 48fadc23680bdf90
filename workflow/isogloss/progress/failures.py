"""The failed jobs of a study: a list for the terminal, and complete tables of failed jobs and missing runs."""

import csv
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from isogloss.common.files import complete_file
from isogloss.common.run import RECORD, RUN_KEY, Run
from isogloss.progress.jobs import Job, read_reason
from isogloss.study.products import place_trained
from isogloss.study.values import Study

PARTIAL = "partial"
"""The folder, in the results of a study, of what is made from an incomplete study."""
FAILED, MISSING = "failed.csv", "missing.csv"
"""Tables in this folder: the failed jobs, and the runs without a record."""

_SHOWN = 20
"""The maximum number of failed jobs that a list for the terminal has."""


def describe_failures(failed: Sequence[Job], rest: str) -> list[str]:
    """Return the lines about failed jobs: what each did, why it failed, and its log; of the first 20 jobs.

    rest: where all of them are listed.
    """
    lines = [f"{len(failed)} job{'' if len(failed) == 1 else 's'} failed:"] if failed else []
    for job in failed[:_SHOWN]:
        lines += [f"  {job.describe()}", f"    {read_reason(job.log)}"]
        lines += [f"    log: {job.log}"] if job.log else []
    if len(failed) > _SHOWN:
        lines.append(f"  and {len(failed) - _SHOWN} more, see {rest}")
    return lines


def write_failed(failed: Iterable[Job], path: Path) -> None:
    """Write the table of failed jobs: job, rule, reason, log."""
    rows = [[job.describe(), job.rule, read_reason(job.log), job.log] for job in failed]
    _write_table(path, ["job", "rule", "reason", "log"], rows)


def write_missing(missing: Mapping[Run, str], path: Path) -> None:
    """Write the table of the runs without a usable record: the axes of a run, and why it has none."""
    rows = [[*run.tabulate().values(), reason] for run, reason in missing.items()]
    _write_table(path, [*RUN_KEY, "reason"], rows)


def _write_table(path: Path, header: list[str], rows: Iterable[list]) -> None:
    with complete_file(path) as beside, beside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def find_missing(study: Study, runs: Iterable[Run], root: Path, failed: Iterable[Job]) -> dict[Run, str]:
    """Return each run without a record, and why: its job failed, its training failed, or it was not done.

    root: the folder in which Snakemake runs.
    """
    by_result = {result: job for job in failed for result in job.results}
    missing = {}
    for run in runs:
        record = f"{study.root}/{run.folder}/{RECORD}"
        if (root / record).is_file():
            continue
        trained = place_trained(run)
        own, before = by_result.get(record), by_result.get(f"{study.root}/{trained}")
        if own:
            missing[run] = f"failed: {read_reason(root / own.log)}"
        elif before:
            missing[run] = f"its training failed: {read_reason(root / before.log)}"
        else:
            missing[run] = "not done"
    return missing


def remove_partial(study: Study, root: Path) -> None:
    """Remove the partial results of a study that is complete."""
    shutil.rmtree(root / study.root / PARTIAL, ignore_errors=True)
