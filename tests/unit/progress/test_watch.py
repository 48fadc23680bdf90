"""What is noted of the events of Snakemake: running and failed jobs, and the mean score so far."""

import json

import pytest

from isogloss.common.run import Run
from isogloss.progress.jobs import Job
from isogloss.progress.state import read_state
from isogloss.progress.watch import Watch


def make_run(source="en", target="fi", seed=1, task="ner"):
    return Run(task, "crf", (source,), 30, target, 0, "direct", seed)


def make_job(run, results=()):
    values = {"task": run.task, "model": run.model, "sources": run.source_set, "n": str(run.n), "target": run.target}
    return Job("transfer", values | {"shots": "0", "adaptation": "direct", "seed": str(run.seed)}, "log", results)


@pytest.fixture
def watch(tmp_path):
    """Return a function that starts to watch runs of NER and POS."""
    return lambda *runs: Watch(tmp_path / "small", runs, {"ner": "f1", "pos": "accuracy"})


def write_record(tmp_path, run, scores):
    path = tmp_path / "small" / run.folder / "metrics.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"scores": scores}), encoding="utf-8")


def test_nothing_is_written_before_the_first_job(watch, tmp_path):
    followed = watch(make_run())
    assert followed.describe() == ""
    followed.end()
    assert list(tmp_path.iterdir()) == []


def test_the_line_has_the_jobs_the_pairs_that_run_and_the_mean_of_transfer_so_far(watch, tmp_path):
    done, now, own = make_run("de"), make_run("en"), make_run("fi")
    tagged = make_run(task="pos")
    write_record(tmp_path, done, {"f1": 0.25, "f1_seen": 1.0})
    write_record(tmp_path, own, {"f1": 1.0})  # in-language: no transfer
    write_record(tmp_path, tagged, {"accuracy": None})
    followed = watch(done, now, own, tagged)
    followed.cores, followed.total = 2, 8
    followed.start(1, make_job(now))
    followed.start(2, Job("corpus", {"language": "sw"}))
    assert followed.describe() == "0/8 jobs; mean ner f1 0.250 (1 run); en -> fi (ner, 0 shots), corpus sw"
    write_record(tmp_path, now, {"f1": 0.75})
    followed.finish(1)
    followed.count(1, 8)
    followed.fail(2)
    assert followed.describe() == "1/8 jobs, 1 failed; mean ner f1 0.500 (2 runs)"
    state = read_state(tmp_path / "small")
    assert (state.cores, state.done, state.total, state.ended, state.running) == (2, 1, 8, None, ())
    assert [job.describe() for job in state.failed] == ["corpus sw"]
    followed.end()
    assert read_state(tmp_path / "small").ended >= state.started


def test_seeds_are_named_if_the_study_has_several(watch):
    followed = watch(make_run(), make_run(seed=2))
    followed.start(1, make_job(make_run(seed=2)))
    assert followed.describe() == "0/0 jobs; en -> fi (0 shots, seed 2)"


def test_a_failure_is_remembered_until_the_job_starts_again_or_has_results(watch, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, second = make_job(make_run("de"), ("first",)), make_job(make_run("en"), ("second",))
    first, second = (Job(one.rule, one.wildcards, log, one.results) for one, log in ((first, "a"), (second, "b")))
    followed = watch()
    for number, job in enumerate((first, second)):
        followed.start(number, job)
        followed.fail(number)
    later = watch()
    later.start(1, Job("scores"))
    assert read_state(tmp_path / "small").failed == (first, second)
    later.start(2, first)
    assert read_state(tmp_path / "small").failed == (second,)
    (tmp_path / "second").write_text("", encoding="utf-8")
    last = watch()
    last.start(1, Job("scores"))
    assert read_state(tmp_path / "small").failed == ()


def test_a_state_that_cannot_be_written_stops_nothing(watch, tmp_path):
    (tmp_path / "small").write_text("no folder", encoding="utf-8")
    followed = watch()
    followed.start(1, Job("scores"))
    assert followed.describe() == "0/0 jobs; scores"
