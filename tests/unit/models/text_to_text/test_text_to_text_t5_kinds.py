"""T5, mT5, umT5 and ByT5 with the tokenizer files of the hub: a sentencepiece file or bytes, and their sentinels."""

import json
from pathlib import Path

import pytest
import sentencepiece
import torch
from sentencepiece import sentencepiece_model_pb2
from tiny_models import draw_sentences, list_lines
from transformers import (
    AutoTokenizer,
    ByT5Tokenizer,
    MT5Config,
    MT5ForConditionalGeneration,
    T5Config,
    T5ForConditionalGeneration,
    T5Tokenizer,
    UMT5Config,
    UMT5ForConditionalGeneration,
)

from isogloss.models.language_model.text_statistics import find_noise
from isogloss.models.text_to_text import text_to_text
from isogloss.models.text_to_text.label_reader import LabelReader, find_label_tokens, find_sentinels
from isogloss.models.vocabulary.trimming import list_inputs, trim_model
from isogloss.tasks.ner import NER

RECIPE = {"format": "sentinel", "learning_rate": 3e-3, "batch_size": 8, "epochs": 1, "max_length": 256}
RECIPE |= {"accumulation": 1, "checkpointing": False}
SHAPE = {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4, "decoder_start_token_id": 0}
KINDS = {
    "t5": (T5Config, T5ForConditionalGeneration),
    "mt5": (MT5Config, MT5ForConditionalGeneration),
    "umt5": (UMT5Config, UMT5ForConditionalGeneration),
    "byt5": (T5Config, T5ForConditionalGeneration),
}


def write_pieces(folder: Path, *, sentinels: bool) -> None:
    """Train a sentencepiece file; with `sentinels`, add them in reverse order, as in `mc4.250000.100extra` of mT5."""
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([*list_lines(), "0 1 2 3 4 5 6 < > ‹"]),
        model_prefix=str(folder / "spiece"),
        vocab_size=300,
        hard_vocab_limit=False,
        required_chars="0123456",
        **{"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1, "minloglevel": 2},
    )
    (folder / "spiece.vocab").unlink()
    if sentinels:
        path = folder / "spiece.model"
        model = sentencepiece_model_pb2.ModelProto.FromString(path.read_bytes())
        for index in reversed(range(100)):
            model.pieces.add(piece=f"▁<extra_id_{index}>", score=0.0, type=model.SentencePiece.USER_DEFINED)
        path.write_bytes(model.SerializeToString())


@pytest.fixture(scope="module", params=KINDS)
def folder(request, tmp_path_factory) -> Path:
    """Folder of a small random model of each type, with the tokenizer files that such a model has on the hub."""
    folder = tmp_path_factory.mktemp(request.param)
    config, network = KINDS[request.param]
    if request.param == "byt5":
        ByT5Tokenizer().save_pretrained(folder)
    else:
        write_pieces(folder, sentinels=request.param != "t5")
        told = {"tokenizer_class": "T5Tokenizer", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
        told["extra_ids"] = 100 if request.param == "t5" else 0
        (folder / "tokenizer_config.json").write_text(json.dumps(told), encoding="utf-8")
    if request.param == "umt5":  # the only one of these models that is published with a converted tokenizer
        T5Tokenizer.from_pretrained(folder).save_pretrained(folder)
    torch.manual_seed(0)
    size = 384 if request.param == "byt5" else 512  # more embedding rows than subwords, as in all of these models
    network(config(vocab_size=size, **SHAPE)).save_pretrained(folder)
    return folder


def test_sentinels_are_found_in_the_order_of_their_names(folder):
    model = text_to_text.load(folder)
    sentinels = find_sentinels(model.tokenizer)
    text = " ".join(f"<extra_id_{index}> Rome" for index in range(100))
    assert [token for token in model.tokenizer(text)["input_ids"] if token in set(sentinels)] == sentinels
    assert find_noise(model.tokenizer)[0][0] == (258 if folder.name.startswith("byt5") else sentinels[0])


def test_logits_of_labels_are_those_of_the_whole_model(folder):
    model = text_to_text.load(folder)
    labels = find_label_tokens(model.tokenizer, NER.labels)
    inputs = model.tokenizer(["<extra_id_0> Ada <extra_id_1> sleeps"], return_tensors="pt")
    asked = torch.tensor([find_sentinels(model.tokenizer)[:2]])
    with torch.no_grad():
        every = model.network(**inputs, decoder_input_ids=asked).logits
        read = LabelReader(model.network, labels)(**inputs, decoder_input_ids=asked)["logits"]
    assert torch.allclose(read, every[:, :, labels], atol=1e-5)


@pytest.mark.parametrize("form", ["sentinel", "spans"])
def test_a_model_learns_answers_and_is_saved(folder, form, tmp_path):
    recipe, sentences = {**RECIPE, "format": form}, draw_sentences(16, seed=1)
    start = text_to_text.load(folder)
    model, budget = text_to_text.fit(start, NER, sentences, recipe, steps=12, seed=1, threads=1)
    _, later = text_to_text.fit(model, NER, sentences, recipe, steps=4, seed=1, threads=1)
    assert later["mean_loss"] < budget["mean_loss"]
    together = text_to_text.predict(model, NER, sentences, recipe, threads=1)
    assert [text_to_text.predict(model, NER, [one], recipe, threads=1)[0] for one in sentences] == together
    text_to_text.save(model, tmp_path)
    assert text_to_text.predict(text_to_text.load(tmp_path), NER, sentences, recipe, threads=1) == together


def test_a_trimmed_vocabulary_has_all_sentinels_and_answers_the_same(folder, tmp_path):
    if folder.name.startswith("byt5"):
        pytest.skip("bytes are not trimmed")
    sentences = draw_sentences(8, seed=1)
    trim_model(folder, list_inputs(NER, sentences, targets=False), tmp_path)
    whole, trimmed = text_to_text.load(folder), text_to_text.load(tmp_path)
    assert len(AutoTokenizer.from_pretrained(tmp_path)) < len(whole.tokenizer)
    assert len(find_sentinels(trimmed.tokenizer)) == 100
    answers = [text_to_text.predict(model, NER, sentences, RECIPE, threads=1) for model in (whole, trimmed)]
    assert answers[0] == answers[1]
