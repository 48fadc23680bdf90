"""The text-to-text family: learning, independence of gold labels and batches, and saved models."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from isogloss.common.annotation import Annotation
from isogloss.common.errors import UserError
from isogloss.corpora.synthetic.synthetic import load as make_corpus
from isogloss.models.pretraining.small_start import make_model
from isogloss.models.pretraining.tiny_mt5 import build_model
from isogloss.models.text_to_text import text_to_text
from isogloss.models.text_to_text.label_reader import LabelReader, find_label_tokens, find_sentinels
from isogloss.tasks import find_task

NER = find_task("ner")
RECIPE = {"format": "sentinel", "learning_rate": 3e-3, "batch_size": 16, "epochs": 1, "max_length": 256}
RECIPE |= {"accumulation": 1, "checkpointing": False}


@pytest.fixture(scope="module")
def corpus():
    return make_corpus({"train": 400, "validation": 10, "test": 60}, "en", Annotation("ner")).splits


@pytest.fixture(scope="module")
def folder(corpus, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    text = {"en": [" ".join(sentence.tokens) for sentence in corpus["train"]]}
    build_model(text, folder, vocabulary=800, steps=2, threads=1)
    return folder


def score(model, examples, recipe=RECIPE) -> float:
    predictions = text_to_text.predict(model, NER, examples, recipe, threads=1)
    return NER.score(examples, predictions, frozenset())["scores"]["f1"]


def test_sentinel_overfits_32_sentences_and_shuffled_tags_teach_nothing(corpus, folder):
    few = corpus["train"][:32]
    model, budget = text_to_text.fit(text_to_text.load(folder), NER, few, RECIPE, steps=160, seed=1, threads=1)
    assert score(model, few) >= 0.95
    assert budget["steps"] == 160
    assert set(budget["subword_tokens"]) == {"en"}

    rng = random.Random(1)
    shuffled = [replace(s, tags=tuple(rng.sample(s.tags, len(s.tags)))) for s in corpus["train"][:200]]
    model, _ = text_to_text.fit(text_to_text.load(folder), NER, shuffled, RECIPE, steps=60, seed=1, threads=1)
    assert score(model, corpus["test"]) < 0.1


def test_spans_overfits_32_sentences(corpus, folder):
    few = corpus["train"][:32]
    recipe = {**RECIPE, "format": "spans"}
    model, _ = text_to_text.fit(text_to_text.load(folder), NER, few, recipe, steps=250, seed=1, threads=1)
    assert score(model, few, recipe) >= 0.95


def test_the_same_seed_gives_the_same_model(corpus, folder):
    def train(seed):
        model, _ = text_to_text.fit(
            text_to_text.load(folder), NER, corpus["train"][:32], RECIPE, steps=3, seed=seed, threads=1
        )
        return torch.cat([weight.flatten() for weight in model.network.parameters()])

    assert torch.equal(train(1), train(1))
    assert not torch.equal(train(1), train(2))


@pytest.mark.parametrize("form", ["sentinel", "spans"])
def test_predictions_do_not_depend_on_gold_or_on_the_batch(corpus, folder, form):
    recipe = {**RECIPE, "format": form}
    model, _ = text_to_text.fit(
        text_to_text.load(folder), NER, corpus["train"][:32], recipe, steps=10, seed=1, threads=1
    )
    some = corpus["test"][:12]
    together = text_to_text.predict(model, NER, some, recipe, threads=1)
    alone = [text_to_text.predict(model, NER, [one], recipe, threads=1)[0] for one in some]
    rng = random.Random(0)
    lied = [replace(one, tags=tuple(rng.choices(NER.labels, k=len(one.tags)))) for one in some]
    assert text_to_text.predict(model, NER, lied, recipe, threads=1) == together
    assert alone == together


def test_words_lost_to_truncation_are_o_and_counted(corpus, folder):
    long = replace(corpus["test"][0], tokens=("Helsinki",) * 250, tags=("B-LOC",) * 250)
    model = text_to_text.load(folder)
    (whole,) = text_to_text.predict(model, NER, [long], {**RECIPE, "max_length": 1000}, threads=1)
    assert (whole.lost_words, whole.pieces, len(whole.tags)) == (0, 3, 250)
    (cut,) = text_to_text.predict(model, NER, [long], {**RECIPE, "max_length": 64}, threads=1)
    assert 150 < cut.lost_words < 250
    assert cut.tags[83 - 10 : 83] == ("O",) * 10  # the end of the first of three pieces, with 84, 83 and 83 words


def test_a_saved_model_is_the_same_model(corpus, folder, tmp_path):
    model = text_to_text.load(folder)
    text_to_text.save(model, tmp_path)
    again = text_to_text.load(tmp_path)
    for name, weight in model.network.state_dict().items():
        assert torch.equal(weight, again.network.state_dict()[name]), name
    assert {path.suffix for path in tmp_path.iterdir()} >= {".json", ".safetensors"}
    assert not list(tmp_path.glob("*.bin"))


def test_a_separate_output_layer_survives_loading_training_and_saving(corpus, folder, tmp_path):
    """mT5 has a separate output layer. Tying it to the embedding would overwrite it."""
    network = make_model(800)
    network.config.tie_word_embeddings = False
    network.lm_head.weight = torch.nn.Parameter(torch.randn_like(network.lm_head.weight))
    tokens = text_to_text.load(folder).tokens
    text_to_text.save(text_to_text.TextToText(network, tokens), tmp_path)
    loaded = text_to_text.load(tmp_path)
    assert torch.equal(loaded.network.lm_head.weight, network.lm_head.weight)
    assert not torch.equal(loaded.network.lm_head.weight, loaded.network.shared.weight)


def test_only_the_logits_of_the_labels_are_read(folder):
    model = text_to_text.load(folder)
    labels = find_label_tokens(model.tokenizer, NER.labels)
    assert len(labels) == len(set(labels)) == 7
    sentinels = find_sentinels(model.tokenizer)
    assert len(set(sentinels)) == 100
    inputs = model.tokenizer(["<extra_id_0> Anna <extra_id_1> sleeps"], return_tensors="pt")
    asked = torch.tensor([sentinels[:2]])
    with torch.no_grad():
        every = model.network(**inputs, decoder_input_ids=asked).logits
        read = LabelReader(model.network, labels)(**inputs, decoder_input_ids=asked)["logits"]
    assert torch.allclose(read, every[:, :, labels], atol=1e-5)


def test_more_labels_than_letters_and_digits_have_a_token_each(folder):
    tokenizer = text_to_text.load(folder).tokenizer
    labels = find_task("ner", [f"type {number}" for number in range(40)]).labels
    tokens = find_label_tokens(tokenizer, labels)
    assert len(set(tokens)) == len(labels) == 81
    assert tokens[:36] == tokenizer.convert_tokens_to_ids(list("0123456789abcdefghijklmnopqrstuvwxyz"))
    assert tokenizer.unk_token_id not in tokens
    with pytest.raises(UserError, match="has no distinct single tokens for 1001 labels; use another model, or format"):
        find_label_tokens(tokenizer, find_task("ner", [f"type {number}" for number in range(500)]).labels)
