"""The bilstm-crf family: learning, independence of padding and gold labels, saving, and vocabulary growth."""

import dataclasses
import json
import random

import pytest
import torch
from studies import SAMPLES
from tagging import measure_chance, shuffle_tags
from tiny_models import draw_sentences

from isogloss.common.errors import UserError
from isogloss.common.examples import TaggedSentence
from isogloss.families.steps import count_steps
from isogloss.models.crf import bilstm_crf
from isogloss.tasks.ner import NER

PANX = SAMPLES / "panx"
RECIPE = {"learning_rate": 1.5e-2, "batch_size": 8, "epochs": 10, "dropout": 0.3}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Folder of a model trained on 32 sentences."""
    model, _ = fit(None, draw_sentences(32, seed=1), steps=30)
    folder = tmp_path_factory.mktemp("trained")
    bilstm_crf.save(model, folder)
    return folder


def fit(model, examples, *, steps=None, seed=1, **changes):
    recipe = {**RECIPE, **changes}
    steps = steps or count_steps(recipe, len(examples))
    return bilstm_crf.fit(model, NER, examples, recipe, steps=steps, seed=seed, threads=1)


def predict(model, examples):
    return bilstm_crf.predict(model, NER, examples, {}, threads=1)


def measure_f1(model, examples) -> float:
    return NER.score(examples, predict(model, examples), frozenset())["scores"]["f1"]


def emit(model, examples) -> list[torch.Tensor]:
    """Return the label scores of each example, computed in one batch: a list of (words, labels)."""
    rows = bilstm_crf._encode(model, [example.tokens for example in examples])
    with torch.inference_mode():
        emissions = model.network.emit(**bilstm_crf._collate(rows))
    return [scores[: len(example.tokens)] for scores, example in zip(emissions, examples, strict=True)]


def test_it_overfits_32_sentences():
    examples = draw_sentences(32, seed=1)
    model, budget = fit(None, examples, epochs=20)
    assert (budget["steps"], budget["subword_tokens"]) == (80, None)
    assert measure_f1(model, examples) >= 0.95


def test_it_learns_what_is_there_and_nothing_from_shuffled_labels():
    examples, held_out = draw_sentences(64, seed=1), draw_sentences(100, seed=2)
    model, _ = fit(None, examples)
    assert measure_f1(model, held_out) > 0.85
    model, _ = fit(None, shuffle_tags(examples, 5))
    assert measure_f1(model, held_out) <= measure_chance(held_out) + 0.1 < 0.3


def test_the_loss_is_the_mean_over_the_labels_however_they_are_batched(trained):
    model, examples = bilstm_crf.load(trained), draw_sentences(12, seed=3)
    places = {label: place for place, label in enumerate(model.labels)}

    def measure(batch):
        labels = [[places[tag] for tag in one.tags] for one in batch]
        rows = bilstm_crf._encode(model, [one.tokens for one in batch])
        inputs = {**bilstm_crf._collate(rows), "labels": bilstm_crf._pad(labels, bilstm_crf.IGNORED)}
        with torch.inference_mode():
            return model.network(**inputs)["loss"].item()

    words = [len(one.tokens) for one in examples]
    assert len(set(words)) > 2
    alone = sum(measure([one]) * count for one, count in zip(examples, words, strict=True)) / sum(words)
    assert measure(examples) == pytest.approx(alone, rel=1e-5)


def test_padding_changes_nothing(trained):
    model, examples = bilstm_crf.load(trained), draw_sentences(70, seed=2)
    for together, one in zip(emit(model, examples), examples, strict=True):
        assert torch.allclose(together, emit(model, [one])[0], atol=1e-5)
    together = predict(model, examples)
    assert together == [prediction for one in examples for prediction in predict(model, [one])]
    assert len({prediction.tags for prediction in together}) > 5


def test_gold_changes_no_prediction(trained):
    model, examples, rng = bilstm_crf.load(trained), draw_sentences(30, seed=2), random.Random(4)
    spoilt = [dataclasses.replace(one, tags=tuple(rng.choices(NER.labels, k=len(one.tags)))) for one in examples]
    assert predict(model, examples) == predict(model, spoilt)


def test_a_run_can_be_repeated_and_the_seed_draws_the_weights():
    examples = draw_sentences(16, seed=1)
    once, again, other = (fit(None, examples, steps=4, seed=seed)[0].network.state_dict() for seed in (1, 1, 2))
    assert [name for name in once if not torch.equal(once[name], again[name])] == []
    assert not torch.equal(once["emission.weight"], other["emission.weight"])


def test_a_saved_model_comes_back_whole(trained, tmp_path):
    model, examples = bilstm_crf.load(trained), draw_sentences(30, seed=2)
    assert sorted(path.name for path in trained.iterdir()) == ["model.safetensors", "vocabulary.json"]
    rows = json.loads((trained / "vocabulary.json").read_text(encoding="utf-8"))
    assert rows["labels"] == list(NER.labels)
    assert rows["words"] == sorted({word for one in draw_sentences(32, seed=1) for word in one.tokens})
    assert model.network.words.weight.shape == (len(rows["words"]) + 1, bilstm_crf.WORD_SIZE)
    bilstm_crf.save(model, tmp_path)
    for name in ("model.safetensors", "vocabulary.json"):
        assert (tmp_path / name).read_bytes() == (trained / name).read_bytes()
    assert predict(bilstm_crf.load(tmp_path), examples) == predict(model, examples)


@pytest.mark.parametrize("name", ["model.safetensors", "vocabulary.json"])
def test_a_damaged_file_is_told_in_one_line(trained, tmp_path, name):
    bilstm_crf.save(bilstm_crf.load(trained), tmp_path)
    whole = (tmp_path / name).read_bytes()
    for damaged in (
        b"",
        whole[: len(whole) // 2],
        whole.replace(b'"words"', b'"other"').replace(b"emission", b"omission"),
    ):
        (tmp_path / name).write_bytes(damaged)
        with pytest.raises(
            UserError, match=r"is not a complete safetensors file|does not fit model.safetensors"
        ) as caught:
            bilstm_crf.load(tmp_path)
        assert "\n" not in str(caught.value)


def test_what_a_model_has_not_seen_is_added_to_it_as_the_unknown(trained):
    model, known = bilstm_crf.load(trained), draw_sentences(30, seed=2)
    shot = TaggedSentence("ru", "ru", ("Ада", "живёт", "Rome"), ("B-PER", "O", "B-LOC"))
    before = [*emit(model, known), *emit(model, [shot])]
    grown = bilstm_crf._grow(model, [shot.tokens])
    assert set(grown.words) - set(model.words) == {"Ада", "живёт", "Rome"} - set(model.words)
    assert set(grown.characters) - set(model.characters) == set("Адаживёт")
    assert grown.words[: len(model.words)] == model.words
    after = [*emit(grown, known), *emit(grown, [shot])]
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))
    # After further training, the model distinguishes the new words.
    adapted, budget = fit(bilstm_crf.load(trained), [shot], steps=30)
    assert budget["steps"] == 30
    assert [one.tags for one in predict(adapted, [shot])] == [shot.tags]
    row = adapted.words.index("Ада") + 1
    assert not torch.equal(adapted.network.words.weight[row], adapted.network.words.weight[bilstm_crf.UNKNOWN])


def test_words_and_characters_that_are_in_no_training_and_empty_words_are_read(trained):
    words = ("日本", "", "🙂" * 300, "Rome")
    (prediction,) = predict(bilstm_crf.load(trained), [TaggedSentence("x", "xx", words, ("O",) * 4)])
    assert (len(prediction.tags), prediction.lost_words, prediction.pieces) == (4, 0, 1)
    assert set(prediction.tags) <= set(NER.labels)


def test_a_model_of_other_labels_is_refused(trained):
    model = dataclasses.replace(bilstm_crf.load(trained), labels=("O", "X"))
    with pytest.raises(UserError, match="task ner: the bilstm-crf model was trained for the labels "):
        predict(model, draw_sentences(1, seed=1))


def read_panx(language: str, split: str, count: int) -> list[TaggedSentence]:
    blocks = (PANX / language / f"{split}.tsv").read_text(encoding="utf-8").strip().split("\n\n")[:count]
    rows = [[line.split("\t") for line in block.splitlines()] for block in blocks]
    return [
        TaggedSentence(str(index), language, tuple(row[0] for row in lines), tuple(row[1] for row in lines))
        for index, lines in enumerate(rows)
    ]


@pytest.mark.skipif(not PANX.exists(), reason="the PAN-X samples are not available")
def test_it_overfits_32_real_sentences():
    examples = read_panx("sw", "train", 32)
    model, _ = fit(None, examples, epochs=20)
    assert measure_f1(model, examples) >= 0.95
