"""Pre-trained variants: which of them a study has, for which targets, and a one-line message for each error."""

import json
from collections import Counter

import pytest
from studies import change, make_study
from tiny_models import build_encoder

import isogloss.runs.pretraining
from isogloss.common.annotation import Annotation
from isogloss.common.errors import UserError
from isogloss.common.examples import TaggedSentence, read_examples, write_examples
from isogloss.corpora.build import build_corpus
from isogloss.planning.estimate import Pace, count_work, estimate_seconds, group_models, measure_pace
from isogloss.provenance.inputs import Inputs
from isogloss.runs.pretraining import pretrain_model
from isogloss.study import recipes
from isogloss.study.check import check_study
from isogloss.study.config import parse_study
from isogloss.study.grid import name_pretraining, plan_runs, read_design
from isogloss.study.pretraining import count_updates
from isogloss.study.products import list_models, list_needed, place_model
from isogloss.study.recipes import write_design
from isogloss.study.values import PretrainingPlan

ARMS = ["none", "in-language", "nearest-1", "nearest-3", "all-others", "all"]


@pytest.fixture
def arms_study(default_study) -> dict:
    """Return the default study with six pre-training arms of its model, without sources."""
    default_study["models"] = {"tiny-mt5": {**default_study["models"]["tiny-mt5"], "steps": 0}}
    default_study["models"]["tiny-mt5"]["pretraining"] = {"strategies": ARMS, "tokens": 61440}
    default_study["transfer"].update(sources=["none"], seeds=[1, 2], shots=[20, 100])
    del default_study["analysis"]["primary"]
    return default_study


def test_targets_with_the_same_languages_share_a_model(arms_study, tmp_path):
    study, runs, *_ = check_study(arms_study, tmp_path)
    sizes = Counter(0 if name.endswith("@none") else name.count("+") + 1 for name in study.models)
    assert sizes == {0: 1, 1: 10, 3: 9, 9: 10, 10: 1}
    # 10 targets x 2 shots x 2 seeds in each of 6 arms.
    assert len(runs) == 240
    assert Counter(run.model.count("+") + 1 for run in runs) == {1: 3 * 40, 3: 40, 9: 40, 10: 40}
    assert {run.target for run in runs if run.model == "tiny-mt5@bn"} == {"bn", "hi"}
    names = name_pretraining(study)
    assert names["bn", "tiny-mt5@bn"] == ("in-language",)
    assert names["hi", "tiny-mt5@bn"] == ("nearest-1",)
    assert names["sw", "tiny-mt5@ar+bn+de+en+es+fi+hi+id+ru"] == ("all-others",)
    assert sum(len(arms) for arms in names.values()) == 60


def test_all_arms_have_one_start_one_recipe_and_one_budget(arms_study, tmp_path):
    study, runs, *_ = check_study(arms_study, tmp_path)
    used = list_models(study, runs)
    arms = [model for model in used if study.models[model].is_variant]
    assert (len(used), len(arms)) == (31, 30)
    assert {study.models[model].origin.start for model in arms} == {"tiny-mt5@none"}
    assert len({recipes.write_pretraining_recipe(study, model) for model in arms}) == 1
    assert json.loads(recipes.write_pretraining_recipe(study, arms[0]))["steps"] == 60 == 61440 / (64 * 16)
    assert len({recipes.write_transfer_recipe(study, run) for run in runs if run.shots == 20}) == 1
    assert place_model(study, "tiny-mt5@bn") == "results/default/models/tiny-mt5@bn"
    assert json.loads(recipes.write_model_recipe(study, "tiny-mt5@none"))["steps"] == 0


def test_the_start_is_made_for_arms_that_it_is_none_of(arms_study, tmp_path):
    arms_study["models"]["tiny-mt5"]["pretraining"]["strategies"] = ["all"]
    study, runs, *_ = check_study(arms_study, tmp_path)
    assert {run.model for run in runs} == {"tiny-mt5@ar+bn+de+en+es+fi+hi+id+ru+sw"}
    assert list_models(study, runs) == ["tiny-mt5@none", "tiny-mt5@ar+bn+de+en+es+fi+hi+id+ru+sw"]


