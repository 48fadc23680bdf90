"""The state of the last run of Snakemake on a study, in one file that is replaced at each change.

The logger of isogloss writes it while Snakemake runs, and `isogloss status` reads it. A file is a statement about a
process: if it does not say that the process ended, and the process does not exist any more, it was stopped.
"""

import dataclasses
import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isogloss.progress.jobs import Job

STATE = ".status.json"
"""The name of the file in the folder of a study's results."""

RUNNING, ENDED, STOPPED, ELSEWHERE = "running", "ended", "stopped", "elsewhere"
"""What became of a process: `elsewhere` means that it ran on another host, from which nothing is known."""


@dataclass(frozen=True)
class State:
    """What a run of Snakemake has done so far.

    host, process, birth: its host, its process id and what distinguishes it from a later process with the same id.
    started, ended: seconds since 1970; ended is None until Snakemake exits. cores: cores that Snakemake may use; None
    for a cluster. done, total: its jobs. running: its jobs that have started and not finished. failed: jobs that failed
    in this run or before it and were not started again.
    """

    host: str
    process: int
    birth: str
    started: float
    ended: float | None = None
    cores: int | None = None
    done: int = 0
    total: int = 0
    running: tuple[Job, ...] = ()
    failed: tuple[Job, ...] = ()

    def follow(self) -> str:
        """Return what became of the process: RUNNING, ENDED, STOPPED or ELSEWHERE."""
        if self.ended is not None:
            return ENDED
        if self.host != socket.gethostname():
            return ELSEWHERE
        return RUNNING if read_birth(self.process) == self.birth else STOPPED


def start_state(now: float, failed: tuple[Job, ...] = ()) -> State:
    """Return the state of this process at its start."""
    return State(socket.gethostname(), os.getpid(), read_birth(os.getpid()), now, failed=failed)


def read_birth(process: int) -> str:
    """Return a text that no other process of this host has had: the boot and the time in it. Empty if none runs.

    Systems without /proc tell only whether a process exists.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "exists" if _exists(process) else ""
    try:
        # The name of the process, in parentheses, can contain spaces and parentheses.
        values = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return ""
    return "" if values[0] == b"Z" else f"{boot} {values[19].decode('ascii')}"


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def write_state(root: Path, state: State) -> None:
    """Replace the file of the state in the folder of a study's results."""
    path = root / STATE
    beside = path.with_name(f"{STATE}.{os.getpid()}.part")
    root.mkdir(parents=True, exist_ok=True)
    beside.write_text(json.dumps(dataclasses.asdict(state), ensure_ascii=False), encoding="utf-8")
    os.replace(beside, path)


def read_state(root: Path) -> State | None:
    """Return the last state of a study; None if there is no file, or if it cannot be read as a state."""
    try:
        values = json.loads((root / STATE).read_text(encoding="utf-8"))
        jobs = {name: tuple(map(_read_job, values.pop(name))) for name in ("running", "failed")}
        return State(**values, **jobs)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _read_job(values: dict[str, Any]) -> Job:
    return Job(values["rule"], values["wildcards"], values["log"], tuple(values["results"]))
