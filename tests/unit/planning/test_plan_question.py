"""The studies of the research question: their arms are points of the grid, with the counts that the studies state."""

import re
from collections import Counter

import pytest
import yaml
from studies import PROJECT

from isogloss.planning.estimate import count_work
from isogloss.planning.plan import count_jobs
from isogloss.study.check import check_study
from isogloss.study.config import parse_study
from isogloss.study.grid import name_pretraining, name_strategies, plan_runs
from isogloss.study.reading.yaml_file import read_config

SHARED = PROJECT.parent / "shared"
STUDIES = PROJECT / "studies"


@pytest.fixture
def at_hand(tmp_path, monkeypatch):
    """Return a folder with the data that the local studies use; skip the test if the data do not exist."""
    for source, name in ((SHARED / "data/panx", "data/panx"), (SHARED / "models", "data/models")):
        if not source.is_dir():
            pytest.skip("no real samples next to the project")
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).symlink_to(source)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_question_is_212_runs_a_seed_from_29_trainings(at_hand):
    study, runs, *_ = check_study(read_config(STUDIES / "question.yaml"), at_hand)
    jobs = count_jobs(study, runs)
    assert (len(runs), jobs["finetune"], jobs["transfer"], jobs["adapt"]) == (2 * 212, 2 * 29, 2 * 120, 2 * 92)
    assert (jobs["runs"], jobs["multi_source"]) == (1, 1)
    names = name_strategies(study)
    arms = Counter(
        (name, run.shots) for run in runs if run.seed == 1 for name in names[run.target, run.sources] if name != "each"
    )
    assert {shots for _, shots in arms} == {0, 10, 100}
    for shots in (10, 100):
        assert [arms[name, shots] for name in ("none", "en", "nearest-1", "nearest-3", "all-others")] == [
            10,
            9,
            10,
            10,
            10,
        ]
    assert arms["none", 0] == 0
    assert {run.n for run in runs if run.sources} == {600}
    assert [run for run in runs if len(run.sources) > 1 and run.target in run.sources] == []
    # 150 steps per training, 20 or 40 steps per adaptation.
    work = count_work(study, runs, ["minilm"])
    assert (work.training_steps, work.adaptation_steps) == (58 * 150, 92 * 20 + 92 * 40)


def test_joint_is_held_against_sequential_on_the_same_arms(at_hand):
    study, runs, *_ = check_study(read_config(STUDIES / "question-joint.yaml"), at_hand)
    ways = Counter((run.adaptation, run.shots) for run in runs if run.sources and not run.in_language)
    assert ways == {
        ("direct", 0): 12,
        ("sequential", 10): 12,
        ("sequential", 100): 12,
        ("joint", 10): 12,
        ("joint", 100): 12,
    }
    assert len(runs) == 2 * 36
    assert study.analysis.cases == ("sw", "bn")


def test_the_other_sense_is_31_models_and_120_runs_a_seed(at_hand):
    study, runs, *_ = check_study(read_config(STUDIES / "question-selfsupervised.yaml"), at_hand)
    jobs = count_jobs(study, runs)
    assert (len(runs), jobs["adapt"], jobs["pretrain_model"], jobs["build_model"]) == (2 * 120, 2 * 120, 30, 1)
    assert (jobs["runs"], jobs["self_supervised"], sum(jobs.values())) == (1, 1, 291)
    assert not {"finetune", "transfer", "few_shot", "effects", "subword_overlap"} & set(jobs)
    pretrained = name_pretraining(study)
    arms = Counter((name, run.shots) for run in runs for name in pretrained[run.target, run.model])
    assert set(arms.values()) == {20} and len(arms) == 6 * 2
    assert {model.origin.steps for model in study.models.values() if model.is_variant} == {600}


def test_the_full_study_is_planned_without_its_data():
    study = parse_study(yaml.safe_load((STUDIES / "question-mt5.yaml").read_text(encoding="utf-8")))
    runs = plan_runs(study)
    assert {run.shots for run in runs} == {0, 10, 50, 100, 500}
    assert {run.seed for run in runs} == {1, 2, 3, 4, 5}
    assert {run.n for run in runs if len(run.sources) == 9} == {800, 7200}
    assert {run.n for run in runs if len(run.sources) == 3} == {800, 2400}
    assert len(runs) == 4500


@pytest.mark.parametrize("name", ["question", "question-joint", "question-mt5", "question-selfsupervised"])
def test_every_line_is_commented(name):
    lines = (STUDIES / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    entries = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    assert [line for line in entries if not re.search(r"\S  +# \w+", line)] == []
    assert max(map(len, lines)) <= 125
