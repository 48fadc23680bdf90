"""Vocabulary trimming: the studied text keeps its subwords and logits, and other text can still be tokenised."""

import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from studies import PROJECT, make_study
from tiny_models import build_encoder, draw_sentences, list_lines
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import (
    AutoModelForMaskedLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    MT5Config,
    MT5ForConditionalGeneration,
    PreTrainedTokenizerFast,
)

from isogloss import cli
from isogloss.common.errors import UserError
from isogloss.common.examples import Question, SentencePair, TaggedSentence, write_examples
from isogloss.common.files import read_json
from isogloss.models.encoder import encoder
from isogloss.models.encoder.text_pairs import cut_windows
from isogloss.models.text_to_text import text_to_text
from isogloss.models.text_to_text.label_reader import find_label_tokens, find_sentinels
from isogloss.models.vocabulary.pieces import encode_texts, find_needed
from isogloss.models.vocabulary.trimming import list_inputs, trim_model
from isogloss.models.vocabulary.vocabulary import build_tokenizer
from isogloss.tasks import find_task
from isogloss.tasks.ner import NER

SAMPLE = PROJECT.parent / "shared" / "models" / "multilingual-minilm-l12"
ENCODERS = ("xlm-roberta", "bert", "roberta")
RECIPE = {
    "learning_rate": 3e-3,
    "batch_size": 8,
    "accumulation": 1,
    "checkpointing": False,
    "max_length": 96,
    "freeze_embeddings": False,
}


