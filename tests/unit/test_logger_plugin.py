"""The logger plugin: one line instead of several for each job, and everything that Snakemake says of errors."""

import logging
import os
import pty
import sys

import pytest
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry
from snakemake_interface_logger_plugins.tests import MockOutputSettings, TestLogHandlerBase

import snakemake_logger_plugin_isogloss as plugin
from isogloss.common.run import Run
from isogloss.progress.state import STATE, read_state
from isogloss.progress.watch import Watch

RUN = Run("ner", "crf", ("en",), 30, "fi", 0, "direct", 1)
WILDCARDS = {"task": "ner", "model": "crf", "sources": "en", "n": "30", "target": "fi", "shots": "0", "seed": "1"}


class TestInterface(TestLogHandlerBase):
    """The tests that Snakemake has for every logger plugin."""

    __test__ = True

    def get_log_handler_cls(self):
        return plugin.LogHandler

    def get_log_handler_settings(self):
        return None


def make_settings(**changes):
    settings = MockOutputSettings()
    settings.printshellcmds = False
    for name, value in changes.items():
        setattr(settings, name, value)
    return settings


def make_record(message, event=None, level=logging.INFO, **values):
    record = logging.LogRecord("snakemake", level, "", 0, message, (), None)
    vars(record).update(values, **({"event": event} if event else {}))
    return record


def list_records(tmp_path):
    """Return the records of a run of Snakemake in which one of two jobs fails."""
    log = tmp_path / "a.log"
    log.write_text("isogloss: fi.txt:3: no label; add one\n", encoding="utf-8")
    common = {"input": [], "output": ["results/a"], "log": [str(log)], "rule_msg": None, "shellcmd": "true"}
    of_run = {"wildcards": WILDCARDS | {"adaptation": "direct"}, "rule_name": "transfer", **common}
    info = {"benchmark": None, "reason": "", "priority": 0, "threads": 1, "resources": {}, "local": False}
    info |= {"is_checkpoint": False}
    error = {"conda_env": None, "container_img": None, "aux": {}, "rule_name": "corpus", **common}
    return [
        make_record("Job stats: 2", LogEvent.RUN_INFO, stats={"transfer": 1, "corpus": 1, "total": 2}),
        make_record("Select jobs to execute..."),
        make_record("", LogEvent.JOB_STARTED, jobs=[1, 2]),
        make_record("", LogEvent.JOB_INFO, jobid=1, **of_run, **info),
        make_record("", LogEvent.JOB_INFO, jobid=2, **common, **info, rule_name="corpus", wildcards={"language": "fi"}),
        make_record("Finished", LogEvent.JOB_FINISHED, job_id=1),
        make_record("", LogEvent.PROGRESS, done=1, total=2),
        make_record("Error", LogEvent.JOB_ERROR, logging.ERROR, jobid=2, **error),
        make_record("Exiting", level=logging.ERROR),
    ]


@pytest.fixture
def follow(tmp_path, monkeypatch):
    """Return a function that passes the records to a handler which follows a study, and returns the handler."""
    monkeypatch.chdir(tmp_path)

    def call(**settings):
        handler = plugin.LogHandler(make_settings(**settings), None)
        handler.follow(Watch(tmp_path / "small", [RUN], {"ner": "f1"}))
        for record in list_records(tmp_path):
            handler.emit(record)
        return handler

    return call


def test_snakemake_finds_the_plugin():
    assert LoggerPluginRegistry().get_plugin("isogloss").log_handler is plugin.LogHandler


def test_elsewhere_jobs_that_succeed_are_silent_and_errors_are_complete(follow, tmp_path, capsys):
    follow().close()
    printed = capsys.readouterr().err
    assert printed.startswith("Job stats: 2\n")
    assert "Error in rule corpus:" in printed and "Exiting" in printed
    assert "isogloss: fi.txt:3: no label; add one" in printed  # the log of the failed job
    assert "rule transfer" not in printed and "Select jobs" not in printed and "Finished" not in printed
    assert "jobs;" not in printed and "\x1b" not in printed
    state = read_state(tmp_path / "small")
    assert (state.done, state.total, len(state.failed), state.ended is None) == (1, 2, 1, False)


def test_elsewhere_a_line_is_printed_every_minute_and_at_the_end(follow, capsys, monkeypatch):
    now = 1000.0
    monkeypatch.setattr(plugin.time, "monotonic", lambda: now)
    handler = follow()
    capsys.readouterr()
    for done, seconds in ((2, 59), (3, 2), (4, 59), (9, 0)):
        now += seconds
        handler.emit(make_record("", LogEvent.PROGRESS, done=done, total=9))
    assert capsys.readouterr().err == "3/9 jobs, 1 failed\n9/9 jobs, 1 failed\n"


@pytest.mark.parametrize("settings", [{"dryrun": True, "stdout": True}, {"verbose": True}, {"printshellcmds": True}])
def test_who_asks_for_details_gets_all_of_them(follow, tmp_path, capsys, settings):
    follow(**settings).close()
    printed = "".join(capsys.readouterr())
    assert "rule transfer:" in printed and "Select jobs" in printed and "1 of 2 steps (50%) done" in printed
    assert (tmp_path / "small" / STATE).exists() != settings.get("dryrun", False)


def test_on_a_terminal_one_line_is_rewritten_and_removed_before_a_message(follow, monkeypatch):
    reader, writer = pty.openpty()
    with os.fdopen(writer, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("TERM", "xterm")
        follow(nocolor=True).close()
    printed = os.read(reader, 2**16).decode("utf-8")
    os.close(reader)
    clear = plugin._CLEAR
    lines = printed.split(clear)
    assert lines[1] == "0/2 jobs; en -> fi (0 shots)"
    assert "1/2 jobs; corpus fi" in lines
    assert printed.endswith(f"{clear}1/2 jobs, 1 failed{clear}")
    before, _, after = printed.partition("Error in rule corpus:")
    assert before.rpartition(clear)[2].startswith("[")  # the line was removed; the message begins with its date
    assert "isogloss: fi.txt:3: no label; add one" in after


def test_the_line_never_breaks(follow, monkeypatch):
    reader, writer = pty.openpty()
    with os.fdopen(writer, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(os, "get_terminal_size", lambda number: os.terminal_size((20, 5)))
        follow(nocolor=True).close()
    lines = os.read(reader, 2**16).decode("utf-8").split(plugin._CLEAR)
    os.close(reader)
    assert "0/2 jobs; en -> ..." in lines


def test_another_workflow_sees_what_snakemake_prints(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    handler = plugin.LogHandler(make_settings(), None)
    for record in list_records(tmp_path):
        handler.emit(record)
    handler.close()
    printed = capsys.readouterr().err
    assert "rule transfer:" in printed and "1 of 2 steps (50%) done" in printed and "Error in rule corpus:" in printed
    assert [path.name for path in tmp_path.iterdir()] == ["a.log"]
