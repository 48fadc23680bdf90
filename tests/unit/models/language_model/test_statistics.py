"""Language model statistics: losses compared with transformers, spans counted manually, logits computed in chunks."""

import math
from types import SimpleNamespace

import numpy
import pytest
import tiny_mbart
import tiny_models
import torch
from studies import PROJECT
from transformers import (
    AutoModelForMaskedLM,
    AutoTokenizer,
    ByT5Tokenizer,
    T5Config,
    T5ForConditionalGeneration,
)

from isogloss.common.errors import UserError
from isogloss.models.language_model import masked_statistics, text_statistics
from isogloss.models.language_model.statistics import encode_lines
from isogloss.models.language_model.text_statistics import Masked, align_spans, join_lines, measure_examples, read_spans
from isogloss.models.vocabulary.trimming import trim_model
from isogloss.training.collate import collate_text
from isogloss.training.softmax import CELLS, read_hidden, score_tokens

LINES = [" ".join(one.tokens) for one in tiny_models.draw_sentences(40, seed=3)]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return tiny_models.build_mt5(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module", params=tiny_mbart.KINDS)
def mbart(request, tmp_path_factory):
    """Folder of a random mBART-25 (language code after the text) or mBART-50 (language code before the text)."""
    sizes = {"d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32}
    sizes |= {"encoder_attention_heads": 2, "decoder_attention_heads": 2, "max_position_embeddings": 1024}
    folder = tmp_path_factory.mktemp(request.param)
    return tiny_mbart.build_mbart(request.param, tiny_models.list_lines(), folder, **sizes, init_std=0.3)


@pytest.mark.parametrize("lines", [LINES[:9], LINES], ids=["one batch", "batches of unequal length"])
def test_l_m_is_the_loss_that_transformers_computes_on_the_same_batch(small, lines):
    (result,) = text_statistics.measure(small, {"train": lines}, language="en", seed=5, threads=1).texts.values()
    tokenizer, network = AutoTokenizer.from_pretrained(small), open_network(small)
    pieces, _ = join_lines(encode_lines(tokenizer, lines), 512)
    examples = text_statistics.mask_by_sentinels(tokenizer, pieces, 5).examples
    own = network(**collate_text(examples, tokenizer.pad_token_id)).loss.item()
    assert result["values"]["lm_loss"] == pytest.approx(own, abs=1e-5)
    assert result["counts"]["lines"] == len(lines)
    assert result["counts"]["tokens"] == sum(map(len, encode_lines(tokenizer, lines)))
    first = tokenizer.convert_tokens_to_ids("<extra_id_0>")
    assert [example["labels"][0] for example in examples] == [first] * len(examples)


def open_network(folder):
    from transformers import AutoModelForSeq2SeqLM

    return AutoModelForSeq2SeqLM.from_pretrained(folder).eval()


def test_infilling_loss_of_mbart_is_its_own_on_the_same_batch(mbart):
    found = text_statistics.measure(mbart, {"train": LINES}, language="de", seed=5, threads=1)
    tokenizer, network = AutoTokenizer.from_pretrained(mbart), open_network(mbart)
    pieces, _ = join_lines(encode_lines(tokenizer, LINES), 512)
    masked = text_statistics.mask_for_infilling(tokenizer, pieces, 5, language="de")
    (first, *_) = masked.examples
    code, end = tokenizer.convert_tokens_to_ids(["de_DE", "</s>"])
    behind = "mbart-25" in mbart.name
    assert masked.given == (0 if behind else 1)
    assert first["labels"][-2:] == [end, code] if behind else (first["labels"][0], first["labels"][-1]) == (code, end)
    own = network(**collate_text(masked.examples, tokenizer.pad_token_id)).loss.item()
    values = found.texts["train"]["values"]
    assert set(values) == {"infilling_loss", "infilling_exact", "infilling_exact_free"}
    assert values["infilling_loss"] == pytest.approx(own, abs=1e-5)
    masks = first["input_ids"].count(tokenizer.mask_token_id)
    hidden = sum(end - start for start, end in first["spans"])
    assert (masks, hidden) == (len(first["spans"]), round(0.35 * len(pieces[0])))
    unknown = text_statistics.measure(mbart, {"train": LINES}, language="eu", seed=5, threads=1)
    assert (unknown.texts, unknown.reason) == ({}, "the vocabulary has no language code for eu")


def test_mbart_writes_after_the_code_alone_and_no_more_than_it_has_positions_for(mbart):
    tokenizer, network, calls = AutoTokenizer.from_pretrained(mbart), open_network(mbart), []
    network.get_decoder().register_forward_pre_hook(
        lambda part, given, named: calls.append(named["input_ids"].tolist()), with_kwargs=True
    )
    network.generation_config.eos_token_id = None  # never stops: 2 x (600 + 2) tokens exceed the 1,024 positions
    masked = text_statistics.mask_for_infilling(tokenizer, [[9] * 600], 5, language="de")
    measure_examples(network, masked, tokenizer.pad_token_id)
    code, end = tokenizer.convert_tokens_to_ids(["de_DE", "</s>"])
    start = [code] if "mbart-25" in mbart.name else [end, code]
    assert calls[1] == [start]  # calls[0] is the call with teacher forcing
    assert len(calls) == 1 + 1024 - len(start)


def test_codes_are_put_to_texts_by_a_trimmed_tokenizer_too(mbart, tmp_path):
    trim_model(mbart, LINES[:10], tmp_path)
    pieces, masked = [[9] * 20], []
    for folder in (mbart, tmp_path):
        tokenizer = AutoTokenizer.from_pretrained(folder)
        (one,) = text_statistics.mask_for_infilling(tokenizer, pieces, 5, language="ru").examples
        masked.append([tokenizer.convert_ids_to_tokens([token for token in one["labels"] if token != 9])])
    assert masked[0] == masked[1] and sorted(masked[0][0]) == ["</s>", "ru_RU"]


S0, S1, S2, END = 20, 21, 22, 1
COPIED = {
    "input_ids": [5, S0, 7, S1, 9, S2, END],
    "labels": [S0, 5, S1, 7, 7, S2, 9, 8, END],
    "spans": [(1, 2), (3, 5), (6, 8)],
}


class Copier(torch.nn.Module):
    """Copies the token before a sentinel: repeatedly with teacher forcing, and once per sentinel in free-running mode.

    The logit of the predicted token is 3, all others are 0. Sentinels and the end token are always predicted correctly.
    """

    config = SimpleNamespace(pad_token_id=0)
    device = "cpu"

    def __init__(self):
        super().__init__()
        self.output = torch.nn.Linear(30, 30, bias=False)
        self.output.weight = torch.nn.Parameter(3 * torch.eye(30))

    def get_output_embeddings(self):
        return self.output

    def prepare_decoder_input_ids_from_labels(self, labels):
        self.labels = labels
        return torch.nn.functional.pad(labels, (1, 0))[:, :-1].clamp(min=0)

    def forward(self, input_ids, attention_mask, decoder_input_ids, use_cache):
        told = self.labels.clone().clamp(min=0)
        for row, (source, target) in enumerate(zip(input_ids.tolist(), self.labels.tolist(), strict=True)):
            for place, token in enumerate(target):
                if token in (S0, S1, S2):
                    copied = source[source.index(token) - 1]
                elif token > END:
                    told[row, place] = copied
        return self.output(torch.nn.functional.one_hot(told, 30).float())

    def generate(self, input_ids, attention_mask, decoder_input_ids, decoder_start_token_id, max_new_tokens, **greedy):
        assert decoder_start_token_id.tolist() == decoder_input_ids[:, 0].tolist()
        assert greedy == {"num_beams": 1, "do_sample": False}
        return torch.tensor([[0, S0, 5, S1, 7, S2, 9, END][: 1 + max_new_tokens]] * len(input_ids))


def test_a_model_that_copies_gets_what_is_worked_out_by_hand():
    values, counts = measure_examples(Copier(), Masked("lm", [COPIED, COPIED], read_spans({S0, S1, S2, END})), pad=0)
    # With teacher forcing, `5` and `7 7` are copies and `9 8` is not. In free-running mode, it generates only one 7.
    assert counts == {"target_tokens": 18, "spans": 6}
    assert (values["lm_exact"], values["lm_exact_free"]) == (2 / 3, 1 / 3)
    # 8 of the 9 target tokens have a logit of 3 in a vocabulary of 30. The token 8 has a logit of 0.
    mass = math.log(math.exp(3) + 29)
    assert values["lm_loss"] == pytest.approx((8 * (mass - 3) + mass) / 9, abs=1e-6)


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        ([S0, 5, S1, 7, 7, S2, 9, 8, END], [True, True, True]),
        ([S0, 5, 5, S1, 7, 7, S2, 9, 8], [False, True, True]),  # one token too many; the end token is not required
        ([S1, 7, 7, S0, 5, END, 9, 8], [True, True, False]),  # any order is accepted; tokens after the end are ignored
        ([S0, 6, S0, 5, S2, 9, 8, 8], [False, False, False]),  # only the first occurrence of a sentinel is read
        ([], [False, False, False]),
    ],
)
def test_spans_are_read_behind_their_sentinels(written, exact):
    assert read_spans({S0, S1, S2, END})(COPIED, written) == exact


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        ([1, 2, 3, 4, 5, 6, 7, 8], [True, True]),
        ([1, 9, 9, 2, 3, 4, 5, 6, 7, 8], [True, True]),  # other tokens elsewhere do not matter
        ([1, 2, 3, 9, 4, 5, 6, 7, 8], [False, True]),  # 3 and 4 occur, but not in one block
        ([1, 2, 4, 5, 6, 8], [False, False]),
        ([2, 3, 4], [False, False]),  # the token before the span occurs, the token after it does not
    ],
)
def test_infilled_spans_are_runs_with_their_neighbours(written, exact):
    example = {"labels": [1, 2, 3, 4, 5, 6, 7, 8], "spans": [(2, 4), (6, 7)]}
    assert align_spans(example, written) == exact


