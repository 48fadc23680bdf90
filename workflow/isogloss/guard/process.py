"""Which process a note names: it is running, it has ended, or this machine cannot see it."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

from isogloss.warm import WORKFLOW, name_process

GRACE = 10.0
"""Seconds between SIGTERM and SIGKILL, and seconds to wait after SIGKILL."""
ROUNDS = 10
"""How often to look for processes, because one of them can start another before it ends."""
SLURM_JOB = "SLURM_JOB_ID"
_SERVER = b"isogloss.warm_server"


class State(Enum):
    """What is known of the process that a note names."""

    RUNNING = "running"
    ENDED = "ended"
    ELSEWHERE = "on another machine or in another container"


@dataclass(frozen=True)
class Place:
    """Where a process number is valid: host name, machine, boot and namespace of process numbers.

    machine is empty in most containers. Then a reboot cannot be distinguished from another machine of the same name.
    """

    host: str
    machine: str
    boot: str
    space: str


def find_place() -> Place:
    """Return where this process runs."""
    machine = ""
    with suppress(OSError):
        machine = Path("/etc/machine-id").read_text(encoding="ascii").strip()
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return Place(socket.gethostname(), machine, boot, os.readlink("/proc/self/ns/pid"))


def judge(process: str, place: Place) -> State:
    """Return the state of a process that was at `place`. process: `pid.start`, as isogloss.warm.name_process writes."""
    here = find_place()
    if (place.host, place.machine) != (here.host, here.machine):
        return State.ELSEWHERE
    if place.boot != here.boot:
        return State.ENDED if here.machine else State.ELSEWHERE
    if asdict(place) != asdict(here):
        return State.ELSEWHERE
    return State.RUNNING if _is_running(process) else State.ENDED


def end_left(workflow: str, slurm_job: str | None) -> tuple[int, list[int]]:
    """End the processes that an ended workflow left running on this machine. Return their number and those that remain.

    workflow: `pid.start` of the workflow's main process, which its jobs and warm workers carry in their environment.
    slurm_job: the Slurm job that the main process was part of. Processes of other Slurm jobs are left to Slurm.
    """
    mine = {os.getpid(), *_list_ancestors()}
    count = 0
    for _ in range(ROUNDS):
        found = [pid for pid in _list_marked(workflow, slurm_job) if pid not in mine]
        if not found:
            return count, []
        servers = [pid for pid in found if _is_server(pid)]
        sockets = [path for pid in servers if (path := _find_socket(pid))]
        # A client of a warm worker forwards SIGTERM to its job. It must not find out first that the server has ended:
        # it would then run the job in its own process.
        remain = _end([pid for pid in found if pid not in servers]) + _end(servers)
        if remain:
            return count, remain
        count += len(found) - len(servers)
        for path in sockets:
            path.unlink(missing_ok=True)
            path.with_suffix(".log").unlink(missing_ok=True)
    return count, found


def is_number_used(pid: int) -> bool:
    """Return whether a running process has this number."""
    with suppress(OSError):
        return _read_state(pid) not in "ZX"
    return False


def _is_running(process: str) -> bool:
    pid = int(process.partition(".")[0])
    with suppress(OSError):
        return name_process(pid) == process and is_number_used(pid)
    return False


def _read_state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]


def _list_ancestors() -> Iterator[int]:
    pid = os.getppid()
    while pid > 1:
        yield pid
        pid = int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])


def _list_marked(workflow: str, slurm_job: str | None) -> Iterator[int]:
    """Yield the processes that started with this workflow in their environment. Those of other users are unreadable."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            values = dict(word.partition(b"=")[::2] for word in (entry / "environ").read_bytes().split(b"\0"))
            if values.get(WORKFLOW.encode()) != workflow.encode():
                continue
            if os.fsdecode(values.get(SLURM_JOB.encode(), b"")) == (slurm_job or ""):
                yield int(entry.name)


def _read_command(pid: int) -> list[bytes]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return []


def _is_server(pid: int) -> bool:
    """Return whether a process is a warm server; its forks have the same command, but are not leaders of a session."""
    with suppress(OSError):
        return _SERVER in _read_command(pid) and os.getsid(pid) == pid
    return False


def _find_socket(pid: int) -> Path | None:
    command = _read_command(pid)
    return Path(os.fsdecode(command[command.index(_SERVER) + 2])) if _SERVER in command else None


def _end(pids: list[int]) -> list[int]:
    """End processes: SIGTERM, then SIGKILL. Return those that still run."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        end = time.monotonic() + GRACE
        while (pids := [pid for pid in pids if is_number_used(pid)]) and time.monotonic() < end:
            time.sleep(0.02)
    return pids
