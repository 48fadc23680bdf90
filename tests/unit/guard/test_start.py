"""The start of a run, with real processes that run, end, are killed and leave jobs."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from isogloss import warm
from isogloss.common.errors import UserError
from isogloss.guard import begin
from isogloss.guard.note import LOCKS, place_note, read_note, write_note

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the guard needs Linux")
SMALL, LARGE = Path("results/small"), Path("results/large")
COMMAND = ["snakemake", "--configfile", "study.yaml"]
UNLOCK = "snakemake --configfile study.yaml --unlock"
RUN = """
import subprocess, sys
from pathlib import Path
from isogloss import warm
from isogloss.guard import begin, record_start
study, name, *commands = sys.argv[1:]
warm.announce_workflow(many=True)
begin(Path(study), ["snakemake"])
for number, kind in ((name, "input"), (name, "output")):
    Path(".snakemake/locks").mkdir(exist_ok=True)
    Path(".snakemake/locks", f"{number}.{kind}.lock").write_text(f"data/de.txt\\n{study}/analysis/scores.csv\\n")
if "early" not in commands:
    executor = next((name for name in ("slurm", "lsf") if name in commands), "local")
    record_start(Path(study), executor, None if executor == "local" else "run-1")
if "job" in commands or "stubborn" in commands:
    ignore = "trap '' TERM; " if "stubborn" in commands else ""
    subprocess.Popen(["bash", "-c", f"{ignore}while true; do sleep 0.1; done"], stdout=subprocess.DEVNULL)
print("started", flush=True)
if "end" not in commands:
    sys.stdin.read()
"""


@dataclass
class Folder:
    """A working directory with runs, which are ended after the test."""

    started: list[subprocess.Popen] = field(default_factory=list)

    def start(self, study: Path, name: str, *commands: str) -> subprocess.Popen:
        """Start a process that reserves a study and writes the locks `name`; return it when it has done so."""
        run = subprocess.Popen(
            [sys.executable, "-c", RUN, study, name, *commands],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.started.append(run)
        assert run.stdout.readline() == "started\n"
        return run

    def kill(self, *arguments) -> subprocess.Popen:
        """Start a run and kill it."""
        run = self.start(*arguments)
        run.kill()
        run.wait()
        return run


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Iterator[Folder]:
    """Return an empty working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("atexit.register", lambda *_: None)  # this process does not end with the test
    monkeypatch.delenv(warm.WORKFLOW, raising=False)
    made = Folder()
    yield made
    for run in made.started:
        run.kill()
        while pids := find_jobs(run.pid):
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        run.communicate()