def test_byt5_is_masked_by_its_last_bytes_in_longer_spans():
    tokenizer = ByT5Tokenizer()
    pieces = [list(range(10, 210)), list(range(10, 42))]
    one, other = text_statistics.mask_by_sentinels(tokenizer, pieces, 0).examples
    assert [one["labels"][start - 1] for start, _ in one["spans"]] == [258, 257]  # 30 bytes in spans of 20
    assert [other["labels"][start - 1] for start, _ in other["spans"]] == [258]


def test_a_model_without_sentinels_or_of_another_kind_has_a_reason(small, tmp_path):
    bare = tmp_path / "bare"
    tiny_models.build_unigram(bare)
    config = T5Config(vocab_size=99, d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=2)
    T5ForConditionalGeneration(config).save_pretrained(bare)
    found = text_statistics.measure(bare, {"train": LINES}, language="en", seed=0, threads=1)
    assert (found.texts, found.reason) == ({}, "sentinels are missing from the vocabulary")
    (bare / "config.json").write_text('{"model_type": "m2m_100", "is_encoder_decoder": true}', encoding="utf-8")
    found = text_statistics.measure(bare, {"train": LINES}, language="en", seed=0, threads=1)
    assert found.reason == "the pre-training task of m2m_100 is not supported"
    with pytest.raises(UserError, match="nowhere: the model cannot be loaded"):
        text_statistics.measure(tmp_path / "nowhere", {}, language="en", seed=0, threads=1)


