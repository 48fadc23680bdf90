"""The family of a model and the types that a family supports, from its config.json or its name on the hub."""

import json

import pytest
from model_folders import BERT, MT5
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
)

from isogloss.common.errors import UserError
from isogloss.families.kinds import ENCODER, REASONS, TEXT_TO_TEXT, TYPES, guess_family, read_family
from isogloss.study.config import parse_study


def write_config(folder, config) -> None:
    text = config if isinstance(config, str) else json.dumps(config)
    (folder / "config.json").write_text(text, encoding="utf-8")


def make_study(**model) -> dict:
    return {
        "study": "s",
        "languages": ["de", "en"],
        "tasks": {"ner": {"kind": "ner", "corpus": {"synthetic": {}}}},
        "models": {"one": model},
        "transfer": {"sources": ["each"], "n": 10, "shots": [0, 20]},
    }


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


def test_every_type_is_one_that_transformers_loads_and_no_reason_is_for_a_supported_one():
    encoders, others = set(TYPES[ENCODER].split()), set(TYPES[TEXT_TO_TEXT].split())
    assert encoders <= MODEL_FOR_MASKED_LM_MAPPING_NAMES.keys()
    assert others - {"mt5"} <= MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES.keys()
    assert not encoders & others
    assert not REASONS.keys() & (encoders | others)
    # The types that only encode text but cannot be used like BERT, or that encode other things as well.
    left_out = MODEL_FOR_MASKED_LM_MAPPING_NAMES.keys() - encoders - others
    assert left_out == {
        *("flaubert", "xlm", "roc_bert", "tapas", "perceiver", "xmod", "reformer", "esm", "esmc"),
        *("modernvbert", "neomme", "ultrabert", "ultravbert"),
    }


@pytest.mark.parametrize("config", [BERT, {"model_type": "xlm-roberta"}, {**BERT, "architectures": None}])
def test_an_encoder_is_known_by_its_type(tmp_path, config):
    write_config(tmp_path, config)
    assert read_family(tmp_path) == "encoder"


@pytest.mark.parametrize("config", [MT5, {"model_type": "mbart"}, {"model_type": "t5", "decoder_start_token_id": 0}])
def test_an_encoder_decoder_is_known_by_its_type(tmp_path, config):
    write_config(tmp_path, config)
    assert read_family(tmp_path) == "text-to-text"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "contains no readable config.json"),
        ("[]", "config.json is not a JSON object"),
        ("[" * 100_000, "contains no readable config.json"),
        ({}, "config.json has no model_type"),
        ({"model_type": ["bert"]}, "config.json has no model_type"),
        (
            {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]},
            "GPT2LMHeadModel is decoder-only, which no family",
        ),
        ({"model_type": "llama", "architectures": ["LlamaForCausalLM"]}, "LlamaForCausalLM is decoder-only"),
        ({**BERT, "is_decoder": True}, "BertModel is decoder-only"),
        ({"model_type": "m2m_100", "is_encoder_decoder": True}, "type m2m_100: a translation model.* of type t5, mt5"),
        ({"model_type": "xmod"}, "type xmod: it needs the language of each input to choose an adapter; use BERT"),
        ({"model_type": "canine"}, "type canine: it reads characters, not subwords; use BERT"),
        ({"model_type": "xlm", "architectures": ["XLMWithLMHeadModel"]}, "type xlm: it has no fast tokenizer"),
        ({"model_type": "vit"}, "no family supports models of type vit; use BERT"),
        ({"model_type": "own", "auto_map": {"AutoModel": "own.Own"}}, "needs code from its own folder .* never run"),
        (
            {"model_type": "t5", "architectures": ["T5EncoderModel"], "decoder_start_token_id": 0},
            "T5EncoderModel has no decoder that writes text",
        ),
        ({"model_type": "mt5", "architectures": ["MT5ForTokenClassification"]}, "has no decoder that writes text"),
        (
            {"model_type": "t5", "architectures": ["T5ForConditionalGeneration"]},
            "config.json has no decoder_start_token",
        ),
        ({**BERT, "quantization_config": {"bits": 4}}, "has quantised weights, which cannot be trained"),
    ],
)
def test_a_model_that_no_family_supports_is_refused_in_one_line(tmp_path, config, message):
    write_config(tmp_path, config)
    with pytest.raises(UserError, match=message) as caught:
        read_family(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}") and "\n" not in str(caught.value)
    with pytest.raises(UserError, match=message) as caught:
        read_family(tmp_path, "models: lab/one")
    assert str(caught.value).startswith("models: lab/one") and str(tmp_path) not in str(caught.value)
