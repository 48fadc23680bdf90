"""Properties of a model that are read before loading it, and how the config uses them."""

import json
import os
import re
from pathlib import Path

import numpy
import pytest

from isogloss.common.errors import UserError
from isogloss.families.folder import check_folder, digest_folder, guess_family, measure_weights, read_family
from isogloss.study.check import check_study
from isogloss.study.config import parse_study
from isogloss.study.grid import plan_runs
from isogloss.study.products import place_model, place_trained, place_whole_model
from isogloss.study.recipes import is_accelerated, write_pretraining_recipe, write_transfer_recipe

BERT = {"model_type": "bert", "architectures": ["BertModel"]}
MT5 = {"model_type": "mt5", "architectures": ["MT5ForConditionalGeneration"], "is_encoder_decoder": True}
GPT = {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}


def write_folder(folder: Path, config: dict | str, *files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(config if isinstance(config, str) else json.dumps(config), encoding="utf-8")
    for name in files:
        (folder / name).write_bytes(b"weights")
    return folder


def make_study(**model) -> dict:
    return {
        "study": "s",
        "languages": ["de", "en"],
        "tasks": {"ner": {"kind": "ner", "corpus": {"synthetic": {}}}},
        "models": {"one": model},
        "transfer": {"sources": ["each"], "n": 10, "shots": [0, 20]},
    }


@pytest.mark.parametrize(("config", "family"), [(BERT, "encoder"), (MT5, "text-to-text"), ({}, "encoder")])
def test_the_family_of_a_folder_is_in_its_config(tmp_path, config, family):
    folder = write_folder(tmp_path / "one", config, "model.safetensors")
    assert read_family(folder) == family
    checked = parse_study(make_study(path=str(folder)))
    assert checked.models["one"].family == family
    assert ("freeze_embeddings" in checked.models["one"].recipe) == (family == "encoder")
    assert ("format" in checked.models["one"].recipe) == (family == "text-to-text")


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("google-bert/bert-base-multilingual-cased", "encoder"),
        ("FacebookAI/xlm-roberta-base", "encoder"),
        ("distilbert/distilbert-base-multilingual-cased", "encoder"),
        ("microsoft/mdeberta-v3-base", "encoder"),
        ("intfloat/multilingual-e5-small", "encoder"),
        ("microsoft/Multilingual-MiniLM-L12-H384", "encoder"),
        ("jhu-clsp/mmBERT-base", "encoder"),
        ("google/mt5-base", "text-to-text"),
        ("google/umt5-small", "text-to-text"),
        ("google/byt5-small", "text-to-text"),
        ("google-t5/t5-small", "text-to-text"),
        ("facebook/mbart-large-50", "text-to-text"),
        ("bigscience/mt0-base", "text-to-text"),
        ("openai-community/gpt2", None),
        ("lab/model5", None),
        ("t5/roots", None),  # the name of the owner does not count
        ("lab/bert-to-t5", None),
    ],
)
def test_the_family_of_a_model_of_the_hub_is_in_its_name_or_asked_for(name, family):
    assert guess_family(name) == family
    if family:
        assert parse_study(make_study(hub=name)).models["one"].family == family
    else:
        with pytest.raises(
            UserError, match=r"config: models.one: the family cannot be inferred from the name .*; add family: encoder"
        ):
            parse_study(make_study(hub=name))
        assert parse_study(make_study(hub=name, family="encoder")).models["one"].family == "encoder"


@pytest.mark.parametrize(
    ("config", "files", "family", "message"),
    [
        (BERT, [], None, "contains no weights; safetensors are needed"),
        (BERT, ["pytorch_model.bin"], None, r"contains only pickled weights \(pytorch_model.bin\), which can run code"),
        (GPT, ["model.safetensors"], None, "GPT2LMHeadModel is decoder-only, which no family supports"),
        (MT5, ["model.safetensors"], "encoder", "is of family text-to-text, not encoder; correct `family`"),
        (BERT, ["model.safetensors"], "text-to-text", "is of family encoder, not text-to-text; correct `family`"),
        ("{", ["model.safetensors"], None, "contains no readable config.json"),
        ("[]", ["model.safetensors"], None, "is not a JSON object"),
    ],
)
def test_a_folder_without_the_head_or_the_weights_is_refused_while_planning(tmp_path, config, files, family, message):
    folder = write_folder(tmp_path / "one", config, *files)
    named = {"family": family} if family else {}
    with pytest.raises(UserError, match=rf"^config: models\.one\.path: .*{message}") as caught:
        parse_study(make_study(path=str(folder), **named))
    assert "\n" not in str(caught.value)


