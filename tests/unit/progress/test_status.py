"""The status of a study: counts by rule, what became of Snakemake, time used and left."""

import json
from dataclasses import replace

import pytest
from studies import make_study

from isogloss.progress.jobs import Job
from isogloss.progress.state import start_state, write_state
from isogloss.progress.status import describe_status
from isogloss.study.check import check_study

SMALL = {"sources": ["each"], "n": 30, "shots": [0, 5]}


@pytest.fixture
def study(tmp_path, monkeypatch):
    """Return a study of two languages, its runs, and a function that returns the lines of its status."""
    monkeypatch.chdir(tmp_path)
    parsed, runs, _ = check_study(make_study(languages=["de", "en"], transfer=SMALL), tmp_path)
    return parsed, runs, lambda: list(describe_status(parsed, runs, tmp_path))


def write_record(path, seconds=3600):
    path.parent.mkdir(parents=True, exist_ok=True)
    record = {"run": {"model": "crf", "shots": 0}, "cost": {"wall_seconds": seconds}}
    path.write_text(json.dumps(record), encoding="utf-8")


def read_counts(lines):
    return {row[0]: tuple(map(int, row[1:])) for row in map(str.split, lines) if row[1:] and row[1].isdecimal()}


def test_before_the_first_run_everything_is_left(study):
    lines = study[2]()
    assert lines[0] == "Study small: 0 of 6 runs are done"
    assert lines[1].startswith("No run of Snakemake is recorded (results/small/.status.json does not exist)")
    counts = read_counts(lines)
    left = {"corpus": 2, "finetune": 2, "transfer": 4, "adapt": 2}
    assert {rule: counts[rule] for rule in left} == {rule: (many, 0, 0, 0, many) for rule, many in left.items()}
    assert "Time used: 0 minutes, the sum over the records of trainings and runs" in lines


def test_done_running_failed_and_left_are_told_apart(study, tmp_path):
    parsed, runs, describe = study
    done, now, broken = [run for run in runs if not run.shots][:3]
    write_record(tmp_path / parsed.root / done.folder / "metrics.json")

    def make_job(run):
        values = {"task": "ner", "model": "crf", "sources": run.source_set, "n": "30", "target": run.target}
        values |= {"shots": "0", "adaptation": "direct", "seed": "1"}
        return Job("transfer", values, "a.log", (f"{parsed.root}/{run.folder}/metrics.json",))

    (tmp_path / "a.log").write_text("isogloss: no space\n", encoding="utf-8")
    state = replace(start_state(0.0, (make_job(broken), make_job(done))), cores=2, done=1, total=9)
    state = replace(state, running=(make_job(now),))
    write_state(tmp_path / parsed.root, state)
    lines = describe()
    assert lines[0] == "Study small: 1 of 6 runs are done"
    assert lines[1].endswith("is running: 1 of 9 jobs done")
    counts = read_counts(lines)
    assert counts["transfer"] == (4, 1, 1, 1, 1)
    assert "Time used: 60 minutes, the sum over the records of trainings and runs" in lines
    assert any(line.startswith("Time left: 5 of 6 runs and 2 trainings remain") for line in lines)
    end = lines[lines.index("Running now:") :]
    assert end == [
        *("Running now:", f"  {make_job(now).describe()}", "1 job failed:", f"  {make_job(broken).describe()}"),
        *("    no space", "    log: a.log"),
    ]
    write_state(tmp_path / parsed.root, replace(state, birth="of before"))  # the process was killed
    lines = describe()
    assert lines[1].endswith("was stopped: 1 of 9 jobs done. The same command continues")
    assert read_counts(lines)["transfer"] == (4, 1, 0, 1, 2)
    assert "Running now:" not in lines
    write_state(tmp_path / parsed.root, replace(state, ended=600.0))
    assert describe()[1].endswith("ended after 10 minutes: 1 of 9 jobs done")
    write_state(tmp_path / parsed.root, replace(state, host="elsewhere.example"))
    assert "elsewhere.example" in describe()[1] and "cannot be seen from this host" in describe()[1]


def test_a_record_that_cannot_be_read_is_named(study, tmp_path):
    parsed, runs, describe = study
    path = tmp_path / parsed.root / runs[0].folder / "metrics.json"
    path.parent.mkdir(parents=True)
    path.write_text("{", encoding="utf-8")
    assert describe()[-1] == (
        f"1 record cannot be read, such as {path.relative_to(tmp_path)}: delete it to redo its job"
    )
