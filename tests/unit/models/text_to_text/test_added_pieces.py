"""Tokens added to mBART: which ones, with which embedding rows, only once, and without any other change."""

from types import SimpleNamespace

import pytest
import tiny_mbart
import tiny_models
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from isogloss.common.errors import UserError
from isogloss.models.text_to_text import text_to_text
from isogloss.models.text_to_text.label_reader import find_label_tokens, find_sentinels
from isogloss.models.text_to_text.language_codes import MBART_CODES, find_codes

LINES = tiny_models.list_lines()


@pytest.fixture(scope="module", params=tiny_mbart.KINDS)
def folder(request, tmp_path_factory):
    return tiny_mbart.build_mbart(request.param, LINES, tmp_path_factory.mktemp(request.param))


def test_sentinels_and_codes_are_added_and_nothing_else_changes(folder):
    before, whole = AutoModelForSeq2SeqLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    model = text_to_text.load(folder)
    pieces, codes = len(whole), find_codes(whole).ids
    sentinels = find_sentinels(model.tokenizer)
    assert sentinels == list(range(pieces, pieces + 100))
    assert len(model.tokenizer) == pieces + 100 + len(MBART_CODES) - len(codes)
    assert model.network.config.vocab_size == len(model.tokenizer)
    assert set(model.tokens.codes.ids) == set(MBART_CODES)
    assert model.tokens.codes.ids | codes == model.tokens.codes.ids

    weights = model.network.state_dict()
    for name, weight in before.state_dict().items():
        kept = weights[name][:, :pieces] if name == "final_logits_bias" else weights[name][: len(weight)]
        assert torch.equal(kept, weight), name
    assert weights["final_logits_bias"][0, pieces:].abs().max() == 0
    rows = model.network.get_input_embeddings().weight
    for part in (model.network.get_output_embeddings(), *(half.embed_tokens for half in find_halves(model.network))):
        assert part.weight is rows

    mean = rows[[*codes.values()]].mean(dim=0)
    assert torch.allclose(rows[model.tokens.codes.ids["eu"]], mean, atol=1e-6)
    drawn, own = rows[sentinels], rows[:pieces]
    # The mean of a column over 100 drawn rows has a standard error of 0.1 standard deviations. In one of 64 columns, it
    # may deviate by 3 standard errors.
    assert ((drawn.mean(0) - own.mean(0)) / own.std(0)).abs().max() < 0.4
    assert 0.9 < (drawn.std(0) / own.std(0)).mean() < 1.1
    assert torch.cdist(drawn, drawn).fill_diagonal_(9).min() > 0.5 * own.std(0).norm()


def find_halves(network):
    return network.get_encoder(), network.get_decoder()


def test_rows_are_the_same_at_each_loading_and_a_saved_model_gets_no_more(folder, tmp_path):
    torch.manual_seed(7)
    one = text_to_text.load(folder)
    torch.manual_seed(8)
    text_to_text.save(text_to_text.load(folder), tmp_path)
    other = text_to_text.load(tmp_path)
    assert len(other.tokenizer) == len(one.tokenizer)
    assert find_sentinels(other.tokenizer) == find_sentinels(one.tokenizer)
    assert other.tokens.codes == one.tokens.codes
    assert other.tokens.name != one.tokens.name
    for name, weight in one.network.state_dict().items():
        assert torch.equal(weight, other.network.state_dict()[name]), name
    texts = ["<extra_id_0> Ada <extra_id_1> lives <extra_id_99> Rome", "Emmy"]
    rows = one.tokens.encode(texts, ["sw", "eu"], 50)
    assert rows == other.tokens.encode(texts, ["sw", "eu"], 50)
    assert model_pieces(one, rows[0]).count("▁") == 0  # a sentinel includes the space before it
    assert one.tokenizer.decode(rows[0], skip_special_tokens=True).split() == ["Ada", "lives", "Rome"]


def model_pieces(model, row):
    return model.tokenizer.convert_ids_to_tokens(row)


def test_an_output_of_its_own_gets_rows_of_its_own(folder, tmp_path):
    network = AutoModelForSeq2SeqLM.from_pretrained(folder)
    network.config.tie_word_embeddings = False
    network.lm_head.weight = torch.nn.Parameter(torch.randn_like(network.lm_head.weight))
    network.save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(folder).save_pretrained(tmp_path)
    model = text_to_text.load(tmp_path)
    own, shared = model.network.lm_head.weight, model.network.get_input_embeddings().weight
    old = network.lm_head.weight
    assert torch.equal(own[: len(old)], old) and torch.equal(shared[: len(old)], network.model.shared.weight)
    codes = find_codes(AutoTokenizer.from_pretrained(folder)).ids
    assert torch.allclose(own[model.tokens.codes.ids["eu"]], old[[*codes.values()]].mean(dim=0), atol=1e-6)
    assert all(
        part.embed_tokens.weight is shared for part in (model.network.model.encoder, model.network.model.decoder)
    )
    assert own.shape == shared.shape and not torch.equal(own[-1], shared[-1])


def test_a_model_of_the_t5_kind_is_left_as_it_is(tmp_path):
    tiny_models.build_mt5(tmp_path)
    model, own = text_to_text.load(tmp_path), AutoModelForSeq2SeqLM.from_pretrained(tmp_path)
    assert len(model.tokenizer) == len(AutoTokenizer.from_pretrained(tmp_path))
    assert model.tokens.codes is None and model.start("sw") == []
    for name, weight in own.state_dict().items():
        assert torch.equal(weight, model.network.state_dict()[name]), name


def test_what_is_missing_is_told_in_one_line(folder, tmp_path):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    with pytest.raises(UserError, match="lacks some of <extra_id_0> to <extra_id_99>"):
        find_sentinels(tokenizer)
    assert len(find_label_tokens(tokenizer, ["a"] * 36)) == 36
    without_3 = SimpleNamespace(
        name_or_path="without_3",
        unk_token_id=3,
        convert_tokens_to_ids=lambda names: [3 if name == "3" else ord(name) for name in names],
    )
    with pytest.raises(UserError, match="the vocabulary of without_3 has no distinct single tokens for 7 labels"):
        find_label_tokens(without_3, ["a"] * 7)
    AutoModelForSeq2SeqLM.from_pretrained(folder).save_pretrained(tmp_path)
    tiny_models.build_unigram(tmp_path)
    with pytest.raises(UserError, match="the tokenizer adds no language code to a text") as told:
        text_to_text.load(tmp_path)
    assert "\n" not in str(told.value)
