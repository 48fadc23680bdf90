"""Recipes: labels are part of them only for a task whose labels are not the usual ones."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from studies import PROJECT, make_study

from isogloss.study import recipes
from isogloss.study.config import parse_study
from isogloss.study.grid import plan_runs
from isogloss.study.values import Study

KEYS = {
    "corpus": {"kind", "corpus", "entries"},
    "trimming": {"kinds"},
    "finetune": {"kind", "family", "entries"},
    "transfer": {"kind", "family", "entries"},
    "design": {"languages", "tasks", "models", "grids", "recipes"},
}
"""Recipe -> its keys that do not belong to the version or the recipe of a family."""


@pytest.fixture
def default() -> dict[str, Any]:
    return yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8"))


def list_recipes(study: Study) -> Iterator[tuple[str, str, str]]:
    """Yield (recipe, task, text) for each recipe of a study that depends on tasks."""
    for task in study.tasks:
        yield "corpus", task, recipes.write_corpus_recipe(study, task)
        yield from (("finetune", task, recipes.write_finetune_recipe(study, task, name)) for name in study.models)
    yield from (("trimming", "", recipes.write_trim_recipe(study, name)) for name in study.models)
    yield from (("transfer", run.task, recipes.write_transfer_recipe(study, run)) for run in plan_runs(study))
    yield "design", "", recipes.write_design(study)


def test_the_default_study_has_the_recipes_that_it_had_before_tasks_had_labels(default):
    before = list(list_recipes(parse_study(default)))
    assert len({kind for kind, _, _ in before}) == len(KEYS) and len(before) > 200
    for kind, _, text in before:
        recipe = json.loads(text)
        options = {"version", *(key for model in default["training"].values() for key in model)}
        assert KEYS[kind] <= recipe.keys()
        assert not recipe.keys() & {"labels", "map"}
        assert "labels" not in json.dumps(recipe.get("tasks", {}))
        if kind in ("corpus", "trimming", "design"):
            assert recipe.keys() - options == KEYS[kind]
    named = copy.deepcopy(default)
    named["tasks"]["ner"] |= {"labels": ["PER", "ORG", "LOC"], "map": {}}
    assert list(list_recipes(parse_study(named))) == before


def test_other_labels_are_part_of_every_recipe_that_uses_them():
    corpus = {"synthetic": {"train": 60, "validation": 10, "test": 20}}
    own = {"kind": "ner", "corpus": corpus, "labels": ["DATE", "PER"], "map": {"TIME": "DATE"}}
    tiny = {"build": "tiny-mt5", "languages": ["de", "en"], "steps": 0}
    models = {"crf": {"family": "crf"}, "tiny": tiny}
    tasks = {"own": own, "usual": {"kind": "ner", "corpus": corpus}}
    study = parse_study(make_study(tasks=tasks, models=models, training={"tiny": {"adaptation_steps": {5: 3}}}))
    found = {(kind, task, json.loads(text).get("labels") is not None) for kind, task, text in list_recipes(study)}
    assert found == {
        *((kind, "own", True) for kind in ("corpus", "finetune", "transfer")),
        *((kind, "usual", False) for kind in ("corpus", "finetune", "transfer")),
        ("trimming", "", True),
        ("design", "", False),
    }
    corpus_recipe = json.loads(recipes.write_corpus_recipe(study, "own"))
    assert (corpus_recipe["labels"], corpus_recipe["map"]) == (["DATE", "PER"], {"TIME": "DATE"})
    assert json.loads(recipes.write_trim_recipe(study, "tiny"))["labels"] == {"own": ["DATE", "PER"]}
    with_map = [kind for kind, _, text in list_recipes(study) if "TIME" in text]
    assert with_map == ["corpus"]
    design = json.loads(recipes.write_design(study))["tasks"]
    assert design["own"]["labels"] == ["DATE", "PER"] and "labels" not in design["usual"]


def test_a_map_alone_changes_only_how_the_corpus_is_read(default):
    mapped = copy.deepcopy(default)
    mapped["tasks"]["ner"]["map"] = {"PERSON": "PER"}
    before, after = (list(list_recipes(parse_study(raw))) for raw in (default, mapped))
    changed = {one[0] for one, other in zip(before, after, strict=True) if one != other}
    assert changed == {"corpus"}
