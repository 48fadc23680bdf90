"""Pre-training of variants: every set of languages has the same budget and start, and only its own text."""

import numpy
import pytest
import torch
from safetensors.torch import load_file
from tiny_models import build_mt5, draw_sentences
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from isogloss.common.errors import UserError
from isogloss.models.pretraining.pretraining import (
    continue_pretraining,
    corrupt_segments,
    cut_segments,
    repeat_segments,
    share_segments,
)
from isogloss.models.pretraining.span_corruption import count_spans
from isogloss.models.pretraining.tiny_mt5 import build_model
from isogloss.models.vocabulary.vocabulary import SENTINELS

TEXT = {
    "de": ["Anna fuhr am Montag nach Rom .", "Die Brücke in Lima war zu ."] * 40,
    "en": ["Anna went to Rome on Monday .", "The bridge in Lima was closed ."] * 4,
    "fi": ["Anna matkusti Roomaan maanantaina .", "Silta oli suljettu eilen ."] * 25,
}
RECIPE = {"segment": 16, "steps": 6, "batch_size": 4, "learning_rate": 3.0e-4}
SETS = [["de"], ["en"], ["de", "fi"], ["de", "en", "fi"]]


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """The model that all variants start from, with a vocabulary of all three languages and random weights."""
    folder = tmp_path_factory.mktemp("models") / "tiny@none"
    folder.mkdir()
    build_model(TEXT, folder, vocabulary=600, steps=0, threads=1)
    return folder


@pytest.fixture(scope="module")
def arms(start, tmp_path_factory):
    """Name of a variant -> its folder and its record, for each set of languages."""
    made = {}
    for languages in SETS:
        folder = tmp_path_factory.mktemp("arm")
        text = {language: TEXT[language] for language in languages}
        made["+".join(languages)] = folder, continue_pretraining(start, text, RECIPE, folder, threads=1)
    return made


def test_the_start_is_random_weights(start):
    torch.manual_seed(0)
    assert AutoModelForSeq2SeqLM.from_pretrained(start).num_parameters() > 5e5
    assert '"steps": 0' in (start / "pretraining.json").read_text()


def test_every_arm_has_the_same_tokens_and_updates_and_says_what_was_repeated(arms):
    for name, (_, record) in arms.items():
        assert record["languages"] == name.split("+") == sorted(record["tokens"])
        assert sum(record["tokens"].values()) == 6 * 4 * 16 == 384
        assert record["steps"] == 6
        for language, tokens in record["tokens"].items():
            assert tokens % 16 == 0
            assert record["unique_tokens"][language] <= tokens
            assert record["repetitions"][language] * record["unique_tokens"][language] == tokens
    shares = {name: record["tokens"] for name, (_, record) in arms.items()}
    assert shares["de+en+fi"] == {"de": 128, "en": 128, "fi": 128}
    assert shares["de+fi"] == {"de": 192, "fi": 192}
    # The English training text is shorter than the budget of a variant with English only.
    assert arms["en"][1]["repetitions"]["en"] > 1


def test_arms_differ_by_their_text_alone(start, arms):
    weights = {name: load_file(folder / "model.safetensors") for name, (folder, _) in arms.items()}
    before = load_file(start / "model.safetensors")
    for name, (folder, _) in arms.items():
        assert (folder / "config.json").read_bytes() == (start / "config.json").read_bytes()
        pieces = AutoTokenizer.from_pretrained(folder).get_vocab()
        assert pieces == AutoTokenizer.from_pretrained(start).get_vocab()
        moved = (weights[name]["shared.weight"] - before["shared.weight"]).abs().max().item()
        assert 0 < moved < 6 * 3.0e-4 * 1.01  # Adam moves a weight by at most the learning rate per step
    assert not torch.equal(weights["de"]["shared.weight"], weights["en"]["shared.weight"])


def test_the_same_arm_is_the_same_weights(start, arms, tmp_path):
    continue_pretraining(start, {"de": TEXT["de"], "fi": TEXT["fi"]}, RECIPE, tmp_path, threads=1)
    one, other = (load_file(folder / "model.safetensors") for folder in (tmp_path, arms["de+fi"][0]))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_what_an_arm_takes_of_a_language_a_larger_share_takes_too():
    available = {"de": [[1], [2], [3], [4], [5]], "en": [[6], [7]], "fi": [[8], [9], [10]]}
    alone = share_segments({"de": available["de"]}, 5)["de"]
    three = share_segments(available, 8)
    assert {language: len(taken) for language, taken in three.items()} == {"de": 3, "en": 3, "fi": 2}
    assert three["de"] == alone[:3]
    assert sorted(alone) == available["de"]
    assert sorted(three["en"])[:1] in ([[6]], [[7]]) and {tuple(one) for one in three["en"]} == {(6,), (7,)}


def test_segments_are_cut_repeated_and_masked(start):
    tokenizer = AutoTokenizer.from_pretrained(start)
    segments = cut_segments(TEXT["en"], tokenizer, 16)
    stream = [token for line in TEXT["en"] for token in tokenizer(line, add_special_tokens=False)["input_ids"]]
    assert [token for segment in segments for token in segment] == stream[: len(stream) // 16 * 16]
    rng = numpy.random.default_rng(1)
    drawn = list(repeat_segments([[1], [2], [3]], 7, rng))
    assert sorted(drawn[:3]) == sorted(drawn[3:6]) == [[1], [2], [3]]
    assert len(drawn) == 7
    sentinels = set(tokenizer.convert_tokens_to_ids([f"<extra_id_{index}>" for index in range(SENTINELS)]))
    for example in corrupt_segments(segments, tokenizer, rng, count_spans(16)):
        found = [token for token in example["labels"] if token in sentinels]
        assert len(found) == count_spans(16) == 1
        assert [token for token in example["input_ids"] if token in sentinels] == found


def test_a_checkpoint_is_continued_by_the_same_rule(tmp_path):
    start = build_mt5(tmp_path)
    out = tmp_path / "arm"
    out.mkdir()
    lines = [" ".join(one.tokens) for one in draw_sentences(60, seed=3)]
    record = continue_pretraining(start, {"en": lines}, {**RECIPE, "steps": 40, "learning_rate": 3e-3}, out, threads=1)
    assert record["tokens"] == {"en": 40 * 4 * 16}
    first = continue_pretraining(start, {"en": lines}, {**RECIPE, "steps": 2}, out, threads=1)["mean_loss"]
    assert record["mean_loss"] < first - 1
    assert AutoModelForSeq2SeqLM.from_pretrained(out).config.model_type == "mt5"


@pytest.mark.parametrize(
    ("text", "segment", "message"),
    [
        (
            {"de": TEXT["de"], "en": ["Anna ."]},
            16,
            r"models: en: the training text \(1 lines\) is shorter than one segment of 16 tokens",
        ),
        (
            {"de": TEXT["de"]},
            4096,
            "a segment of 4096 tokens has 205 spans to mask, but the vocabulary has 100 sentinels",
        ),
    ],
)
def test_too_little_text_and_too_few_sentinels_are_refused(start, text, segment, message, tmp_path):
    with pytest.raises(UserError, match=message):
        continue_pretraining(start, text, {**RECIPE, "segment": segment}, tmp_path, threads=1)
