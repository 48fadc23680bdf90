"""A study is an immutable value, and the part of it that jobs get defines the same runs."""

import copy
import dataclasses
import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from studies import make_hub_study, make_study
from tiny_models import build_encoder

from isogloss.common.run import Run
from isogloss.study.config import parse_study
from isogloss.study.grid import Design, count_need, name_pretraining, name_strategies, plan_runs, read_design
from isogloss.study.products import find_weights
from isogloss.study.recipes import write_design
from isogloss.study.values import Built, Fetched, Local, Study, Variant

TINY = {"build": "tiny-mt5", "languages": ["de", "en"], "steps": 0}
PRETRAINED = {**TINY, "pretraining": {"strategies": ["none", "in-language", "all", ["de", "en"]], "tokens": 61440}}
HUB = {
    "ner": {"kind": "ner", "corpus": {"hub": {"dataset": "google/xtreme"}}},
    "nli": {"kind": "nli", "corpus": {"hub": {"dataset": "facebook/xnli"}}},
    "qa": {
        "kind": "qa",
        "corpus": {"hub": {"dataset": "google-research-datasets/tydiqa"}},
        "test_corpora": {"xquad": {"hub": {"dataset": "google/xquad"}}},
        "max_length": 384,
    },
}
STUDIES = {
    "single": make_study(),
    "joint": make_study(
        models={"crf": {"family": "crf"}, "tiny": TINY},
        training={"tiny": {"adaptation_steps": {5: 3}}},
        transfer={
            "sources": ["each"],
            "n": 30,
            "shots": [0, 5],
            "adaptation": ["sequential", "joint"],
            "seeds": [1, 2],
        },
    ),
    "several": make_study(
        transfer=[
            {"sources": ["each", "none", "nearest-1"], "n": [30, 60], "shots": [0, 5]},
            {"sources": ["all-others", ["de", "en"]], "n": 30, "shots": [0], "budgets": ["equal-per-source"]},
        ]
    ),
    "self-supervised": make_study(
        models={"tiny": PRETRAINED},
        training={"tiny": {"adaptation_steps": {5: 3}}},
        transfer={"sources": ["none"], "n": 30, "shots": [5]},
    ),
    "tasks": make_study(
        languages=["de", "en", "fi", "sw"],
        tasks=HUB,
        models={
            "mt5": {"hub": "google/mt5-small", "trim_vocabulary": True},
            "xlmr": {"hub": "FacebookAI/xlm-roberta-base"},
        },
        training={
            "mt5": {"adaptation_steps": {5: 3}},
            "xlmr": {"adaptation_steps": {5: 3}, "lora": {"rank": 4}},
        },
    ),
    "test corpora": make_hub_study("own", {"synthetic": {"train": 20, "validation": 10, "test": 10}}),
    "statistics": make_study(
        models={"crf": {"family": "crf"}, "tiny": TINY},
        training={"tiny": {"adaptation_steps": {5: 3}}},
        analysis={
            "language_model": True,
            "primary": {"task": "ner", "model": "tiny", "shots": 0, "feature": "lm_loss_source"},
        },
    ),
}


@pytest.fixture(params=list(STUDIES))
def raw(request) -> dict[str, Any]:
    """Return a parsed study file of each kind."""
    return copy.deepcopy(STUDIES[request.param])


def walk(value: Any, where: str = "study") -> Iterator[tuple[str, Any]]:
    """Yield every part of a value with its path."""
    yield where, value
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from walk(getattr(value, field.name), f"{where}.{field.name}")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from walk(item, f"{where}[{key}]")
    elif isinstance(value, tuple | list | set):
        for place, item in enumerate(value):
            yield from walk(item, f"{where}[{place}]")


def refuse_changes(whole: Study | Design) -> None:
    """Assert that no part of a value can be changed."""
    for where, part in walk(whole):
        assert not isinstance(part, dict | list | set), where
        if dataclasses.is_dataclass(part):
            for field in dataclasses.fields(part):
                with pytest.raises(dataclasses.FrozenInstanceError):
                    setattr(part, field.name, None)
        elif isinstance(part, Mapping):
            assert isinstance(part, MappingProxyType), where
            with pytest.raises(TypeError, match="does not support item assignment"):
                part["key"] = None


