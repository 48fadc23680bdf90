"""What snakemake says of the time that a study will take: from its own records, and only of what is not made yet."""

import json
import shutil

import pytest
from studies import make_study

from isogloss.check import check_study
from isogloss.remaining import tell_remaining
from isogloss.study import name_root

GRID = {"sources": ["each"], "n": 30, "shots": [0, 20]}  # in itself, zero-shot and with 20 shots


@pytest.fixture
def study(tmp_path):
    """A study of two languages, its runs, and a function that makes some of them as records of so many seconds."""
    models = {"crf": {"family": "crf"}, "bilstm": {"family": "bilstm-crf"}}
    config, runs, _ = check_study(
        make_study(languages=["de", "en"], models=models, training={}, transfer=GRID), tmp_path
    )
    root = tmp_path / name_root(config)

    def make(made, seconds):
        for run in made:
            steps = 10 if run.model == "bilstm" else None
            records = {root / run.folder / "metrics.json": {"run": {"model": run.model, "shots": run.shots}}}
            if run.finetuned:
                records[root / run.finetuned / "training.json"] = {"budget": {"steps": steps}}
            for path, record in records.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps({**record, "cost": {"wall_seconds": seconds}}), encoding="utf-8")

    return config, runs, make


def test_before_anything_is_made_no_time_is_told(study, tmp_path):
    config, runs, _ = study
    line = tell_remaining(config, runs, tmp_path, 2)
    assert line.startswith("Study small: runs left to make: 12 of 12, trainings before them: 4; no record says yet")


def test_nothing_is_told_of_a_study_that_is_finished(study, tmp_path):
    config, runs, make = study
    make(runs, 60)
    assert tell_remaining(config, runs, tmp_path, 2) is None


def test_the_time_is_that_of_the_runs_without_a_record(study, tmp_path):
    config, runs, make = study
    make(runs, 600)
    lost = [run for run in runs if run.model == "crf" and run.sources == ("de",)]
    assert sorted(run.shots for run in lost) == [0, 0, 20]
    for run in lost:
        shutil.rmtree(tmp_path / name_root(config) / run.folder)
    # Two predictions and an adaptation of ten minutes each; the model trained on German is there.
    told = "Study small: runs left to make: 3 of 12, trainings before them: 0; about 15 minutes with 2 at a time"
    assert tell_remaining(config, runs, tmp_path, 2) == f"{told}, by the records of this study"
    (trained,) = {run.finetuned for run in lost if run.finetuned}
    shutil.rmtree(tmp_path / name_root(config) / trained)
    assert "trainings before them: 1; about 40 minutes in all" in tell_remaining(config, runs, tmp_path, None)


def test_a_model_or_a_kind_of_job_without_a_record_is_named_and_not_counted_as_nothing(study, tmp_path):
    config, runs, make = study
    make([run for run in runs if run.model == "crf" and run.sources == ("de",)], 600)
    line = tell_remaining(config, runs, tmp_path, 1)
    assert "trainings before them: 3; about 40 minutes" in line  # 10 for a training, 2 predictions and an adaptation
    assert line.endswith("by the records of this study, without bilstm, which no record tells of")
    for run in runs:
        if run.model == "crf" and run.shots:
            shutil.rmtree(tmp_path / name_root(config) / run.folder, ignore_errors=True)
    assert "no record says yet how long one takes" in tell_remaining(config, runs, tmp_path, 1)
