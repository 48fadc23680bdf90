"""The file about the last run of Snakemake: what becomes of a process is proven, not guessed."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from isogloss.progress.jobs import Job
from isogloss.progress.state import (
    ELSEWHERE,
    ENDED,
    RUNNING,
    STATE,
    STOPPED,
    read_birth,
    read_state,
    start_state,
    write_state,
)


def test_a_process_that_lives_runs_and_one_that_is_gone_was_stopped():
    own = start_state(1.0)
    assert (own.process, own.follow()) == (os.getpid(), RUNNING)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        state = replace(own, process=other.pid, birth=read_birth(other.pid))
        assert state.follow() == RUNNING
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # it is dead, but its parent has not noticed
        assert state.follow() == STOPPED
    assert state.follow() == STOPPED


def test_another_process_with_the_same_number_is_not_taken_for_it():
    own = start_state(1.0)
    assert replace(own, birth=own.birth + "0").follow() == STOPPED
    assert replace(own, birth=own.birth + "0", ended=2.0).follow() == ENDED


def test_nothing_is_said_of_a_process_on_another_host():
    assert replace(start_state(1.0), host="elsewhere.example").follow() == ELSEWHERE


def test_a_state_is_read_as_it_was_written(tmp_path):
    job = Job("corpus", {"language": "fi"}, "a.log", ("b", "c"))
    state = replace(start_state(1.5), cores=2, done=3, total=9, running=(job,), failed=(job, job))
    write_state(tmp_path / "small", state)
    assert read_state(tmp_path / "small") == state
    assert [path.name for path in (tmp_path / "small").iterdir()] == [STATE]


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '{"running": [1], "failed": []}', '{"host": "a"'])
def test_a_damaged_state_is_no_state(tmp_path, text):
    (tmp_path / STATE).write_text(text, encoding="utf-8")
    assert read_state(tmp_path) is None
