"""The encoder family: splitting of sentences, trained weights, saved models, and learning."""

import dataclasses
import json
import math
import random
from pathlib import Path

import pytest
import torch
from studies import PROJECT, SAMPLES
from tagging import measure_chance, shuffle_tags
from tiny_models import build_encoder, draw_sentences
from transformers import GPT2Config, GPT2LMHeadModel, MT5Config, MT5ForConditionalGeneration

from isogloss.common.errors import UserError
from isogloss.common.examples import TaggedSentence
from isogloss.families.steps import count_steps
from isogloss.models.encoder import encoder
from isogloss.models.vocabulary.word_pieces import cut_sentences, fill_evenly
from isogloss.tasks.ner import NER

SAMPLE = PROJECT.parent / "shared" / "models" / "multilingual-minilm-l12"
PANX = SAMPLES / "panx"
RECIPE = {
    "learning_rate": 3e-3,
    "epochs": 30,
    "batch_size": 8,
    "accumulation": 1,
    "checkpointing": False,
    "max_length": 64,
    "freeze_embeddings": False,
}
LORA = {"rank": 4, "alpha": 8, "dropout": 0.1}


@pytest.fixture(scope="module")
def start(tmp_path_factory) -> Path:
    return build_encoder(tmp_path_factory.mktemp("encoders") / "tiny")


@pytest.fixture(scope="module")
def bert(tmp_path_factory) -> Path:
    return build_encoder(tmp_path_factory.mktemp("encoders") / "bert", "bert")


@pytest.fixture(scope="module")
def trained(start, tmp_path_factory) -> Path:
    """Folder of a model trained on 64 sentences."""
    model, _ = fit(encoder.load(start), draw_sentences(64, seed=1), epochs=8)
    folder = tmp_path_factory.mktemp("trained")
    encoder.save(model, folder)
    return folder


def fit(model, examples, *, steps=None, seed=1, **changes):
    recipe = {**RECIPE, **changes}
    steps = steps or count_steps(recipe, len(examples))
    return encoder.fit(model, NER, examples, recipe, steps=steps, seed=seed, threads=1)


def predict(model, examples, **changes):
    return encoder.predict(model, NER, examples, {**RECIPE, **changes}, threads=1)


def measure_f1(model, examples, **changes) -> float:
    return NER.score(examples, predict(model, examples, **changes), frozenset())["scores"]["f1"]


def list_weights(model) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in model.network.state_dict().items()}


def list_changed(before: dict[str, torch.Tensor], model) -> set[str]:
    after = model.network.state_dict()
    assert after.keys() == before.keys()
    return {name for name, tensor in after.items() if not torch.equal(tensor, before[name])}


@pytest.mark.parametrize(
    ("sizes", "room", "runs"),
    [
        ([], 5, []),
        ([5], 5, [(0, 1)]),
        ([3, 3, 3, 3], 6, [(0, 2), (2, 4)]),
        ([1] * 10, 4, [(0, 4), (4, 8), (8, 10)]),
        ([1] * 12, 5, [(0, 4), (4, 8), (8, 12)]),
        ([1, 1, 5, 1, 1], 5, [(0, 2), (2, 3), (3, 5)]),
    ],
)
def test_words_fill_the_fewest_pieces_evenly(sizes, room, runs):
    assert fill_evenly(sizes, room) == runs


def test_a_long_sentence_is_cut_between_words_and_no_word_is_lost(start):
    tokenizer = encoder.load(start).tokenizer
    words = [word for one in draw_sentences(40, seed=3) for word in one.tokens]
    (whole,) = cut_sentences(tokenizer, [words], 10**6)
    (cut,) = cut_sentences(tokenizer, [words], 24)
    assert len(words) > 300 and len(whole.pieces) == 1 and len(cut.pieces) > 20
    assert {len(piece.input_ids) <= 24 for piece in cut.pieces} == {True}
    assert cut.lost == whole.lost == 0
    assert [word for piece in cut.pieces for word in piece.words] == list(range(len(words)))
    inside = [token for piece in cut.pieces for token in piece.input_ids[1:-1]]
    assert inside == whole.pieces[0].input_ids[1:-1]
    assert inside == tokenizer(words, is_split_into_words=True, add_special_tokens=False)["input_ids"]
    for piece in cut.pieces:
        assert (piece.input_ids[0], piece.input_ids[-1]) == (tokenizer.cls_token_id, tokenizer.sep_token_id)
        firsts = tokenizer.convert_ids_to_tokens([piece.input_ids[first] for first in piece.firsts])
        assert all(token.startswith("▁") for token in firsts)


