"""The names of jobs, and the line of a log that says why a job failed."""

import pytest

from isogloss.progress.jobs import Job, describe_run, keep_failed, read_reason

RUN = {"task": "ner", "model": "crf", "sources": "de+en", "n": "30", "target": "fi", "shots": "5", "seed": "1"}
RUN["adaptation"] = "joint"


def test_a_run_is_named_by_its_pair_shots_and_seed():
    job = Job("adapt", RUN)
    assert job.describe() == describe_run(job.run) == "ner crf: de+en -> fi, 5 shots (joint), n 30, seed 1"
    zero = Job("transfer", RUN | {"shots": "0", "adaptation": "direct"})
    assert zero.describe() == "ner crf: de+en -> fi, 0 shots, n 30, seed 1"


def test_other_jobs_are_named_by_their_rule():
    trained = {name: RUN[name] for name in ("task", "model", "sources", "n", "seed")}
    assert Job("finetune", trained).describe() == "finetune ner crf: de+en, n 30, seed 1"
    assert Job("corpus", {"task": "ner", "language": "fi"}).describe() == "corpus ner fi"
    assert Job("scores").describe() == "scores"


TRACEBACK = 'Traceback (most recent call last):\n  File "a.py", line 1\nValueError: Invalid model\n'


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ("step 1\nisogloss: a.txt:3: no label; add one\n", "a.txt:3: no label; add one"),
        (TRACEBACK, "ValueError: Invalid model"),
        ("isogloss: all 2 GPUs are in use by other jobs; waiting\n" + TRACEBACK, "ValueError: Invalid model"),
        (TRACEBACK + "isogloss: the job was killed by SIGTERM\nbye\n", "the job was killed by SIGTERM"),
        (" 10%|#\r 20%|##\r", "no error in its log, it may have been killed; the last line is: 20%|##"),
        ("\n\n", "its log is empty; it may have been killed"),
    ],
)
def test_the_reason_is_the_error_and_never_another_line_passed_off_as_one(tmp_path, log, reason):
    (tmp_path / "log").write_text(log, encoding="utf-8")
    assert read_reason(tmp_path / "log") == reason


def test_the_reason_is_one_short_line_whatever_the_log(tmp_path):
    log = tmp_path / "log"
    log.write_bytes(b"x" * 2**17 + b"\nisogloss: \x1b[31m\xff" + b"y" * 1000)
    reason = read_reason(log)
    assert len(reason) == 300 and reason.startswith(" [31m") and reason.endswith("y ...")
    assert read_reason(tmp_path / "none") == "it wrote no log"


def test_a_failed_job_with_results_is_not_failed_any_more(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "made").write_text("", encoding="utf-8")
    lost, made = Job("scores", results=("lost",)), Job("corpus", results=("made",))
    assert keep_failed([lost, made, lost]) == [lost]