def test_a_sharded_model_is_one_with_weights(tmp_path):
    folder = write_folder(tmp_path, BERT, "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    check_folder(folder, "encoder")
    assert measure_weights(folder) == 2 * len(b"weights")


def test_a_folder_is_told_by_what_a_model_is_loaded_from(tmp_path):
    large = numpy.random.default_rng(1).integers(256, size=3 * 2**20, dtype=numpy.uint8)
    first, second = (write_folder(tmp_path / name, BERT, "model.safetensors") for name in ("first", "second"))
    for folder in (first, second):
        (folder / "weights.safetensors").write_bytes(large.tobytes())
    (second / "README.md").write_text("About it.", encoding="utf-8")
    os.utime(second / "config.json", (1, 1))
    assert digest_folder(first) == digest_folder(second)
    told = {digest_folder(first)}
    start = int(0.6 * len(large))
    large[start : start + len(large) // 10] ^= 1  # a tenth of the file, as much as the attention of one layer
    (second / "weights.safetensors").write_bytes(large.tobytes())
    told.add(digest_folder(second))
    write_folder(second, MT5)
    told.add(digest_folder(second))
    (second / "vocab.txt").write_text("a", encoding="utf-8")
    told.add(digest_folder(second))
    assert len(told) == 4
    assert all(re.fullmatch("[0-9a-f]{32}", digest) for digest in told)


def test_a_file_that_cannot_be_read_is_told_while_planning(tmp_path):
    folder = write_folder(tmp_path / "one", BERT, "model.safetensors")
    (folder / "tokenizer.json").symlink_to(tmp_path / "gone.json")
    with pytest.raises(UserError, match=r"models\.one\.path: .*tokenizer.json cannot be read \(No such file") as caught:
        parse_study(make_study(path=str(folder)))
    assert "\n" not in str(caught.value)


def test_a_recipe_tells_the_folder_that_a_job_starts_from_and_no_other(tmp_path):
    folder = write_folder(tmp_path, MT5, "model.safetensors")
    grid = {"sources": ["none", "each"], "n": 10, "shots": [0, 20], "adaptation": ["sequential", "joint"]}
    pretraining = {"strategies": ["none", "all-others"], "tokens": 61440}
    study = make_study(path=str(folder), languages=["de", "en"], pretraining=pretraining) | {"transfer": grid}
    parsed, runs, *_ = check_study(study, tmp_path)
    told = {run for run in runs if "start" in json.loads(write_transfer_recipe(parsed, run))}
    assert {run.model for run in runs} == {"one@none", "one@de", "one@en"}
    # Variants and models trained on sources are made by jobs, whose own recipes contain the digest of the folder.
    assert told == {run for run in runs if run.model == "one@none" and not place_trained(run)}
    assert {run.adaptation for run in told} == {"sequential", "joint"}
    assert json.loads(write_pretraining_recipe(parsed, "one@de"))["start"] == digest_folder(folder)


def test_a_small_model_of_the_user_s_asks_for_one_core_and_a_large_one_for_a_gpu(tmp_path):
    folder = write_folder(tmp_path, BERT, "model.safetensors")
    study = parse_study(make_study(path=str(folder)))
    assert not is_accelerated(study, "one")
    with (folder / "model.safetensors").open("wb") as file:
        file.truncate(300 * 2**20)
    assert is_accelerated(study, "one")
    assert is_accelerated(parse_study(make_study(hub="google-bert/bert-base-multilingual-cased")), "one")


def test_a_trimmed_model_starts_from_a_folder_of_its_own(tmp_path):
    folder = write_folder(tmp_path, BERT, "model.safetensors")
    study = parse_study(make_study(path=str(folder), trim_vocabulary=True))
    assert (place_model(study, "one"), place_whole_model(study, "one")) == ("results/s/trimmed/one", str(folder))
    assert study.models["one"].trimmed_to == ("de", "en")
    study = parse_study(make_study(hub="google/mt5-base", trim_vocabulary=True, languages=["en", "fi"]))
    assert (place_model(study, "one"), place_whole_model(study, "one")) == (
        *("results/s/trimmed/one", "results/s/models/one"),
    )
    assert place_model(parse_study(make_study(path=str(folder))), "one") == str(folder)
    with pytest.raises(
        UserError, match=r"models.one.trim_vocabulary: the vocabulary of a built model cannot be trimmed"
    ):
        parse_study(make_study(build="tiny-mt5", languages=["en"], trim_vocabulary=True))
    with pytest.raises(
        UserError, match=r"config: models.one.trim_vocabulary: a crf has no subword vocabulary; remove this key"
    ):
        parse_study(make_study(family="crf", trim_vocabulary=True))


def test_what_only_training_needs_is_in_no_recipe_of_a_prediction(tmp_path):
    folder = write_folder(tmp_path, BERT, "model.safetensors")
    lora = {"rank": 4}
    study = parse_study(make_study(path=str(folder)) | {"training": {"one": {"lora": lora}}})
    assert study.models["one"].recipe["lora"] == {"rank": 4, "alpha": 16, "dropout": 0.0}
    recipes = {run.shots: json.loads(write_transfer_recipe(study, run)) for run in plan_runs(study)}
    assert recipes[0].keys() == {"kind", "family", "batch_size", "max_length", "version", "entries"}
    assert recipes[20].keys() >= {"lora", "freeze_embeddings", "learning_rate", "steps"}