def test_the_tags_of_a_long_sentence_are_those_of_its_pieces_joined(trained):
    model = encoder.load(trained)
    words = tuple(word for one in draw_sentences(20, seed=4) for word in one.tokens)
    (prediction,) = predict(model, [TaggedSentence("long", "en", words, ("O",) * len(words))])
    (cut,) = cut_sentences(model.tokenizer, [words], RECIPE["max_length"])
    runs = [tuple(words[place] for place in piece.words) for piece in cut.pieces]
    parts = predict(model, [TaggedSentence("part", "en", run, ("O",) * len(run)) for run in runs])
    assert prediction.tags == tuple(tag for part in parts for tag in part.tags)
    assert len(set(prediction.tags)) > 3 and len(prediction.tags) == len(words) > 150
    assert (prediction.pieces, prediction.lost_words) == (len(runs), 0) and len(runs) > 3
    result = NER.score([TaggedSentence("long", "en", words, prediction.tags)], [prediction], frozenset())
    assert result["support"]["split_sentences"] == 1


def test_no_input_is_longer_than_the_model_s_positions(start):
    model, _ = fit(encoder.load(start), draw_sentences(8, seed=1), steps=1)
    word = "Kovalevskaya"
    (prediction,) = predict(model, [TaggedSentence("a", "en", (word,) * 200, ("O",) * 200)], max_length=4096)
    assert prediction.pieces >= 2 and prediction.lost_words == 0


def test_words_that_are_not_seen_whole_are_counted_and_the_empty_ones_are_o(bert):
    model, _ = fit(encoder.load(bert), draw_sentences(8, seed=1), steps=1)
    with torch.no_grad():
        model.network.classifier.bias[1] += 100  # every word that the model reads is then labelled B-LOC
    words = ("Ada", "\u200b", "q.w." * 20, "\u200e\u200d", "Rome")
    (prediction,) = predict(model, [TaggedSentence("a", "en", words, ("O",) * 5)], max_length=16)
    assert prediction.tags == ("B-LOC", "O", "B-LOC", "O", "B-LOC")
    assert prediction.lost_words == 3
    (nothing,) = predict(model, [TaggedSentence("b", "en", ("\u200b", "\u200b"), ("O", "B-PER"))])
    assert (nothing.tags, nothing.lost_words, nothing.pieces) == (("O", "O"), 2, 1)
    # Training skips such words. A sentence with only invisible words must not produce a batch without labels.
    blank = [TaggedSentence("c", "en", ("\u200b",), ("B-PER",))]
    model, budget = fit(model, [*blank, *draw_sentences(2, seed=1), *blank], steps=3, batch_size=1)
    assert 0 < budget["mean_loss"] < math.inf


@pytest.mark.parametrize("word", ["</s>", "<mask>", "[SEP]", "[MASK]", "<s>"])
def test_what_looks_like_a_special_token_is_text(start, bert, word):
    for folder in (start, bert):
        tokenizer = encoder.load(folder).tokenizer
        sentence = TaggedSentence("a", "en", ("Ada", word, "Rome"), ("O",) * 3)
        (cut,) = cut_sentences(tokenizer, [NER.tagging.words(sentence)], 64)
        special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
        assert [token in special for token in cut.pieces[0].input_ids[1:-1]].count(True) == 0
        assert cut.pieces[0].words == [0, 1, 2]


def test_words_are_read_as_after_a_space_where_the_vocabulary_tells_them_apart(tmp_path):
    folder = build_encoder(tmp_path / "a", "roberta")
    config = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps({**config, "tokenizer_class": "RobertaTokenizer"}))
    tokenizer = encoder.load(folder).tokenizer
    assert tokenizer.tokenize("Alan lives") == ["A", "lan", "Ġlives"]  # without a space, segmented like a word ending
    (cut,) = cut_sentences(tokenizer, [["Alan", "lives"]], 64)
    assert tokenizer.convert_ids_to_tokens(cut.pieces[0].input_ids) == ["<s>", "ĠAlan", "Ġlives", "</s>"]


def test_it_overfits_32_sentences(start):
    examples = draw_sentences(32, seed=1)
    model, budget = fit(encoder.load(start), examples)
    assert budget["steps"] == 120
    assert budget["subword_tokens"].keys() == {"en"}
    assert measure_f1(model, examples) >= 0.95


def test_it_learns_what_is_there_and_nothing_from_shuffled_labels(start):
    examples, held_out = draw_sentences(96, seed=1), draw_sentences(100, seed=2)
    model, _ = fit(encoder.load(start), examples, epochs=6)
    assert measure_f1(model, held_out) > 0.85
    model, _ = fit(encoder.load(start), shuffle_tags(examples, 5), epochs=6)
    assert measure_f1(model, held_out) <= measure_chance(held_out) + 0.1 < 0.3