def test_the_grid_of_the_aggregates_gives_the_same_runs(arms_study, tmp_path):
    study, runs, *_ = check_study(arms_study, tmp_path)
    design = read_design(json.loads(write_design(study)))
    assert plan_runs(design) == runs
    assert name_pretraining(design) == name_pretraining(study)
    written = json.loads(write_design(parse_study(make_study())))
    assert written["models"] == {"crf": {"family": "crf", "targets": None, "text": ""}}


def test_text_of_languages_that_no_target_needs_is_needed_all_the_same(arms_study, tmp_path):
    arms_study["transfer"]["targets"] = ["sw"]
    study, runs, *_ = check_study(arms_study, tmp_path)
    assert len(study.models) == 6
    assert list_needed(study, "ner") == arms_study["languages"]
    assert {run.target for run in runs} == {"sw"}


@pytest.mark.parametrize(("tokens", "updates"), [(1024, 1), (614400, 600), (614400 + 511, 600), (1537, 2)])
def test_a_budget_is_rounded_to_whole_updates(tokens, updates):
    plan = PretrainingPlan(("all",), "ner", tokens, segment=64, batch_size=16, learning_rate=0.001)
    assert count_updates(plan) == updates


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("strategies", ["nearest-10"], "needs 10 sources for ar, but the study has 9 other languages"),
        ("strategies", ["closest"], "config: models.tiny-mt5.pretraining.strategies: unknown strategy 'closest'"),
        ("strategies", [["en", "fr"]], "pretraining.strategies: 'fr' is not among the study's languages"),
        ("strategies", [], "config: models.tiny-mt5.pretraining.strategies: [] is empty; give at least one value"),
        (
            "tokens",
            1023,
            "pretraining.tokens: is 1023, but 10 languages and a batch of 16 need at least one segment of 64 tokens "
            "each; set it to 1024 or more",
        ),
        ("batch_size", 1, "61440 tokens"),
        ("tokns", 5, "unknown key 'tokns'; did you mean 'tokens'?"),
    ],
)
def test_a_mistake_is_told_in_one_line(arms_study, tmp_path, path, value, message):
    spec = arms_study["models"]["tiny-mt5"]["pretraining"]
    if path == "batch_size":
        spec.update(batch_size=1, segment=1024, tokens=9000)
        message = (
            "is 9000, but 10 languages and a batch of 1 need at least one segment of 1024 tokens each; set it to 10240"
        )
    else:
        spec[path] = value
    with pytest.raises(UserError) as caught:
        check_study(arms_study, tmp_path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            "models.tiny-mt5.steps",
            600,
            "models.tiny-mt5.steps: the variants of a built model start from random weights, but steps is",
        ),
        ("models.tiny-mt5@bn", {"family": "crf"}, "models.tiny-mt5@bn: a variant of tiny-mt5 could have this name"),
        (
            "models.crf",
            {"family": "crf", "pretraining": {"strategies": ["all"], "tokens": 9999}},
            "family of this model is crf",
        ),
        (
            "analysis.primary",
            {"task": "ner", "model": "tiny-mt5", "shots": 20, "feature": "syntax"},
            "analysis.primary.model: tiny-mt5 has several variants",
        ),
        ("transfer.models", ["crf"], "models.tiny-mt5.pretraining: no grid has runs of this model"),
    ],
)
def test_what_does_not_go_with_arms_is_refused(arms_study, tmp_path, path, value, message):
    if path == "transfer.models":
        arms_study["models"]["crf"] = {"family": "crf"}
    with pytest.raises(UserError, match=message):
        check_study(change(arms_study, path, value), tmp_path)


def test_an_encoder_is_refused(arms_study, tmp_path):
    folder = build_encoder(tmp_path / "encoder")
    arms_study["models"]["tiny-mt5"] = {"path": str(folder), "pretraining": {"strategies": ["all"], "tokens": 9999}}
    del arms_study["training"]
    message = "pretraining: span corruption needs a text-to-text model, but the family of this model is encoder"
    with pytest.raises(UserError, match=message):
        check_study(arms_study, tmp_path)


