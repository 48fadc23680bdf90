"""Labels and translations of labels in a study file: what a task gets, and errors that name the key."""

import json

import pytest
from studies import make_study

from isogloss.common.annotation import Annotation
from isogloss.common.errors import UserError
from isogloss.study import recipes
from isogloss.study.config import parse_study
from isogloss.study.grid import plan_runs, read_design
from isogloss.tasks import TASKS

SYNTHETIC = {"synthetic": {"train": 60, "validation": 10, "test": 20}}


MODEL = {"build": "tiny-mt5", "languages": ["de", "en"], "steps": 0}  # a family that has all kinds of task


def parse(kind: str = "ner", **task):
    """Return the only task of a study."""
    own = {"kind": kind, "corpus": SYNTHETIC, **task}
    training = {"tiny": {"adaptation_steps": {5: 3}}}
    return parse_study(make_study(tasks={"own": own}, models={"tiny": MODEL}, training=training)).tasks["own"]


def test_a_task_without_labels_has_those_of_its_kind():
    for task in (parse(), parse(labels=["PER", "LOC", "ORG"])):
        assert task.labels == () and dict(task.map) == {}
        assert task.task is TASKS["ner"]
        assert task.annotation == Annotation("ner")
    assert parse("pos").task is TASKS["pos"]


def test_a_task_has_the_labels_and_the_map_of_the_study():
    task = parse(labels=["PER", "DATE"], map={"PERSON": "PER", "MISC": "O", "B-LOC": "B-PER", 0: "O"})
    assert task.labels == task.task.names == ("PER", "DATE")
    assert task.task.labels == ("O", "B-PER", "I-PER", "B-DATE", "I-DATE")
    mapped = {"PERSON": "PER", "MISC": "O", "B-LOC": "B-PER", "0": "O"}
    assert task.annotation == Annotation("ner", ("PER", "DATE"), mapped)


def test_relations_are_mapped_and_not_named():
    mapped = {"0": "entailment", "1": "neutral", "contradictory": "contradiction", "-": "O"}
    task = parse("nli", map={0: "entailment", 1: "neutral", "contradictory": "contradiction", "-": "O"})
    assert (task.labels, dict(task.map)) == ((), mapped)


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ({"labels": "DATE"}, "config: tasks.own.labels: 'DATE' is not a list; write [DATE]"),
        ({"labels": []}, "config: tasks.own.labels: [] is empty; give at least one value"),
        ({"labels": ["PER", "PER"]}, "config: tasks.own.labels: ['PER', 'PER'] contains duplicates; remove them"),
        ({"labels": [1, 2]}, "config: tasks.own.labels[0]: 1 is not text; write it in quotes"),
        ({"labels": ["B-PER"]}, "config: tasks.own.labels: 'B-PER' is a tag; write the entity type, such as 'PER'"),
        (
            {"map": {"PERSON": "PRE"}},
            "config: tasks.own.map.PERSON: 'PRE' is not a label of this task; write one of LOC ORG PER, or O if the "
            "label is not used, or add it to `labels`",
        ),
        (
            {"labels": ["DATE"], "map": {"Time": "TIME"}},
            "config: tasks.own.map.Time: 'TIME' is not a label of this task; write one of DATE, or O if the label is "
            "not used, or add it to `labels`",
        ),
        (
            {"kind": "nli", "labels": ["yes", "no"]},
            "config: tasks.own.labels: the labels of kind nli are always entailment neutral contradiction; remove this "
            "key; `map` translates the labels in the files",
        ),
        (
            {"kind": "nli", "map": {"yes": "entails"}},
            "config: tasks.own.map.yes: 'entails' is not a label of this task; write one of entailment neutral "
            "contradiction, or O if the label is not used",
        ),
        (
            {"kind": "pos", "labels": ["N", "V"], "map": {"_": "O"}},
            "config: tasks.own.map._: 'O' is not a label of this task; write one of N V",
        ),
        ({"kind": "qa", "labels": ["x"]}, "config: tasks.own.labels: kind qa has no labels; remove this key"),
        ({"kind": "qa", "map": {"x": "O"}}, "config: tasks.own.map: kind qa has no labels; remove this key"),
        ({"map": {"X": 1}}, "config: tasks.own.map.X: 1 is not text; write it in quotes"),
    ],
)
def test_an_error_in_labels_names_the_key(task, message):
    with pytest.raises(UserError) as error:
        parse(**task)
    assert str(error.value) == message


def test_jobs_that_collect_runs_get_the_labels_of_each_task():
    tasks = {
        "usual": {"kind": "ner", "corpus": SYNTHETIC},
        "own": {"kind": "ner", "labels": ["DATE"], "corpus": SYNTHETIC},
    }
    study = parse_study(make_study(tasks=tasks))
    design = read_design(json.loads(recipes.write_design(study)))
    assert {name: task.labels for name, task in design.tasks.items()} == {"usual": (), "own": ("DATE",)}
    assert plan_runs(design) == plan_runs(study)
