"""Kills of a whole run: by SIGKILL at random times, by SIGTERM, by Ctrl-C, and of the main process alone."""

import os
import random
import signal
import time

import pytest
from faulty import SCORES, check_clean, fault, find_processes, list_finished, make_pair_study, start
from studies import Workspace, prepare_once

KILLS = 30


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory) -> Workspace:
    """Return a folder in which the study was run without a fault. The file `seconds` contains the time it took."""

    def run(workspace: Workspace) -> None:
        workspace.write(make_pair_study())
        began = time.monotonic()
        workspace.run(SCORES)
        (workspace.folder / "seconds").write_text(str(time.monotonic() - began), encoding="ascii")

    return prepare_once("undisturbed", run, tmp_path_factory)


def read_scores(workspace: Workspace) -> bytes:
    return (workspace.folder / SCORES).read_bytes()


def check_finished(workspace: Workspace, undisturbed: Workspace, finished: dict) -> None:
    """Check that a study is complete, has the scores of the undisturbed one and has kept its finished records."""
    assert workspace.plan(SCORES) == {}
    assert read_scores(workspace) == read_scores(undisturbed)
    assert finished.items() <= list_finished(workspace).items()
    assert [*workspace.folder.glob("results/**/*.part")] == []
    assert [*workspace.folder.glob("results/**/.*.part")] == []


@fault(
    name="kill -9 of Snakemake and all its jobs, at 30 random times",
    sees="At the next start, one line says that the last run was killed and that its locks were removed.",
    lost="The jobs that were running.",
    again="It starts, runs the remaining jobs and gives the same scores. No finished run is redone.",
)
def test_thirty_kills_at_random_times(tmp_path, undisturbed):
    seconds = float((undisturbed.folder / "seconds").read_text(encoding="ascii"))
    chance = random.Random(19)
    kills, studies, reached = 0, 0, []
    while kills < KILLS:
        studies += 1
        workspace = Workspace(tmp_path / str(studies))
        workspace.folder.mkdir()
        workspace.write(make_pair_study())
        finished: dict = {}
        while True:
            with start(workspace, SCORES) as run:
                wait = chance.uniform(0.1, 1.0) * seconds
                end = time.monotonic() + wait
                while run.process.poll() is None and time.monotonic() < end:
                    time.sleep(0.01)
                if run.process.poll() is None and kills < KILLS:
                    run.signal_group(signal.SIGKILL)
                    kills += 1
                outcome = run.wait()
                check_clean(outcome.text)
                found = list_finished(workspace)
                assert finished.items() <= found.items()
                finished = found
                reached.append(len(found))
                if outcome.status != -signal.SIGKILL:
                    assert outcome.status == 0, outcome.text
                    break
        check_finished(workspace, undisturbed, finished)
    assert kills == KILLS
    assert len(set(reached)) > 3, "the kills came at the same stage of the study"


@fault(
    name="kill -9 of Snakemake alone",
    sees="Its jobs keep running. At the next start, one line says how many processes were ended.",
    lost="The jobs that were running.",
    again="It ends these jobs, runs the remaining ones and gives the same scores.",
)
def test_jobs_that_outlive_their_snakemake_are_ended(workspace, undisturbed):
    workspace.write(make_pair_study())
    with start(workspace, SCORES) as run:
        run.wait_for(lambda: find_processes(run.process.pid, "finetune"), "a training")
        for pid in find_processes(run.process.pid, "finetune"):
            os.kill(pid, signal.SIGSTOP)  # a job that would take hours
        os.kill(run.process.pid, signal.SIGKILL)
        run.process.wait()
        assert find_processes(run.process.pid, "finetune")
        finished = list_finished(workspace)
        outcome = workspace.snakemake(SCORES)
        assert find_processes(run.process.pid) == []
    check_clean(outcome.text)
    assert outcome.status == 0, outcome.text
    [line] = outcome.complaints
    assert "the last run was killed; its locks were removed" in line and " 0 processes" not in line
    check_finished(workspace, undisturbed, finished)


@fault(
    name="SIGTERM to Snakemake",
    sees="Snakemake lets the running jobs finish and ends with status 1.",
    lost="Nothing.",
    again="It runs the remaining jobs and gives the same scores.",
)
def test_sigterm(workspace, undisturbed):
    workspace.write(make_pair_study())
    with start(workspace, SCORES) as run:
        run.wait_for(lambda: list_finished(workspace), "a finished run")
        os.kill(run.process.pid, signal.SIGTERM)
        outcome = run.wait()
    check_clean(outcome.text)
    assert outcome.status == 1
    assert "Will exit after finishing currently running jobs" in outcome.text
    finished = list_finished(workspace)
    outcome = workspace.snakemake(SCORES)
    assert (outcome.status, outcome.complaints) == (0, []), outcome.text
    check_finished(workspace, undisturbed, finished)


@fault(
    name="Ctrl-C (SIGINT to Snakemake and its jobs)",
    sees="Snakemake ends the running jobs and itself, with status 1.",
    lost="The jobs that were running.",
    again="It runs the remaining jobs and gives the same scores.",
)
def test_ctrl_c(workspace, undisturbed):
    workspace.write(make_pair_study())
    with start(workspace, SCORES) as run:
        run.wait_for(lambda: list_finished(workspace), "a finished run")
        run.signal_group(signal.SIGINT)
        outcome = run.wait()
    assert outcome.status == 1
    assert "Traceback" not in outcome.text
    finished = list_finished(workspace)
    outcome = workspace.snakemake(SCORES)
    assert (outcome.status, outcome.complaints) == (0, []), outcome.text
    check_finished(workspace, undisturbed, finished)