@pytest.mark.parametrize("kind", ["xlm-roberta", "bert", "roberta"])
def test_predictions_are_the_same_alone_and_in_batches(kind, tmp_path):
    model, _ = fit(encoder.load(build_encoder(tmp_path / "a", kind)), draw_sentences(8, seed=1), steps=1)
    torch.nn.init.normal_(model.network.classifier.weight)
    examples = draw_sentences(70, seed=2)
    together = predict(model, examples)
    assert together == [prediction for one in examples for prediction in predict(model, [one])]
    assert len({prediction.tags for prediction in together}) > 30
    assert together == predict(model, examples[::-1])[::-1]


def test_gold_changes_no_prediction(trained):
    model, examples, rng = encoder.load(trained), draw_sentences(30, seed=2), random.Random(4)
    spoilt = [dataclasses.replace(one, tags=tuple(rng.choices(NER.labels, k=len(one.tags)))) for one in examples]
    assert predict(model, examples) == predict(model, spoilt)


def test_a_saved_model_comes_back_with_its_head_and_learns_on(trained, tmp_path):
    model, examples = encoder.load(trained), draw_sentences(30, seed=2)
    assert {path.name for path in trained.iterdir()} == {
        *("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
    }
    assert json.loads((trained / "config.json").read_text())["id2label"]["1"] == "B-LOC"
    assert measure_f1(model, examples) > 0.85
    encoder.save(model, tmp_path)
    assert (tmp_path / "model.safetensors").read_bytes() == (trained / "model.safetensors").read_bytes()
    before = list_weights(model)
    adapted, budget = fit(encoder.load(trained), examples[:4], steps=2, learning_rate=1e-5)
    assert budget["steps"] == 2
    moved = adapted.network.classifier.weight - before["classifier.weight"]
    assert 0 < moved.abs().max() < 1e-4  # the head was kept and trained further


def test_the_head_is_drawn_by_the_seed_and_a_run_can_be_repeated(start):
    examples = draw_sentences(16, seed=1)
    once, again, other = (list_weights(fit(encoder.load(start), examples, steps=4, seed=s)[0]) for s in (1, 1, 2))
    assert [name for name in once if not torch.equal(once[name], again[name])] == []
    assert not torch.equal(once["classifier.weight"], other["classifier.weight"])


def test_a_model_of_other_labels_gets_a_fresh_head_of_the_same_size(start, tmp_path):
    model, _ = fit(encoder.load(start), draw_sentences(8, seed=1), steps=1)
    model.network.config.id2label = {place: f"X-{place}" for place in range(7)}
    encoder.save(model, tmp_path)
    model = encoder.load(tmp_path)
    with pytest.raises(UserError, match="task ner: the encoder has no tagging head for the labels O, B-LOC"):
        predict(model, draw_sentences(1, seed=1))
    before = list_weights(model)
    model, _ = fit(model, draw_sentences(8, seed=1), steps=1, seed=2, learning_rate=1e-9)
    changed = {
        name
        for name in list_changed(before, model)
        if (model.network.state_dict()[name] - before[name]).abs().max() > 1e-3
    }
    assert changed == {"classifier.weight"}


def test_frozen_embeddings_stay_and_all_else_is_trained(start):
    model, _ = fit(encoder.load(start), draw_sentences(8, seed=1), steps=1)
    before = list_weights(model)
    fit(model, draw_sentences(16, seed=2), steps=4, freeze_embeddings=True)
    frozen = "roberta.embeddings.word_embeddings.weight"
    assert list_changed(before, model) == before.keys() - {frozen, "roberta.embeddings.position_ids"} - {
        name for name in before if name.endswith(("position_ids", "token_type_ids"))
    }
    before = list_weights(model)
    fit(model, draw_sentences(16, seed=2), steps=4)
    assert frozen in list_changed(before, model)


def test_lora_trains_its_targets_and_the_head_and_leaves_an_ordinary_model(start, tmp_path):
    model, _ = fit(encoder.load(start), draw_sentences(8, seed=1), steps=1)
    before = list_weights(model)
    fit(model, draw_sentences(32, seed=2), steps=6, lora=LORA)
    adapted = {f"roberta.encoder.layer.{n}.attention.self.{part}.weight" for n in (0, 1) for part in ("query", "value")}
    assert list_changed(before, model) == adapted | {"classifier.weight", "classifier.bias"}
    moved = model.network.state_dict()[min(adapted)] - before[min(adapted)]
    assert torch.linalg.matrix_rank(moved, atol=1e-6) == LORA["rank"]
    examples = draw_sentences(20, seed=3)
    encoder.save(model, tmp_path)
    loaded = encoder.load(tmp_path)
    assert predict(loaded, examples) == predict(model, examples)
    before = list_weights(loaded)
    fit(loaded, examples, steps=3, lora={**LORA, "targets": ["key"]})
    assert {name.split(".")[-2] for name in list_changed(before, loaded)} == {"key", "classifier"}


def test_lora_learns(start):
    examples = draw_sentences(64, seed=1)
    lora = {**LORA, "rank": 8, "alpha": 16, "targets": ["query", "key", "value", "dense"]}
    model, _ = fit(encoder.load(start), examples, epochs=15, learning_rate=1e-2, lora=lora)
    assert measure_f1(model, examples) > 0.85


def test_lora_targets_that_are_not_there_are_told(start):
    line = r"training\.\*\.lora\.targets: LoRA cannot adapt nowhere .*; list modules of the model"
    with pytest.raises(UserError, match=line):
        fit(encoder.load(start), draw_sentences(4, seed=1), steps=1, lora={**LORA, "targets": ["nowhere"]})


@pytest.mark.parametrize("changes", [{"accumulation": 2}, {"checkpointing": True}])
def test_less_memory_gives_the_same_model(start, changes):
    examples = draw_sentences(16, seed=1)
    results = [
        list_weights(fit(encoder.load(start), examples, steps=2, learning_rate=1e-4, **recipe)[0])
        for recipe in ({}, changes)
    ]
    for name, tensor in results[0].items():
        assert torch.allclose(tensor.float(), results[1][name].float(), atol=1e-5), name


def spoil_weights(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def spoil_tokenizer(folder: Path) -> None:
    for path in folder.glob("token*"):
        path.unlink()
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "CanineTokenizer"}', encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            spoil_weights,
            r"contains only pickled weights \(pytorch_model.bin\), which can run code; safetensors are needed",
        ),
        (spoil_tokenizer, "the model has no fast tokenizer"),
        (lambda folder: (folder / "config.json").write_text("{"), "contains no readable config.json"),
        (
            lambda folder: (folder / "config.json").write_text('{"model_type": "x"}'),
            "no family supports models of type x",
        ),
    ],
)
def test_a_folder_that_cannot_be_used_is_told_in_one_line(tmp_path, spoil, message):
    spoil(build_encoder(tmp_path / "a"))
    with pytest.raises(UserError, match=message) as caught:
        encoder.load(tmp_path / "a")
    assert "\n" not in str(caught.value)