def test_lines_are_joined_up_to_the_budget_and_cut_as_in_pre_training(small, monkeypatch):
    monkeypatch.setattr(text_statistics, "BUDGET", 20)
    pieces, counts = join_lines([[5] * 9, [6] * 9, [7] * 9, [8] * 9], 13)
    assert pieces == [[5] * 9 + [6] * 4, [6] * 5 + [7] * 8]
    assert counts == {"lines": 3, "pieces": 2, "tokens": 26}  # the 27th token would be a piece of one token
    assert text_statistics.find_length(small) == 512
    (small / "pretraining.json").write_text('{"segment_tokens": 64}', encoding="utf-8")
    assert text_statistics.find_length(small) == 64
    (small / "pretraining.json").unlink()


def test_chunks_give_what_the_whole_gives(small):
    network = open_network(small)
    labels = torch.randint(0, network.config.vocab_size, (50,))
    hidden = torch.randn(50, network.config.d_model)
    with torch.inference_mode():
        logits = network.get_output_embeddings()(hidden)
        whole = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
        vocabulary = logits.shape[1]
        for cells in (1, 7 * vocabulary, 50 * vocabulary, CELLS):
            losses, best = score_tokens(network, hidden, labels, cells)
            torch.testing.assert_close(losses, whole, rtol=0, atol=1e-6 * whole.max().item())
            assert best.tolist() == logits.argmax(1).tolist()


def test_of_a_vocabulary_of_250_000_few_rows_are_there_at_a_time():
    output = torch.nn.Linear(4, 250_000, bias=False)
    network = SimpleNamespace(get_output_embeddings=lambda: output)
    rows = []
    output.register_forward_hook(lambda _, inputs, logits: rows.append(tuple(logits.shape)))
    with torch.inference_mode():
        losses, _ = score_tokens(network, torch.randn(300, 4), torch.arange(300))
    assert rows == [(67, 250_000)] * 4 + [(32, 250_000)]
    assert len(losses) == 300
    assert 4 * 67 * 250_000 <= 2**26  # 64 MiB in bytes; all rows together would need 286 MiB