def test_a_language_without_text_is_refused(arms_study, panx, tmp_path):
    folder = tmp_path / "panx"
    folder.mkdir()
    for language in ("de", "en", "sw"):
        (folder / language).symlink_to(panx / language)
    arms_study["languages"] = ["de", "en", "fi", "sw"]
    arms_study["models"]["tiny-mt5"]["languages"] = ["de", "en", "sw"]
    arms_study["tasks"]["ner"]["corpus"] = {"local": str(folder)}
    strategies = arms_study["models"]["tiny-mt5"]["pretraining"]["strategies"] = ["all", "in-language", "nearest-2"]
    study, runs, *_ = check_study(arms_study, tmp_path)
    assert {run.target for run in runs} == {"de", "en", "sw"}
    assert "tiny-mt5@de+en+sw" in study.models
    strategies.append(["de", "fi"])
    with pytest.raises(UserError, match=r"strategies: de\+fi: tasks.ner has no text in fi; leave fi out"):
        check_study(arms_study, tmp_path)


def test_a_planted_test_sentence_is_not_read(tmp_path, monkeypatch):
    """It is in the training file twice. The audit removes it, and pre-training reads the remaining sentences."""
    build_corpus(
        {"synthetic": {"train": 60, "validation": 10, "test": 20}}, "de", Annotation("ner"), tmp_path / "made", need=0
    )
    files = tmp_path / "files/de"
    files.mkdir(parents=True)
    test = read_examples(tmp_path / "made/test.parquet")
    train, held_out = (read_examples(tmp_path / f"made/{split}.parquet") for split in ("train", "validation"))
    for name, examples in (("train", [test[3], *train, test[3]]), ("dev", held_out), ("test", test)):
        blocks = ["".join(f"{t}\t{g}\n" for t, g in zip(one.tokens, one.tags, strict=True)) for one in examples]
        (files / f"{name}.tsv").write_text("\n".join(blocks), encoding="utf-8")
    build_corpus({"local": str(tmp_path / "files")}, "de", Annotation("ner"), tmp_path / "de", need=0)
    received = {}

    def receive(start, text, recipe, folder, *, threads):
        received.update(text)
        return {"languages": sorted(text)}

    monkeypatch.setattr(isogloss.runs.pretraining, "continue_pretraining", receive)
    text = {"de": tmp_path / "de/train.parquet"}
    pretrain_model(tmp_path / "start", text, {}, tmp_path / "out", Inputs(tmp_path), threads=1)
    assert len(received["de"]) == len(train)
    assert not set(received["de"]) & {" ".join(one.tokens) for one in test}
    # Were it left in, it would be seen.
    left = [TaggedSentence(one.id, "de", one.tokens, one.tags) for one in [*train, test[3]]]
    text = {"de": tmp_path / "leak/de/train.parquet"}
    write_examples(text["de"], left, TaggedSentence)
    pretrain_model(tmp_path / "start", text, {}, tmp_path / "out", Inputs(tmp_path), threads=1)
    assert " ".join(test[3].tokens) in received["de"]


def test_the_hours_of_arms_stand_in_one_row(arms_study, tmp_path):
    study, runs, *_ = check_study(arms_study, tmp_path)
    groups = group_models(study, runs)
    assert list(groups) == ["tiny-mt5"]
    work = count_work(study, runs, groups["tiny-mt5"])
    assert (work.pretrainings, work.pretraining_steps) == (30, 30 * 60)
    assert (work.trainings, work.training_steps, work.adaptation_steps) == (0, 0, 120 * 12 + 120 * 30)
    assert estimate_seconds(work, Pace(0.5))[0] == (1800 + 5040) * 0.5
    path = tmp_path / "done/models/tiny-mt5@bn/pretraining.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"steps": 60, "cost": {"wall_seconds": 6.0}}))
    path = tmp_path / "done/transfer/ner/tiny-mt5@bn/none/n-0/bn/shots-20/sequential/seed-1/metrics.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"run": {"model": "tiny-mt5@bn", "shots": 20}, "cost": {"wall_seconds": 2.0}}))
    pace = measure_pace(tmp_path / "done")["tiny-mt5"]
    assert pace == Pace(step=None, adaptation=2.0, pretraining_step=0.1)
    assert estimate_seconds(work, pace) == (pytest.approx(1800 * 0.1 + 240 * 2.0), True)
