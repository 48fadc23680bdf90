"""The config: defaults from the schema, and a clear one-line message for each error."""

import copy

import pytest
import yaml
from model_folders import write_model
from studies import change, make_study

from isogloss.common.errors import UserError
from isogloss.study.config import parse_study
from isogloss.study.reading.schema import read_schema
from isogloss.study.values import Analysis


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("lanugages", ["en"], "config: unknown key 'lanugages'; did you mean 'languages'?"),
        ("languages", ["en", "xx"], "config: languages: unknown language 'xx'"),
        ("languages", ..., "config: the key 'languages' is missing"),
        ("tasks.ner.kind", "nre", "config: tasks.ner.kind: unknown task 'nre'; did you mean 'ner'?"),
        ("tasks.ner.corpus", {"synthetics": {}}, "unknown corpus 'synthetics'; did you mean 'synthetic'?"),
        ("tasks.ner.corpus.synthetic.train", "many", "'many' is not a whole number; write a whole number"),
        ("models.crf.family", "cfr", "config: models.crf.family: unknown family 'cfr'; did you mean 'crf'?"),
        ("models.crf.path", "folder", "config: models.crf.path: a crf has no pre-trained weights; remove this key"),
        ("models.tiny-mt5", {}, "config: models.tiny-mt5: found 0 of the keys build, hub and path; give exactly one"),
        (
            "models.tiny-mt5",
            {"path": "nowhere"},
            "config: models.tiny-mt5.path: nowhere contains no readable config.json",
        ),
        ("models.tiny-mt5.languages", ["en", "q"], "config: models.tiny-mt5.languages: unknown language 'q'"),
        ("models.tiny-mt5.text", "nli", "config: models.tiny-mt5.text: unknown task 'nli'"),
        ("transfer.shots", [0, -3], "config: transfer.shots[1]: -3 is less than the minimum of 0"),
        ("transfer.n", "600", "config: transfer.n: '600' is not a whole number or a list"),
        ("transfer.targets", ["fr"], "config: transfer.targets: 'fr' is not among the study's languages"),
        ("transfer.sources", [["en", "fr"]], "config: transfer.sources: 'fr' is not among the study's languages"),
        ("transfer.shots", [0, 50], "config: training.tiny-mt5.adaptation_steps: no steps for 50 shots"),
        ("training.tiny-mt5.learning_rate", "1e-4", "write 0.0001"),
        ("training.tiny-mt5.lerning_rate", 0.1, "config: training.tiny-mt5: unknown key 'lerning_rate'; did you mean"),
        ("training.crf", {"format": "spans"}, "config: training.crf: unknown key 'format'"),
        ("training.tiny-mt5.format", "span", "config: training.tiny-mt5.format: unknown format 'span'; did you mean"),
        ("training.other", {}, "config: training: unknown model 'other'"),
        ("analysis.cases", ["fr"], "config: analysis.cases: unknown target 'fr'; choose from ar, bn, de"),
        ("analysis.primary.model", "bert", "config: analysis.primary.model: unknown model 'bert'"),
        ("analysis.primary.shots", 7, "config: analysis.primary.shots: no run of tiny-mt5 has 7 shots"),
        (
            "analysis.primary.feature",
            "sintax",
            "config: analysis.primary.feature: unknown feature 'sintax'; did you mean 'syntax'?",
        ),
    ],
)
def test_a_mistake_is_told_in_one_line_that_names_the_key(default_study, path, value, message):
    with pytest.raises(UserError) as caught:
        parse_study(change(default_study, path, value))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_checking_changes_nothing_of_what_was_given(default_study):
    before = copy.deepcopy(default_study)
    parse_study(default_study)
    assert default_study == before


def test_defaults_come_from_the_schema(default_study):
    del default_study["training"], default_study["keep_adapted"], default_study["analysis"]
    study = parse_study(default_study)
    assert study.keep_adapted is True
    assert study.models["tiny-mt5"].recipe["format"] == "sentinel"
    assert study.models["crf"].recipe["max_iterations"] > 0
    assert study.models["tiny-mt5"].origin.steps == 600
    assert study.analysis == Analysis(
        primary=None, permutations=10000, language_model=False, cases=("sw", "bn"), statistics=(), figures=()
    )


def test_every_key_of_the_schema_is_described():
    def walk(schema, where):
        for name, part in schema.get("properties", {}).items():
            assert "description" in part or "$ref" in part, f"{where}.{name}"
            walk(part, f"{where}.{name}")

    schema = read_schema()
    walk(schema, "config")
    for name, part in schema["$defs"].items():
        walk(part, name)


def test_an_optional_key_has_a_default_or_stands_for_what_is_not_there():
    absent = {
        "build",
        "languages",
        "text",
        "hub",
        "path",
        "tasks",
        "models",
        "primary",
        "synthetic",
        "local",
        "revision",
        "family",
        "lora",
        "targets",
        "cases",
        "pretraining",
        "task.labels",
        "task.max_length",
        *(f"corpus-local.{key}" for key in ("columns", "comment", "encoding", "quoting", "split_names")),
        *(f"corpus-hub.{key}" for key in ("config", "columns", "labels", "split_names")),
    }
    schema = read_schema()
    for name, part in [("config", schema), *schema["$defs"].items()]:
        for key, value in part.get("properties", {}).items():
            stands = key in part.get("required", []) or "default" in value
            assert stands or {key, f"{name}.{key}"} & absent, f"{name}.{key}"


@pytest.mark.parametrize("raw", [None, {}, [], "study"])
def test_a_file_without_keys_is_refused(raw):
    with pytest.raises(UserError, match="config: contains no keys; add the keys study, languages, tasks, models and"):
        parse_study(raw)


def test_a_value_that_is_listed_twice_counts_once_and_is_noted():
    grid = {"sources": ["each", "each"], "n": [30, 30], "shots": [5, 0, 5], "seeds": [1, 1, 1], "targets": ["de", "de"]}
    study = parse_study(make_study(transfer=grid))
    once = parse_study(make_study(transfer={"sources": ["each"], "n": 30, "shots": [5, 0], "targets": ["de"]}))
    assert (study.grids, once.notes) == (once.grids, ())
    counts = [("sources", "each", 2), ("n", 30, 2), ("shots", 5, 2), ("seeds", 1, 3), ("targets", "de", 2)]
    assert study.notes == tuple(
        f"config: transfer.{key}: {value} is listed {count} times and used once" for key, value, count in counts
    )


def test_every_study_in_the_project_is_valid(project, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in [project / "config.yaml", *sorted((project / "studies").glob("*.yaml"))]:
        study = yaml.safe_load(path.read_text(encoding="utf-8"))
        # Files that git ignores: planning reads the languages of a local corpus and the family of a model from them.
        for task in study["tasks"].values():
            for code in study["languages"] if "local" in task["corpus"] else ():
                (tmp_path / task["corpus"]["local"] / code).mkdir(parents=True, exist_ok=True)
        for model in study["models"].values():
            if "path" in model:
                write_model(tmp_path / model["path"])
        assert parse_study(study).name