def test_no_logits_are_computed_where_hidden_states_are_read(small):
    network = open_network(small)
    shapes = []
    network.get_output_embeddings().register_forward_hook(lambda _, inputs, logits: shapes.append(logits.shape[0]))
    ids = torch.tensor([[5, 6, 7, 1]])
    wanted = torch.tensor([[True, False, True, True]])
    with torch.inference_mode():
        hidden = read_hidden(network, wanted, input_ids=ids, decoder_input_ids=ids)
        network(input_ids=ids, decoder_input_ids=ids)
    assert hidden.shape == (3, network.config.d_model)
    assert shapes == [0, 1]  # the second call shows that the hook was removed


@pytest.mark.parametrize("kind", ["xlm-roberta", "bert"])
def test_an_encoder_is_scored_one_masked_token_at_a_time(kind, tmp_path):
    folder = tmp_path / kind
    build_masked(kind, folder)
    found = masked_statistics.measure(folder, {"train": LINES[:6]}, language="en", seed=0, threads=1)
    tokenizer, network = AutoTokenizer.from_pretrained(folder), AutoModelForMaskedLM.from_pretrained(folder).eval()
    losses, right = [], []
    with torch.inference_mode():
        for line in LINES[:6]:
            ids = tokenizer(line, return_tensors="pt")["input_ids"]
            assert ids.shape[1] - 2 <= masked_statistics.POSITIONS
            for place in range(1, ids.shape[1] - 1):
                masked = ids.clone()
                masked[0, place] = tokenizer.mask_token_id
                logits = network(input_ids=masked).logits[0, place]
                losses.append(torch.nn.functional.cross_entropy(logits, ids[0, place]).item())
                right.append(logits.argmax().item() == ids[0, place].item())
    values, counts = found.texts["train"]["values"], found.texts["train"]["counts"]
    assert values["log_pseudo_perplexity"] == pytest.approx(numpy.mean(losses), abs=1e-5)
    assert values["masked_accuracy"] == pytest.approx(numpy.mean(right))
    assert counts["masked_tokens"] == counts["tokens"] == len(losses)
    assert (counts["lines"], counts["pieces"]) == (6, 6)


def build_masked(kind, folder):
    """Save a random encoder with a masked language model head."""
    torch.manual_seed(0)
    if kind == "bert":
        tokenizer = tiny_models.build_wordpiece(folder)
        config = tiny_models.BertConfig(vocab_size=len(tokenizer), **tiny_models.SIZES)
        tiny_models.BertForMaskedLM(config).save_pretrained(folder)
    else:
        tokenizer = tiny_models.build_unigram(folder)
        config = tiny_models.XLMRobertaConfig(
            vocab_size=len(tokenizer), max_position_embeddings=64, pad_token_id=1, **tiny_models.SIZES
        )
        tiny_models.XLMRobertaForMaskedLM(config).save_pretrained(folder)


def test_long_lines_are_masked_at_some_places_only(monkeypatch):
    monkeypatch.setattr(masked_statistics, "BUDGET", 1000)
    pieces, counts = masked_statistics.cut_lines([[7] * 300, [8], [9] * 20, [6] * 9], around=2)
    # The line of 300 tokens gives pieces of 256 and 44 tokens with 16 masks each. Scoring them needs 16 x 258 + 16 x 46
    # tokens. This is more than 1000, so no other line is used.
    assert [len(piece) for piece in pieces] == [256, 44]
    assert counts == {"lines": 1, "pieces": 2, "tokens": 300}
    examples = masked_statistics.mask_tokens(pieces, [0], [2], 99, numpy.random.default_rng(0))
    assert len(examples) == 32
    assert all(one["input_ids"][one["place"]] == 99 and one["label"] == 7 for one in examples)
    assert len({one["place"] for one in examples[:16]}) == 16


def test_the_real_encoder_without_a_head_has_a_reason_and_no_values():
    folder = PROJECT.parent / "shared" / "models" / "multilingual-minilm-l12"
    if not folder.is_dir():
        pytest.skip("the sample model is not available")
    found = masked_statistics.measure(folder, {"train": LINES}, language="en", seed=0, threads=1)
    assert (found.texts, found.reason) == ({}, "the weights contain no masked language model head")