def test_no_part_of_a_study_can_be_changed(raw):
    study = parse_study(raw)
    refuse_changes(study)
    refuse_changes(read_design(json.loads(write_design(study))))


def test_parsing_changes_nothing_of_what_it_is_given(raw):
    before = copy.deepcopy(raw)
    study = parse_study(raw)
    assert raw == before
    plan_runs(study)
    write_design(study)
    assert raw == before


def test_a_study_does_not_change_with_the_file_that_it_was_parsed_from(raw):
    study, same = parse_study(raw), parse_study(copy.deepcopy(raw))
    raw["languages"].append("sw")
    for part in [*raw["tasks"].values(), *raw["models"].values(), *raw["training"].values()]:
        part.clear()
    assert study == same


def test_a_job_that_is_given_the_design_plans_the_same(raw):
    study = parse_study(raw)
    design = read_design(json.loads(write_design(study)))
    runs = plan_runs(study)
    assert plan_runs(design) == runs and runs
    assert all(isinstance(run, Run) and isinstance(run.sources, tuple) for run in runs)
    assert name_strategies(design) == name_strategies(study)
    assert name_pretraining(design) == name_pretraining(study)
    for task in study.tasks:
        assert count_need(plan_runs(design), task) == count_need(runs, task)
    assert write_design(parse_study(raw)) == write_design(study)


def test_the_weights_of_a_model_come_from_where_the_study_says(tmp_path):
    folder = build_encoder(tmp_path / "encoder")
    models = {
        "crf": {"family": "crf"},
        "built": {**TINY, "steps": 20, "vocabulary": 700},
        "fetched": {"hub": "google/mt5-small", "revision": "refs/pr/5"},
        "own": {"path": str(folder)},
        "arms": {**TINY, "pretraining": {"strategies": ["in-language"], "tokens": 61440}},
    }
    grid = {"sources": ["none"], "n": 30, "shots": [5]}
    steps = {name: {"adaptation_steps": {5: 3}} for name in models if name != "crf"}
    study = parse_study(make_study(languages=["de", "en"], models=models, training=steps, transfer=grid))
    assert {name: model.origin for name, model in study.models.items()} == {
        "crf": None,
        "built": Built(recipe="tiny-mt5", languages=("de", "en"), text="ner", steps=20, vocabulary=700),
        "fetched": Fetched(repository="google/mt5-small", revision="refs/pr/5"),
        "own": Local(path=str(folder)),
        "arms@none": Built(recipe="tiny-mt5", languages=("de", "en"), text="ner", steps=0, vocabulary=4000),
        "arms@de": make_variant("de"),
        "arms@en": make_variant("en"),
    }
    assert [model.name for model in study.list_origins(Variant)] == ["arms@de", "arms@en"]
    assert {name for name, model in study.models.items() if model.is_variant} == {"arms@de", "arms@en"}
    assert find_weights(study, "arms@de") is study.models["arms@none"]
    assert find_weights(study, "own") is study.models["own"]
    assert {name: model.base for name, model in study.models.items() if model.base != name} == {
        "arms@none": "arms",
        "arms@de": "arms",
        "arms@en": "arms",
    }
    assert {name: model.targets for name, model in study.models.items() if model.targets is not None} == {
        "arms@none": {},
        "arms@de": {"de": ("in-language",)},
        "arms@en": {"en": ("in-language",)},
    }


def make_variant(language: str) -> Variant:
    """Return the origin of a variant of the model `arms`; 61440 tokens are 60 steps of 16 segments of 64 tokens."""
    return Variant(
        start="arms@none",
        languages=(language,),
        text="ner",
        segment=64,
        batch_size=16,
        learning_rate=0.0003,
        steps=60,
    )
