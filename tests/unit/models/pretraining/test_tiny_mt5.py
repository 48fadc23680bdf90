"""tiny-mt5: its training text, vocabulary, pre-training task and initialisation."""

import json
import math

import numpy
import pytest
import torch

from isogloss.models.pretraining.small_start import make_model
from isogloss.models.pretraining.span_corruption import corrupt_spans, draw_spans
from isogloss.models.pretraining.tiny_mt5 import build_model
from isogloss.models.vocabulary.vocabulary import LABEL_PIECES, build_tokenizer, take_equal_text

SENTINELS = [1000 + index for index in range(100)]
TEXT = {
    "en": ["Anna went to Paris on Monday .", "The bridge in Lima was closed ."] * 60,
    "ru": ["Анна поехала в Париж .", "Мост был закрыт вчера ."] * 60,
}


@pytest.mark.parametrize(("length", "noise", "spans"), [(2, 1, 1), (20, 3, 1), (100, 15, 5), (512, 77, 26)])
def test_15_percent_is_masked_in_spans_of_3_on_average(length, noise, spans):
    for seed in range(20):
        drawn = draw_spans(length, numpy.random.default_rng(seed))
        assert len(drawn) == spans
        assert sum(end - start for start, end in drawn) == noise
        edges = [edge for span in drawn for edge in span]
        assert edges == sorted(set(edges))
        assert edges[0] > 0
        assert edges[-1] == length


def test_input_and_target_hold_every_token_once_and_match_by_sentinel():
    tokens = list(range(2, 102))
    source, target = corrupt_spans(tokens, SENTINELS, 1, numpy.random.default_rng(3))
    assert source[-1] == target[-1] == 1
    spans: dict[int, list[int]] = {}
    for token in target[:-1]:
        if token in SENTINELS:
            spans[token] = []
        else:
            spans[list(spans)[-1]].append(token)
    rebuilt = [t for token in source[:-1] for t in spans.get(token, [token])]
    assert rebuilt == tokens
    assert list(spans) == SENTINELS[:5]


def test_more_spans_than_sentinels_is_refused():
    with pytest.raises(ValueError, match="5 spans, but only 4 sentinels"):
        corrupt_spans(list(range(100)), SENTINELS[:4], 1, numpy.random.default_rng(0))


def test_every_language_gives_the_same_number_of_characters():
    lines = take_equal_text({"en": ["abcdef"] * 10, "ru": ["абв"] * 5, "fi": ["ä" * 100]})
    assert sum(len(line) for line in lines if set(line) <= set("abcdef")) == 15
    assert sum(len(line) for line in lines if set(line) <= set("абв")) == 15
    assert sum(len(line) for line in lines if set(line) <= {"ä"}) == 15


def test_no_input_is_unknown_and_text_comes_back(tmp_path):
    from transformers import AutoTokenizer

    build_tokenizer(take_equal_text(TEXT), 600, tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    assert len(tokenizer) <= 600
    for text in ("Anna went to Paris", "€ 𐍈 \u200b ক্ষ", "Мост"):
        ids = tokenizer(text)["input_ids"]
        assert tokenizer.unk_token_id not in ids
        assert tokenizer.decode(ids, skip_special_tokens=True) == text
    assert len({tokenizer.convert_tokens_to_ids(piece) for piece in LABEL_PIECES}) == 36
    both = tokenizer("<extra_id_0> Anna <extra_id_1> went")["input_ids"]
    marks = tokenizer.convert_tokens_to_ids(["<extra_id_0>", "<extra_id_1>"])
    assert [token for token in both if token in marks] == marks


def test_a_fresh_model_has_about_a_million_parameters_and_starts_near_chance():
    torch.manual_seed(0)
    model = make_model(4000)
    assert 0.8e6 < model.num_parameters() < 1.2e6
    tokens = torch.randint(2, 4000, (8, 30))
    loss = model(input_ids=tokens, labels=tokens).loss.item()
    assert loss < math.log(4000) + 20  # with the default initialisation of T5, the loss is 64 to 77


def test_building_writes_a_hugging_face_folder_and_learns(tmp_path):
    build_model(TEXT, tmp_path, vocabulary=600, steps=30, threads=1)
    names = {path.name for path in tmp_path.iterdir()}
    assert names >= {"config.json", "model.safetensors", "tokenizer.json", "pretraining.json"}
    record = json.loads((tmp_path / "pretraining.json").read_text())
    assert record["steps"] == 30
    assert record["lines"] == {"en": 120, "ru": 120}
