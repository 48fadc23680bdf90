"""A part of a run fails: a killed job or server, two runs at once, a lost folder of Snakemake, a wrong clock."""

import os
import shutil
import signal
import subprocess

from faulty import (
    SCORES,
    TRAINED,
    check_clean,
    fault,
    find_processes,
    find_workers,
    list_finished,
    make_pair_study,
    start,
)

SERVER = "isogloss.warm_server"


def kill_when_running(run, workspace, find) -> None:
    """Kill the processes that `find` returns for the main process, as soon as a run is finished and there are any."""
    run.wait_for(lambda: list_finished(workspace), "a finished run")
    pids = []
    run.wait_for(lambda: pids.extend(find(run.process.pid)) or pids, "a process")
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def freeze(run, word: str) -> list[int]:
    """Wait for a job with a word in its command and stop its processes, so that it lasts; return them."""
    run.wait_for(lambda: find_processes(run.process.pid, word), f"a job {word}")
    pids = find_processes(run.process.pid, word)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    return pids


@fault(
    name="kill -9 of one job, as by the system when memory is short",
    sees="Snakemake prints that the job failed and ends with status 1. All jobs that do not need it are run.",
    lost="This job.",
    again="It runs this job and those that need it.",
)
def test_a_killed_job(workspace):
    workspace.write(make_pair_study())
    with start(workspace, SCORES) as run:
        kill_when_running(run, workspace, find_workers)
        outcome = run.wait()
    check_clean(outcome.text)
    assert outcome.status == 1
    assert outcome.text.count("Error in rule ") == 1
    assert outcome.text.count("isogloss: the job was killed by SIGKILL") == 1
    finished = list_finished(workspace)
    assert len(finished) >= 6
    assert not (workspace.folder / SCORES).exists()
    assert sum(workspace.run(SCORES).values()) <= 6
    assert finished.items() <= list_finished(workspace).items()
    assert workspace.plan(SCORES) == {}


@fault(
    name="kill -9 of a warm server and its workers",
    sees="The log of a job that was in it says that the job runs in its own process. Snakemake ends with status 0.",
    lost="The time that the running jobs had taken.",
    again="Nothing is left to do.",
)
def test_a_killed_warm_server(workspace):
    workspace.write(make_pair_study())
    with start(workspace, SCORES) as run:
        kill_when_running(run, workspace, lambda main: find_workers(main) and find_processes(main, SERVER))
        outcome = run.wait()
    check_clean(outcome.text)
    assert outcome.status == 0, outcome.text
    logs = [path.read_text(encoding="utf-8") for path in workspace.folder.glob("results/small/logs/**/*.log")]
    assert sum("this job runs in its own process" in text for text in logs) == 1
    assert workspace.plan(SCORES) == {}


@fault(
    name="a second run of the same study while the first is running",
    sees="One line names the process that runs the study and how to end it; exit status 2.",
    lost="Nothing.",
    again="It does nothing until the first run has ended.",
)
def test_two_runs_of_one_study(workspace):
    workspace.write(make_pair_study())
    with start(workspace, SCORES) as run:
        freeze(run, "finetune")
        second = workspace.snakemake(SCORES)
        assert second.status == 2
        assert second.complaints == [
            f"isogloss: results/small: process {run.process.pid} is running this study; wait until it ends, or end it "
            f"with: kill {run.process.pid}"
        ]
        check_clean(second.text)
        for pid in find_processes(run.process.pid, "finetune"):
            os.kill(pid, signal.SIGCONT)
        assert run.wait().status == 0
    assert workspace.plan(SCORES) == {}


@fault(
    name="a run of another study in the same folder, and kill -9 of one of them",
    sees="Both run. The killed one starts again while the other is running.",
    lost="The jobs of the killed run that were running.",
    again="It runs the remaining jobs. The other study is not affected.",
)
def test_two_studies_in_one_folder(workspace):
    workspace.write(make_pair_study())
    workspace.write(make_pair_study(study="other"), "other.yaml")
    scores = SCORES.replace("small", "other")
    with start(workspace, scores, study="other.yaml") as other:
        freeze(other, "finetune")
        with start(workspace, SCORES) as run:
            run.wait_for(lambda: list_finished(workspace), "a finished run")
            run.signal_group(signal.SIGKILL)
            run.wait()
        finished = list_finished(workspace)
        outcome = workspace.snakemake(SCORES)
        assert outcome.status == 0, outcome.text
        assert "the last run was killed" in outcome.complaints[0]
        assert finished.items() <= list_finished(workspace).items()
        for pid in find_processes(other.process.pid, "finetune"):
            os.kill(pid, signal.SIGCONT)
        outcome = other.wait()
    check_clean(outcome.text)
    assert outcome.status == 0, outcome.text
    assert workspace.plan(scores, study="other.yaml") == {}


@fault(
    name="the folder .snakemake is deleted after a kill",
    sees="Nothing.",
    lost="The jobs that were running.",
    again="It judges results by their times, keeps the finished ones and runs the remaining jobs.",
)
def test_a_lost_folder_of_snakemake(workspace):
    workspace.write(make_pair_study())
    with start(workspace, SCORES) as run:
        run.wait_for(lambda: len(list_finished(workspace)) > 3, "four finished runs")
        run.signal_group(signal.SIGKILL)
        run.wait()
    finished = list_finished(workspace)
    shutil.rmtree(workspace.folder / ".snakemake")
    outcome = workspace.snakemake(SCORES)
    check_clean(outcome.text)
    assert outcome.status == 0, outcome.text
    assert finished.items() <= list_finished(workspace).items()
    assert workspace.plan(SCORES) == {}


@fault(
    name="the clock was a day ahead while the first half of a study ran",
    sees="Jobs fail. Snakemake names the file from the future and says that the clock is wrong; status 1.",
    lost="Nothing.",
    again="It fails until you correct the times: `find results/STUDY -newermt now -exec touch -d '1 minute ago' {} +`. "
    "Then it keeps the finished jobs and runs the remaining ones.",
)
def test_a_clock_that_was_ahead(workspace):
    """The times of the files are moved; the clock of this machine is not."""
    workspace.write(make_pair_study())
    workspace.run(*(f"{TRAINED}/{source}/n-30/seed-1" for source in ("de", "fi")))
    for path in (workspace.folder / "results").rglob("*"):
        about = path.stat()
        os.utime(path, (about.st_atime + 86400, about.st_mtime + 86400))
    outcome = workspace.snakemake(SCORES)
    check_clean(outcome.text)
    assert outcome.status == 1
    assert "clock skew" in outcome.text
    correct = "find results/small -newermt now -exec touch -d '1 minute ago' {} +"
    subprocess.run(correct, shell=True, cwd=workspace.folder, check=True)
    assert "finetune" not in workspace.run(SCORES)
    assert workspace.plan(SCORES) == {}
