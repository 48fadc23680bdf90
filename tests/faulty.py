"""What tests of faults share: how a test describes its fault, and runs of Snakemake that can be killed."""

import base64
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from studies import PROJECT, Outcome, Workspace, heed_ctrl_c, make_study

from isogloss import warm

PATIENCE = 300
SCORES = "results/small/analysis/scores.csv"
TRAINED = "results/small/finetuned/ner/crf"


def fault(*, name: str, sees: str, lost: str, again: str) -> pytest.MarkDecorator:
    """Describe the fault that a test causes; docs/reliability.md lists these descriptions, word for word.

    sees: what the user sees. lost: which results are lost. again: what the same command does afterwards.
    """
    return pytest.mark.fault(name=name, sees=sees, lost=lost, again=again)


def make_pair_study(**changes) -> dict:
    """Return a study of two languages with eight runs of a CRF: the smallest that has every kind of run."""
    return make_study(languages=["de", "fi"], **changes)


@dataclass
class Run:
    """A call of Snakemake as the leader of its own process group, like a command in a terminal."""

    process: subprocess.Popen
    out: Path

    @property
    def text(self) -> str:
        """Return all output so far."""
        return self.out.read_text(encoding="utf-8")

    def wait(self) -> Outcome:
        """Wait for the end of the call."""
        status = self.process.wait(timeout=PATIENCE)
        return Outcome(status, self.text)

    def wait_for(self, condition: Callable[[], object], what: str = "the condition") -> None:
        """Wait until a condition is true. The call must not end before."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert self.process.poll() is None, f"snakemake ended before {what}\n{self.text}"
            assert time.monotonic() < end, f"no {what}\n{self.text}"
            time.sleep(0.01)

    def signal_group(self, number: int) -> None:
        """Send a signal to Snakemake and all its jobs, as a terminal does. Warm workers have sessions of their own."""
        os.killpg(self.process.pid, number)


@contextmanager
def start(workspace: Workspace, *arguments: str, study: str = "study.yaml", **environment: str) -> Iterator[Run]:
    """Start Snakemake in a folder; at the end kill what is left of it."""
    out = workspace.folder / f"snakemake-{time.monotonic_ns()}.txt"
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(PROJECT / "Snakefile")]
    command += ["--directory", str(workspace.folder), "--configfile", study, "--cores", "1"]
    command += ["--max-jobs-per-timespan", "100/1s", *arguments]
    with out.open("w") as file:
        process = subprocess.Popen(
            command,
            cwd=workspace.folder,
            env={"HF_HUB_OFFLINE": "1", **os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=heed_ctrl_c,
        )
    try:
        yield Run(process, out)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pid in find_processes(process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def find_processes(main: int, word: str = "") -> list[int]:
    """Return the running processes that the main process `main` started, whose command contains a word."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            marked = f"\0{warm.WORKFLOW}={main}.".encode() in b"\0" + (entry / "environ").read_bytes()
            command = (entry / "cmdline").read_bytes()
            running = (entry / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
            if marked and running and word.encode() in command:
                found.append(int(entry.name))
    return found


def find_workers(main: int) -> list[int]:
    """Return the jobs that run in warm workers. They have the command of their server, but lead no session."""
    return [pid for pid in find_processes(main, "isogloss.warm_server") if os.getsid(pid) != pid]


def list_finished(workspace: Workspace) -> dict[str, tuple[int, int]]:
    """Return the records of finished jobs: path -> inode and time, which change if a job is redone.

    A job is finished when Snakemake has noted its end. Until then its outputs have a mark in `.snakemake/incomplete`.
    """
    marks = workspace.folder / ".snakemake" / "incomplete"
    names = ("".join(path.relative_to(marks).parts).replace("@", "") for path in marks.rglob("*") if path.is_file())
    unfinished = {base64.b64decode(name).decode() for name in names if name != "migration_underway"}
    found = {}
    for path in workspace.folder.glob("results/small/transfer/**/metrics.json"):
        name = str(path.relative_to(workspace.folder))
        if name not in unfinished:
            found[name] = (path.stat().st_ino, path.stat().st_mtime_ns)
    return found


def check_clean(text: str) -> None:
    """Check that no traceback and no refusal is in the output of Snakemake."""
    for bad in ("Traceback (most recent call last)", "cannot be locked", "LockException", "has locked this study"):
        assert bad not in text, text