def test_a_model_without_the_head_for_labels_is_refused(tmp_path):
    sizes = {"vocab_size": 50, "d_model": 8, "d_kv": 4, "d_ff": 16, "num_layers": 1, "num_heads": 2}
    MT5ForConditionalGeneration(MT5Config(**sizes)).save_pretrained(tmp_path / "mt5")
    GPT2LMHeadModel(GPT2Config(vocab_size=50, n_embd=8, n_layer=1, n_head=2)).save_pretrained(tmp_path / "gpt2")
    with pytest.raises(UserError, match="is of family text-to-text, not encoder"):
        encoder.load(tmp_path / "mt5")
    with pytest.raises(UserError, match="GPT2LMHeadModel is decoder-only"):
        encoder.load(tmp_path / "gpt2")


def test_a_task_without_labels_or_spans_is_refused(trained):
    task = dataclasses.replace(NER, kind="tr", tagging=None)
    with pytest.raises(UserError, match="task tr: an encoder can label words, label pairs of texts or find spans"):
        encoder.predict(encoder.load(trained), task, draw_sentences(1, seed=1), RECIPE, threads=1)


def read_panx(language: str, split: str, count: int) -> list[TaggedSentence]:
    blocks = (PANX / language / f"{split}.tsv").read_text(encoding="utf-8").strip().split("\n\n")[:count]
    rows = [[line.split("\t") for line in block.splitlines()] for block in blocks]
    return [
        TaggedSentence(str(index), language, tuple(row[0] for row in lines), tuple(row[1] for row in lines))
        for index, lines in enumerate(rows)
    ]


@pytest.mark.skipif(not (SAMPLE.exists() and PANX.exists()), reason="the samples are not available")
def test_a_real_encoder_overfits_32_real_sentences():
    model, examples = encoder.load(SAMPLE), read_panx("sw", "train", 32)
    assert {tensor.dtype for tensor in model.network.state_dict().values()} <= {torch.float32, torch.int64}
    model, _ = fit(model, examples, steps=60, learning_rate=2e-4, freeze_embeddings=True)
    assert measure_f1(model, examples) >= 0.95
    hindi = read_panx("hi", "test", 20)
    assert predict(model, hindi) == [prediction for one in hindi for prediction in predict(model, [one])]
