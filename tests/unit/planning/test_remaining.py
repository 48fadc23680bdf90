"""The message about the remaining time of a study, which uses only its own records and counts only missing runs."""

import json
import shutil

import pytest
from studies import make_study

from isogloss.planning.remaining import describe_remaining
from isogloss.study.check import check_study
from isogloss.study.products import place_trained

GRID = {"sources": ["each"], "n": 30, "shots": [0, 20]}  # in-language, zero-shot and with 20 shots


@pytest.fixture
def study(tmp_path):
    """Return a study of two languages, its runs, and a function that writes records of given seconds for some runs."""
    models = {"crf": {"family": "crf"}, "bilstm": {"family": "bilstm-crf"}}
    parsed, runs, *_ = check_study(
        make_study(languages=["de", "en"], models=models, training={}, transfer=GRID), tmp_path
    )
    root = tmp_path / parsed.root

    def make(made, seconds):
        for run in made:
            steps = 10 if run.model == "bilstm" else None
            records = {root / run.folder / "metrics.json": {"run": {"model": run.model, "shots": run.shots}}}
            if trained := place_trained(run):
                records[root / trained / "training.json"] = {"budget": {"steps": steps}}
            for path, record in records.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps({**record, "cost": {"wall_seconds": seconds}}), encoding="utf-8")

    return parsed, runs, make


def test_before_anything_is_made_no_time_is_told(study, tmp_path):
    parsed, runs, _ = study
    line = describe_remaining(parsed, runs, tmp_path, 2)
    assert line.startswith("Study small: 12 of 12 runs and 4 trainings remain; no records to estimate their time")


def test_nothing_is_told_of_a_study_that_is_finished(study, tmp_path):
    parsed, runs, make = study
    make(runs, 60)
    assert describe_remaining(parsed, runs, tmp_path, 2) is None


def test_the_time_is_that_of_the_runs_without_a_record(study, tmp_path):
    parsed, runs, make = study
    make(runs, 600)
    lost = [run for run in runs if run.model == "crf" and run.sources == ("de",)]
    assert sorted(run.shots for run in lost) == [0, 0, 20]
    for run in lost:
        shutil.rmtree(tmp_path / parsed.root / run.folder)
    # Two predictions and an adaptation of ten minutes each; the model trained on German exists.
    told = "Study small: 3 of 12 runs and 0 trainings remain; about 15 minutes on 2 cores"
    assert describe_remaining(parsed, runs, tmp_path, 2) == f"{told}, estimated from the records of this study"
    assert "about 10 minutes on 64 cores" in describe_remaining(parsed, runs, tmp_path, 64)  # a job is not split
    (trained,) = {folder for run in lost if (folder := place_trained(run))}
    shutil.rmtree(tmp_path / parsed.root / trained)
    line = describe_remaining(parsed, runs, tmp_path, None)
    assert "1 training remain; about 40 minutes if jobs run one at a time" in line


def test_models_that_want_a_gpu_run_one_on_each(study, tmp_path, monkeypatch):
    parsed, runs, make = study
    left = [run for run in runs if run.model == "crf" and not run.shots]
    make(runs, 3600)
    for run in left[1:]:
        shutil.rmtree(tmp_path / parsed.root / run.folder)
    monkeypatch.setattr("isogloss.planning.remaining.is_accelerated", lambda study, model: True)
    hours = {gpus: describe_remaining(parsed, left, tmp_path, 16, gpus) for gpus in (None, 1, 4)}
    assert "about 1.5 hours on 16 cores" in hours[None]  # three predictions; two 8-thread jobs run at a time
    assert "about 3.0 hours on 16 cores" in hours[1]
    assert "about 1.5 hours on 16 cores" in hours[4]


def test_a_model_or_a_kind_of_job_without_a_record_is_named_and_not_counted_as_nothing(study, tmp_path):
    parsed, runs, make = study
    make([run for run in runs if run.model == "crf" and run.sources == ("de",)], 600)
    line = describe_remaining(parsed, runs, tmp_path, 1)
    assert "3 trainings remain; about 40 minutes" in line  # 10 for a training, 2 predictions and an adaptation
    assert line.endswith("estimated from the records of this study, without bilstm, which has no records")
    for run in runs:
        if run.model == "crf" and run.shots:
            shutil.rmtree(tmp_path / parsed.root / run.folder, ignore_errors=True)
    assert "no records to estimate their time" in describe_remaining(parsed, runs, tmp_path, 1)


def test_predictions_that_no_record_tells_of_are_said_not_to_be_counted(study, tmp_path):
    parsed, runs, make = study
    make(runs, 600)
    own = [run for run in runs if run.model == "bilstm"]
    for run in own:
        shutil.rmtree(tmp_path / parsed.root / run.folder)
    line = describe_remaining(parsed, own, tmp_path, 1)
    assert "0 trainings remain; about " in line
    assert line.endswith("estimated from the records of this study, without prediction time of bilstm")


def test_a_record_that_cannot_be_read_is_named_and_stops_nothing(study, tmp_path):
    parsed, runs, make = study
    make(runs[1:], 600)
    path = tmp_path / parsed.root / runs[1].folder / "metrics.json"
    for damaged in ("", "null", '{"cost": {"wall_seconds": 1}}'):
        path.write_text(damaged, encoding="utf-8")
        told = f"their time cannot be estimated: {path}: cannot be read as a record; delete it to recompute it"
        assert describe_remaining(parsed, runs, tmp_path, 1).endswith(f"; {told}")


def test_arms_that_were_pre_trained_are_no_trainings_that_are_left(default_study, tmp_path):
    tiny = default_study["models"]["tiny-mt5"]
    tiny.update(steps=0, pretraining={"strategies": ["none", "in-language"], "tokens": 61440})
    default_study["models"] = {"tiny-mt5": tiny}
    default_study["training"].pop("crf", None)
    default_study["transfer"].update(sources=["none"], shots=[20])
    del default_study["analysis"]["primary"]
    parsed, runs, *_ = check_study(default_study, tmp_path)
    assert "20 of 20 runs and 10 trainings remain;" in describe_remaining(parsed, runs, tmp_path, 2)
    root = tmp_path / parsed.root
    arm, start = (next(run for run in runs if run.model.endswith(end)) for end in ("@bn", "@none"))
    records = {root / "models" / arm.model / "pretraining.json": {"steps": 60, "cost": {"wall_seconds": 600}}}
    for run, seconds in ((arm, 60), (start, 180)):
        cost = {"cost": {"wall_seconds": seconds}}
        records[root / run.folder / "metrics.json"] = {"run": {"model": run.model, "shots": 20}, **cost}
    for path, record in records.items():
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(record), encoding="utf-8")
    # 9 variants of 10 minutes; 18 runs of two minutes, the mean of the two that have records.
    line = describe_remaining(parsed, runs, tmp_path, 1)
    assert "18 of 20 runs and 9 trainings remain; about 2.1 hours on 1 core" in line
