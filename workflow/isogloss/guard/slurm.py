"""The Slurm jobs of a run whose main process was killed: find them by the name of the run, and cancel them.

The executor `slurm` gives all jobs of a run the same name and prints it at the start as `SLURM run ID`. If the run is
interrupted, the executor cancels them. After SIGKILL, or if the machine of the main process goes down, they keep
running. They must end before the next run starts, because it would submit the same jobs again beside them.
"""

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from isogloss.common.errors import UserError

PATIENCE = 90.0
"""Seconds in which cancelled jobs must end. Slurm sends SIGTERM first, and SIGKILL after 30 seconds by default."""
_TIMEOUT = 60.0


class Noted(Protocol):
    """The part of the note of a run that this module reads. run: the name of all its jobs, if it has submitted any."""

    run: str | None


@dataclass(frozen=True)
class Job:
    """A job in Slurm's queue. state: such as PENDING, RUNNING or COMPLETING."""

    number: str
    state: str


def list_jobs(run: str) -> list[Job]:
    """Return the jobs with the name `run` that wait, run or are about to end. Raises UserError if squeue fails."""
    listed = _call(run, ["squeue", "--me", "--noheader", "--format=%i %T", f"--name={run}"])
    return [Job(*line.split()) for line in listed.splitlines()]


def cancel_jobs(run: str, patience: float = PATIENCE) -> int:
    """Cancel the jobs with the name `run`, wait until they have ended, and return their number.

    patience: seconds to wait. Raises UserError if Slurm does not answer, or if a job has not ended after this time.
    """
    found = list_jobs(run)
    if not found:
        return 0
    _call(run, ["scancel", "--me", f"--name={run}"])
    end = time.monotonic() + patience
    while left := list_jobs(run):
        if time.monotonic() > end:
            raise UserError(
                f"Slurm: {len(left)} jobs of a run that was killed do not end; wait until `squeue --name={run}` lists "
                "no job, then run the same command again"
            )
        time.sleep(1)
    return len(found)


def end_jobs(note: Noted) -> int:
    """Cancel the jobs of the run that a note describes; return their number."""
    return cancel_jobs(note.run) if note.run else 0


def _call(run: str, command: Sequence[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=_TIMEOUT).stdout
    except (OSError, subprocess.SubprocessError) as error:
        printed = str(getattr(error, "stderr", None) or error).strip().splitlines()
        raise UserError(
            f"Slurm: {command[0]} failed ({printed[-1] if printed else 'no message'}), and jobs of a run that was "
            f"killed may still run; where Slurm answers, run `scancel --me --name={run}`, then the same command again"
        ) from error
