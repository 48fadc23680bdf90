"""Properties of a model that are read before loading it, and how the config uses them."""

import json
import os
import re
from pathlib import Path

import numpy
import pytest
from model_folders import BERT, ENCODER_SHAPES, MT5, ROWS, SEQ2SEQ_SHAPES, pack, write_model, write_tokenizer

from isogloss.common.errors import UserError
from isogloss.families.folder import check_folder, digest_folder
from isogloss.families.kinds import read_family
from isogloss.study.check import check_study
from isogloss.study.config import parse_study
from isogloss.study.grid import plan_runs
from isogloss.study.products import place_model, place_trained, place_whole_model
from isogloss.study.recipes import is_accelerated, write_pretraining_recipe, write_transfer_recipe


def make_study(**model) -> dict:
    return {
        "study": "s",
        "languages": ["de", "en"],
        "tasks": {"ner": {"kind": "ner", "corpus": {"synthetic": {}}}},
        "models": {"one": model},
        "transfer": {"sources": ["each"], "n": 10, "shots": [0, 20]},
    }


@pytest.mark.parametrize(("config", "family"), [(BERT, "encoder"), (MT5, "text-to-text")])
def test_the_family_of_a_folder_is_in_its_config(tmp_path, config, family):
    folder = write_model(tmp_path / "one", config)
    assert read_family(folder) == family
    checked = parse_study(make_study(path=str(folder)))
    assert checked.models["one"].family == family
    assert ("freeze_embeddings" in checked.models["one"].recipe) == (family == "encoder")
    assert ("format" in checked.models["one"].recipe) == (family == "text-to-text")


def cut_weights(folder: Path) -> None:
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[: len(whole) // 2])


def make_adapter(folder: Path) -> None:
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "lab/base"}', encoding="utf-8")
    (folder / "model.safetensors").rename(folder / "adapter_model.safetensors")
    (folder / "config.json").unlink()


def change_config(**changes):
    """Return a function that changes keys of the config of a folder."""

    def change(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        (folder / "config.json").write_text(json.dumps({**config, **changes}), encoding="utf-8")

    return change


SPOILS = {
    "no weights": (
        BERT,
        lambda folder: (folder / "model.safetensors").unlink(),
        "contains no weights; safetensors are",
    ),
    "truncated": (
        BERT,
        cut_weights,
        r"model.safetensors is not a complete safetensors file \(its header should have",
    ),
    "adapter": (BERT, make_adapter, r"is an adapter of lab/base, not a model; merge it into that model"),
    "no tokenizer": (
        *(BERT, lambda folder: (folder / "tokenizer.json").unlink()),
        r"contains no tokenizer \(tokenizer.json or vocab.txt is missing\); copy the tokenizer files",
    ),
    "large tokenizer": (
        *(BERT, lambda folder: write_tokenizer(folder, ROWS + 1)),
        "the tokenizer has 13 ids, but the embeddings have 12 rows; use the tokenizer",
    ),
    "other config": (
        *(BERT, change_config(vocab_size=99)),
        "vocab_size in config.json is 99, but the embeddings have 12 rows",
    ),
    "no decoder": (
        *(MT5, lambda folder: (folder / "model.safetensors").write_bytes(pack({"shared.weight": (ROWS, 2)}))),
        "the weights contain no decoder",
    ),
    "unmerged": (
        BERT,
        lambda folder: (folder / "model.safetensors").write_bytes(pack({"x.lora_A.weight": (2, 2), **ENCODER_SHAPES})),
        "contains LoRA weights beside those of the model; merge them",
    ),
}


@pytest.mark.parametrize("fault", SPOILS)
def test_a_folder_that_cannot_be_used_is_refused_while_planning(tmp_path, fault):
    config, spoil, message = SPOILS[fault]
    folder = write_model(tmp_path / "one", config)
    parse_study(make_study(path=str(folder)))
    spoil(folder)
    for named in ({}, {"family": "encoder" if config == BERT else "text-to-text"}):
        with pytest.raises(UserError, match=rf"^config: models\.one\.path: .*{message}") as caught:
            parse_study(make_study(path=str(folder), **named))
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("config", "family"), [(MT5, "encoder"), (BERT, "text-to-text")])
def test_a_folder_of_another_family_is_refused_while_planning(tmp_path, config, family):
    folder = write_model(tmp_path / "one", config)
    with pytest.raises(UserError, match=rf"^config: models\.one\.path: .* not {family}; correct `family`"):
        parse_study(make_study(path=str(folder), family=family))


def test_embeddings_may_have_more_rows_than_the_tokenizer_has_tokens(tmp_path):
    folder = write_model(tmp_path, MT5 | {"vocab_size": 20}, {**SEQ2SEQ_SHAPES, "shared.weight": (20, 2)})
    check_folder(folder, "text-to-text")


def test_of_a_family_of_a_package_only_the_weights_are_checked(tmp_path):
    (tmp_path / "own.safetensors").write_bytes(pack(ENCODER_SHAPES))
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    check_folder(tmp_path, "own")
    (tmp_path / "own.safetensors").write_bytes(pack(ENCODER_SHAPES)[:-1])
    with pytest.raises(UserError, match=r"own.safetensors is not a complete safetensors file"):
        check_folder(tmp_path, "own")


def test_a_folder_is_told_by_what_a_model_is_loaded_from(tmp_path):
    large = numpy.random.default_rng(1).integers(256, size=3 * 2**20, dtype=numpy.uint8)
    first, second = (write_model(tmp_path / name) for name in ("first", "second"))
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
    (second / "config.json").write_text(json.dumps(MT5), encoding="utf-8")
    told.add(digest_folder(second))
    (second / "vocab.txt").write_text("a", encoding="utf-8")
    told.add(digest_folder(second))
    assert len(told) == 4
    assert all(re.fullmatch("[0-9a-f]{32}", digest) for digest in told)


def test_a_file_that_cannot_be_read_is_told_while_planning(tmp_path):
    folder = write_model(tmp_path / "one")
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer.json").symlink_to(tmp_path / "gone.json")
    with pytest.raises(UserError, match=r"models\.one\.path: .*tokenizer.json cannot be read \(No such file") as caught:
        parse_study(make_study(path=str(folder)))
    assert "\n" not in str(caught.value)


def test_a_recipe_tells_the_folder_that_a_job_starts_from_and_no_other(tmp_path):
    folder = write_model(tmp_path, MT5)
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
    folder = write_model(tmp_path)
    study = parse_study(make_study(path=str(folder)))
    assert not is_accelerated(study, "one")
    with (folder / "more.safetensors").open("wb") as file:
        file.truncate(300 * 2**20)
    assert is_accelerated(study, "one")
    assert is_accelerated(parse_study(make_study(hub="google-bert/bert-base-multilingual-cased")), "one")


def test_a_trimmed_model_starts_from_a_folder_of_its_own(tmp_path):
    folder = write_model(tmp_path)
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
    folder = write_model(tmp_path)
    lora = {"rank": 4}
    study = parse_study(make_study(path=str(folder)) | {"training": {"one": {"lora": lora}}})
    assert study.models["one"].recipe["lora"] == {"rank": 4, "alpha": 16, "dropout": 0.0}
    recipes = {run.shots: json.loads(write_transfer_recipe(study, run)) for run in plan_runs(study)}
    assert recipes[0].keys() == {"kind", "family", "batch_size", "max_length", "version", "entries"}
    assert recipes[20].keys() >= {"lora", "freeze_embeddings", "learning_rate", "steps"}