def find_jobs(pid: int) -> list[int]:
    """Return the running processes that were started by a workflow with this process number."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            marked = f"\0{warm.WORKFLOW}={pid}.".encode() in b"\0" + (entry / "environ").read_bytes()
            if marked and (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                found.append(int(entry.name))
    return found


def list_locks() -> list[str]:
    return sorted(path.name for path in LOCKS.glob("*"))


def refuse(command: list[str] = COMMAND, study: Path = SMALL) -> str:
    """Return the line with which a start is refused. It leaves the locks and the note as they are."""
    before = list_locks(), read_note(study)
    with pytest.raises(UserError) as refused:
        begin(study, command)
    assert (list_locks(), read_note(study)) == before
    return str(refused.value)


def change_note(change: Callable[[dict], object]) -> None:
    note = json.loads(place_note(SMALL).read_text())
    change(note)
    place_note(SMALL).write_text(json.dumps(note))


def test_a_run_that_ends_leaves_no_note(folder):
    run = folder.start(SMALL, "0", "end")
    run.wait()
    assert read_note(SMALL) is None


def test_the_locks_of_a_killed_run_are_removed(folder, capsys):
    run = folder.kill(SMALL, "0")
    assert list_locks() == ["0.input.lock", "0.output.lock"]
    begin(SMALL, COMMAND)
    assert list_locks() == []
    assert read_note(SMALL).pid == os.getpid() != run.pid
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("isogloss: results/small: the last run was killed; its locks were removed")


def test_a_run_killed_before_its_first_job_had_noted_no_locks(folder):
    folder.kill(SMALL, "0", "early")
    assert read_note(SMALL).locks is None
    begin(SMALL, COMMAND)
    assert list_locks() == []


def test_a_process_that_nobody_waited_for_counts_as_ended(folder):
    run = folder.start(SMALL, "0")
    run.kill()
    while Path(f"/proc/{run.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.01)
    begin(SMALL, COMMAND)
    assert list_locks() == []


def test_a_second_run_of_the_study_is_refused_while_the_first_is_running(folder):
    run = folder.start(SMALL, "0")
    assert refuse() == (
        f"results/small: process {run.pid} is running this study; wait until it ends, or end it with: kill {run.pid}"
    )


def test_a_second_run_is_refused_even_if_another_run_has_removed_the_locks(folder):
    """Snakemake removes the locks of all runs in a folder when one of them ends."""
    folder.start(SMALL, "0")
    shutil.rmtree(LOCKS)
    assert "is running this study" in refuse()


def test_a_reused_process_number_is_not_the_run(folder):
    folder.kill(SMALL, "0")
    other = folder.start(LARGE, "1")
    change_note(lambda note: note.update(process=f"{other.pid}.1"))
    begin(SMALL, COMMAND)
    assert list_locks() == ["1.input.lock", "1.output.lock"]
    assert other.poll() is None


@pytest.mark.parametrize("key", ["host", "machine", "space"])
def test_a_run_on_another_machine_or_in_another_container_is_refused_until_it_is_unlocked(folder, key):
    run = folder.kill(SMALL, "0")
    change_note(lambda note: note["place"].update({key: "other"}))
    host = read_note(SMALL).place.host
    assert refuse() == (
        f"results/small: process {run.pid} on {host} has locked this study, and cannot be seen from here; make sure "
        f"that it has ended, then run: {UNLOCK}"
    )
    shutil.rmtree(LOCKS)  # as by the end of another study's run
    assert "cannot be seen from here" in refuse()
    begin(SMALL, [*COMMAND, "--unlock"])
    begin(SMALL, COMMAND)
    assert read_note(SMALL).pid == os.getpid()


def test_a_run_before_a_restart_of_the_machine_has_ended(folder):
    folder.kill(SMALL, "0")
    change_note(lambda note: note["place"].update(boot="before", space="pid:[1]"))
    if not read_note(SMALL).place.machine:
        assert "cannot be seen from here" in refuse()
        pytest.skip("this machine has no /etc/machine-id, so it is not known after a restart")
    begin(SMALL, COMMAND)
    assert list_locks() == []


def test_a_lock_without_a_note_is_refused(folder):
    folder.kill(SMALL, "0")
    place_note(SMALL).unlink()
    assert refuse() == (
        "results/small: an unknown process has locked this study (.snakemake/locks/0.output.lock); make sure that no "
        f"run of it is left, then run: {UNLOCK}"
    )


def test_a_later_lock_with_the_name_of_a_noted_one_is_not_removed(folder):
    folder.kill(SMALL, "0")
    lock = LOCKS / "0.output.lock"
    lock.rename(LOCKS / "kept")
    lock.write_bytes((LOCKS / "kept").read_bytes())
    with pytest.raises(UserError, match="an unknown process has locked this study"):
        begin(SMALL, COMMAND)
    assert lock.exists()


def test_two_studies_in_one_folder_do_not_disturb_each_other(folder):
    large = folder.start(LARGE, "1", "job")
    folder.kill(SMALL, "0", "early")
    begin(SMALL, COMMAND)
    assert list_locks() == ["1.input.lock", "1.output.lock"]
    assert read_note(LARGE).pid == large.pid
    assert large.poll() is None and find_jobs(large.pid)


def test_a_lock_on_results_that_another_study_reads_is_left_to_snakemake(folder):
    folder.start(LARGE, "1")
    (LOCKS / "1.input.lock").write_text("results/small/models/crf\n")
    begin(SMALL, COMMAND)
    assert list_locks() == ["1.input.lock", "1.output.lock"]


@pytest.mark.parametrize("kind", ["job", "stubborn"])
def test_jobs_that_a_killed_run_left_are_ended_before_its_locks_are_removed(folder, monkeypatch, capsys, kind):
    monkeypatch.setattr("isogloss.guard.process.GRACE", 0.5)
    bystander = folder.start(LARGE, "1", "job")
    run = folder.kill(SMALL, "0", kind)
    while not find_jobs(run.pid):
        time.sleep(0.01)
    begin(SMALL, COMMAND)
    assert find_jobs(run.pid) == []
    assert find_jobs(bystander.pid)
    assert "were ended" in capsys.readouterr().err


def test_processes_of_another_slurm_job_are_left_to_slurm(folder, monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    run = folder.kill(SMALL, "0", "job")
    while not find_jobs(run.pid):
        time.sleep(0.01)
    change_note(lambda note: note.update(slurm_job=None))
    begin(SMALL, COMMAND)
    assert find_jobs(run.pid)


def test_the_jobs_of_another_executor_are_named(folder):
    folder.kill(SMALL, "0", "lsf")
    assert refuse() == (
        "results/small: the last run was killed, and its jobs (run-1) may still run by lsf; end them, then run: "
        + UNLOCK
    )


def test_where_slurm_does_not_answer_its_jobs_are_named(folder, monkeypatch):
    folder.kill(SMALL, "0", "slurm")
    monkeypatch.setenv("PATH", "")
    assert "where Slurm answers, run `scancel --me --name=run-1`, then the same command again" in refuse()
    assert list_locks()


def test_temporary_files_of_a_killed_run_are_removed(folder):
    run = folder.kill(SMALL, "0")
    part = SMALL / "transfer" / f".metrics.json.{run.pid}.part"
    part.parent.mkdir(parents=True)
    part.write_text("half")
    begin(SMALL, COMMAND)
    assert [path for path in SMALL.rglob("*") if path.is_file()] == []


def test_a_dry_run_changes_nothing(folder):
    folder.kill(SMALL, "0", "job")
    before = list_locks(), read_note(SMALL)
    begin(SMALL, [*COMMAND, "-n"])
    assert (list_locks(), read_note(SMALL)) == before
    assert find_jobs(read_note(SMALL).pid)


def test_a_dry_run_in_an_empty_folder_writes_nothing(folder):
    begin(SMALL, [*COMMAND, "--dry-run"])
    assert list(Path().iterdir()) == []


def test_an_unreadable_note_does_not_prove_anything(folder):
    folder.kill(SMALL, "0")
    place_note(SMALL).write_text("{")
    assert "an unknown process has locked this study" in refuse()


def test_results_that_cannot_be_written_are_refused(folder, monkeypatch):
    SMALL.mkdir(parents=True)
    monkeypatch.setattr(os, "access", lambda path, mode: path != SMALL)
    with pytest.raises(UserError, match="results/small: this folder cannot be written; make it writable"):
        begin(SMALL, COMMAND)


def test_a_note_is_read_as_it_was_written(folder):
    folder.kill(SMALL, "0", "slurm")
    note = read_note(SMALL)
    assert (note.executor, note.run) == ("slurm", "run-1")
    assert {lock.name for lock in note.locks} == {"0.input.lock", "0.output.lock"}
    write_note(LARGE, note)
    assert read_note(LARGE) == note