def build_mt5(folder: Path) -> Path:
    """Build a random MT5 with untied output weights, as in mT5, and with more embedding rows than subwords."""
    folder.mkdir()
    build_tokenizer(list_lines(), 600, folder)
    size = len(AutoTokenizer.from_pretrained(folder)) + 12
    torch.manual_seed(0)
    network = MT5ForConditionalGeneration(
        MT5Config(vocab_size=size, d_model=32, d_kv=8, d_ff=48, num_layers=2, num_heads=4)
    )
    network.config.tie_word_embeddings = False
    network.lm_head.weight = torch.nn.Parameter(torch.randn(size, 32))
    network.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def wholes(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("whole")
    return {kind: build_encoder(folder / kind, kind) for kind in ENCODERS} | {"mt5": build_mt5(folder / "mt5")}


@pytest.fixture(scope="module")
def trimmed(wholes, tmp_path_factory) -> dict[str, Path]:
    """Each model, trimmed to twelve sentences that do not contain many of its subwords."""
    folders = {}
    for kind, whole in wholes.items():
        folders[kind] = tmp_path_factory.mktemp("trimmed")
        trim_model(whole, list_studied(), folders[kind])
    return folders


def list_studied() -> list:
    return sorted(list_inputs(NER, draw_sentences(12, seed=1), targets=True), key=str)


def map_ids(whole: Path, trimmed: Path) -> list[int]:
    """Return, for each id of the trimmed tokenizer, the id of the same subword in the original tokenizer."""
    before, after = (AutoTokenizer.from_pretrained(folder) for folder in (whole, trimmed))
    return before.convert_tokens_to_ids(after.convert_ids_to_tokens(range(len(after))))


@pytest.mark.parametrize("kind", [*ENCODERS, "mt5"])
def test_the_studied_text_has_the_same_pieces(wholes, trimmed, kind):
    before, after = (AutoTokenizer.from_pretrained(folder) for folder in (wholes[kind], trimmed[kind]))
    kept = map_ids(wholes[kind], trimmed[kind])
    assert None not in kept and kept == sorted(set(kept))
    assert len(after) < len(before)
    text = list_studied()
    pairs = zip(encode_texts(before, text), encode_texts(after, text), strict=True)
    assert [one for (one, old), (_, new) in pairs if [kept[token] for token in new] != old] == []
    assert {before.tokenize(one) == after.tokenize(one) for one in text if isinstance(one, str)} == {True}
    assert before.special_tokens_map == after.special_tokens_map
    assert sorted(before.all_special_tokens) == sorted(after.all_special_tokens)
    assert after.pad_token_id == before.pad_token_id
    assert before.decode(before(text[0])["input_ids"]) == after.decode(after(text[0])["input_ids"])
    record = read_json(trimmed[kind] / "trimming.json")
    assert record["pieces_kept"] == len(after) == read_json(trimmed[kind] / "config.json")["vocab_size"]
    assert record["pieces"] == read_json(wholes[kind] / "config.json")["vocab_size"] > len(before)
    assert record["texts"] == len(text)


@pytest.mark.parametrize("kind", [*ENCODERS, "mt5"])
def test_other_text_can_still_be_tokenised(wholes, trimmed, kind):
    before, after = (AutoTokenizer.from_pretrained(folder) for folder in (wholes[kind], trimmed[kind]))
    for text in ("springt über den faulen Hund", "солнце светит", "Sofia met Emmy in Kazan"):
        assert before.unk_token_id not in before(text)["input_ids"]
        assert after.unk_token_id not in after(text)["input_ids"]
        assert after.decode(after(text)["input_ids"], skip_special_tokens=True).strip() == text
    if kind in ("roberta", "mt5"):  # these tokenizers fall back to bytes
        assert after.unk_token_id not in after("日本語")["input_ids"]


@pytest.mark.parametrize("kind", ENCODERS)
def test_the_logits_of_an_encoder_are_those_of_the_kept_rows(wholes, trimmed, kind):
    kept = map_ids(wholes[kind], trimmed[kind])
    before, after = (AutoModelForMaskedLM.from_pretrained(folder).eval() for folder in (wholes[kind], trimmed[kind]))
    tokens = torch.randint(len(kept), (6, 20), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        old, new = before(input_ids=torch.tensor(kept)[tokens]).logits, after(input_ids=tokens).logits
    assert new.shape == (6, 20, len(kept)) and old.shape[-1] > len(kept)
    assert (old[..., kept] - new).abs().max() <= 1e-5
    assert old.std() > 0.1
    assert read_json(trimmed[kind] / "trimming.json")["parameters_kept"] < sum(p.numel() for p in before.parameters())


def test_the_logits_of_an_untied_mt5_are_those_of_the_kept_rows(wholes, trimmed):
    kept = map_ids(wholes["mt5"], trimmed["mt5"])
    before, after = (AutoModelForSeq2SeqLM.from_pretrained(folder).eval() for folder in (wholes["mt5"], trimmed["mt5"]))
    for model in (before, after):
        assert not torch.equal(model.lm_head.weight, model.shared.weight)
    assert torch.equal(after.lm_head.weight, before.lm_head.weight[kept])
    assert torch.equal(after.shared.weight, before.shared.weight[kept])
    generator = torch.Generator().manual_seed(0)
    source, target = (torch.randint(len(kept), (4, 12), generator=generator) for _ in range(2))
    with torch.no_grad():
        old = before(input_ids=torch.tensor(kept)[source], decoder_input_ids=torch.tensor(kept)[target]).logits
        new = after(input_ids=source, decoder_input_ids=target).logits
    assert (old[..., kept] - new).abs().max() <= 1e-5
    tokenizer = AutoTokenizer.from_pretrained(trimmed["mt5"])
    assert len(find_sentinels(tokenizer)) == 100
    assert len(find_label_tokens(tokenizer, [str(n) for n in range(36)])) == 36
    config = read_json(trimmed["mt5"] / "config.json")
    assert (config["pad_token_id"], config["eos_token_id"], config["decoder_start_token_id"]) == (0, 1, 0)


@pytest.mark.parametrize("kind", ENCODERS)
def test_an_encoder_predicts_the_same_when_trimmed(wholes, trimmed, kind):
    examples = draw_sentences(12, seed=1)
    predictions = []
    for folder in (wholes[kind], trimmed[kind]):
        model = encoder.load(folder)
        model, _ = encoder.fit(model, NER, examples, {**RECIPE, "freeze_embeddings": True}, steps=12, seed=1, threads=1)
        predictions.append(encoder.predict(model, NER, examples, RECIPE, threads=1))
    assert predictions[0] == predictions[1]
    assert len({prediction.tags for prediction in predictions[0]}) > 3


@pytest.mark.parametrize("form", ["sentinel", "spans"])
def test_a_text_to_text_model_predicts_the_same_when_trimmed(wholes, trimmed, form):
    examples = draw_sentences(12, seed=1)
    recipe = {"format": form, "max_length": 96}
    predictions = [
        text_to_text.predict(text_to_text.load(folder), NER, examples, recipe, threads=1)
        for folder in (wholes["mt5"], trimmed["mt5"])
    ]
    if form == "sentinel":
        assert predictions[0] == predictions[1]
        assert len({tag for prediction in predictions[0] for tag in prediction.tags}) > 1
    else:  # the original model may have generated subwords that were removed
        assert [len(one.tags) for one in predictions[0]] == [len(one.tags) for one in predictions[1]]


def save_tokenizer(model, folder: Path) -> PreTrainedTokenizerFast:
    backend = Tokenizer(model)
    backend.normalizer = normalizers.NFKC()
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="[UNK]", pad_token="[PAD]")
    fast.save_pretrained(folder)
    return fast


def find_pieces(fast: PreTrainedTokenizerFast, text: list[str]) -> set[str]:
    form = json.loads(fast.backend_tokenizer.to_str())
    return set(fast.convert_ids_to_tokens(find_needed(fast, form, text)))


def test_a_wordpiece_word_that_ends_in_the_unknown_token_finds_no_other_way(tmp_path):
    # The longest match "ab" leaves "c", which has no subword. Without "ab", the word would be "a" and "##bc".
    vocabulary = {"[PAD]": 0, "[UNK]": 1, "ab": 2, "a": 3, "##bc": 4, "xbc": 5, "##d": 6, "abcd": 7, "x": 8}
    fast = save_tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"), tmp_path)
    assert fast.tokenize("abc abcd") == ["[UNK]", "abcd"]
    assert "ab" in find_pieces(fast, ["abc"])
    assert find_pieces(fast, ["x"]) == {"[PAD]", "[UNK]", "a", "x", "##d"}


def test_the_lowest_score_of_a_unigram_vocabulary_stays_as_it_sets_that_of_the_unknown(tmp_path):
    pieces = [("[PAD]", 0.0), ("[UNK]", 0.0), ("a", -1.0), ("aé", -13.0), ("lowest", -50.0), ("other", -2.0)]
    fast = save_tokenizer(models.Unigram(pieces, unk_id=1), tmp_path)
    assert find_pieces(fast, ["aé"]) == {"[PAD]", "[UNK]", "a", "aé", "lowest"}


def test_bpe_keeps_what_its_pieces_are_merged_from(tmp_path):
    vocabulary = {piece: place for place, piece in enumerate(["[PAD]", "[UNK]", *"abcd", "ab", "abc", "cd", "abcd"])}
    merges = [("a", "b"), ("c", "d"), ("ab", "c"), ("ab", "cd")]
    fast = save_tokenizer(models.BPE(vocabulary, merges, unk_token="[UNK]"), tmp_path)
    assert fast.tokenize("abcd abc") == ["abcd", "abc"]
    assert find_pieces(fast, ["abc"]) == {"[PAD]", "[UNK]", *"abcd", "ab", "abc"}
    assert find_pieces(fast, ["abcd"]) == {"[PAD]", "[UNK]", *"abcd", "ab", "cd", "abcd"}


def test_what_cannot_be_trimmed_exactly_is_refused(wholes, tmp_path):
    fast = save_tokenizer(models.WordLevel({"[PAD]": 0, "[UNK]": 1, "a": 2}, unk_token="[UNK]"), tmp_path)
    with pytest.raises(UserError, match="a tokenizer of type WordLevel cannot be trimmed"):
        find_pieces(fast, ["a"])
    config = read_json(wholes["bert"] / "config.json")
    (tmp_path / "config.json").write_text(json.dumps({**config, "intermediate_size": config["vocab_size"]}))
    with pytest.raises(UserError, match="vocab_size and intermediate_size are both "):
        trim_model(tmp_path, ["a"], tmp_path / "out")


def test_the_verb_trims_to_the_text_of_the_corpora_without_the_gold_of_the_test_set(wholes, tmp_path):
    train, test = draw_sentences(6, seed=1), [TaggedSentence("t", "en", ("Hund", "Rome"), ("B-PER", "B-LOC"))]
    for split, examples in (("train", train), ("test", test)):
        write_examples(tmp_path / f"corpora/news/en/{split}.parquet", examples, TaggedSentence)
    text = [str(tmp_path / f"corpora/news/en/{split}.parquet") for split in ("train", "test")]
    recipe = json.dumps({"kinds": {"news": "ner"}, "version": 1})
    out = tmp_path / "trimmed"
    told = cli.run(
        ["trim-model", "--model", str(wholes["mt5"]), "--text", *text, "--recipe", recipe, "--out", str(out)]
    )
    assert told == 0
    before, after = (AutoTokenizer.from_pretrained(folder) for folder in (wholes["mt5"], out))
    for words in ("Hund Rome", "tag: Hund Rome", " ".join(train[0].tokens)):
        assert before.tokenize(words) == after.tokenize(words)
    inputs = list_inputs(NER, test, targets=False)
    assert ("Hund", "Rome") in inputs and "tag: Hund Rome" in inputs
    assert not any("PER" in text for text in inputs if isinstance(text, str))
    assert any("PER: Hund" in text for text in list_inputs(NER, test, targets=True) if isinstance(text, str))


@pytest.mark.parametrize("kind", ENCODERS)
def test_the_inputs_of_pairs_and_passages_keep_their_pieces(wholes, kind, tmp_path):
    pairs = [SentencePair("a", "en", "Sofia met Emmy", "Emmy lives in Kazan", "neutral")]
    questions = [Question("b", "en", "Der schnelle Fuchs springt", "Wer springt", ("Fuchs",), (13,))]
    nli, qa = (list_inputs(find_task(task), some, targets=True) for task, some in (("nli", pairs), ("qa", questions)))
    assert {"Sofia met Emmy", "Emmy lives in Kazan"} <= nli
    assert {"Wer springt", "Der schnelle Fuchs springt"} <= qa
    trim_model(wholes[kind], sorted(nli | qa), tmp_path)
    kept = map_ids(wholes[kind], tmp_path)
    before, after = (encoder.load(folder) for folder in (wholes[kind], tmp_path))
    for texts in (("Sofia met Emmy", "Emmy lives in Kazan"), ("Wer springt", "Der schnelle Fuchs springt")):
        ((old,),) = cut_windows(before, [texts], 64)
        ((new,),) = cut_windows(after, [texts], 64)
        assert [kept[token] for token in new.inputs["input_ids"]] == old.inputs["input_ids"]
        assert new.spans == old.spans and new.inputs.get("token_type_ids") == old.inputs.get("token_type_ids")


def test_the_workflow_trims_once_and_trains_on_what_is_left(workspace, wholes):
    study = make_study(
        models={"own": {"path": str(wholes["bert"]), "trim_vocabulary": True, "languages": ["de", "en", "fi"]}},
        training={"own": {"epochs": 1, "adaptation_steps": {"5": 2}}},
        transfer={"sources": [["en"]], "targets": ["fi"], "n": 30, "shots": [0, 5]},
    )
    workspace.write(study)
    outcome = workspace.snakemake("--dry-run")
    assert outcome.status == 0, outcome.text
    assert {rule: outcome.jobs[rule] for rule in ("trim_model", "finetune", "transfer", "adapt")} == {
        "trim_model": 1,
        "finetune": 1,
        "transfer": 1,
        "adapt": 1,
    }
    assert "results/small/trimmed/own" in outcome.text


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample model is not available")
def test_a_real_encoder_is_the_same_when_trimmed(tmp_path):
    text = ["Roma ndiyo mji mkuu wa Italia", "Москва столица России", ("দিল্লি", "ভারতের", "রাজধানী")]
    trim_model(SAMPLE, text, tmp_path)
    record = read_json(tmp_path / "trimming.json")
    assert record["pieces"] == 52411 and 5_000 < record["pieces_kept"] < 25_000
    kept = map_ids(SAMPLE, tmp_path)
    before, after = (encoder.load(folder) for folder in (SAMPLE, tmp_path))
    for (_, old), (_, new) in zip(
        encode_texts(before.tokenizer, text), encode_texts(after.tokenizer, text), strict=True
    ):
        assert [kept[token] for token in new] == old
        with torch.no_grad():
            hidden = [
                model.network(input_ids=torch.tensor([tokens])).last_hidden_state
                for model, tokens in ((before, old), (after, new))
            ]
        assert (hidden[0] - hidden[1]).abs().max() <= 1e-5
    with safe_open(SAMPLE / "model.safetensors", "pt") as one, safe_open(tmp_path / "model.safetensors", "pt") as other:
        assert set(one.keys()) == set(other.keys())
        rows = one.get_tensor("embeddings.word_embeddings.weight")[kept]
        assert torch.equal(rows, other.get_tensor("embeddings.word_embeddings.weight"))
        assert rows.dtype == torch.float16
