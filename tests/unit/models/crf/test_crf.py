"""The crf family: features, learning, independence of gold labels, saving."""

import dataclasses
import random
import re
from pathlib import Path

import pycrfsuite
import pytest
from pycrfsuite._logparser import TrainLogParser
from studies import SAMPLES

from isogloss.common.errors import UserError
from isogloss.common.examples import TaggedSentence
from isogloss.models.crf import crf
from isogloss.tasks import find_task

NER = find_task("ner")
PANX = SAMPLES / "panx"
SYLLABLES = ("ka", "lo", "mi", "ne", "ru", "sta", "vo")


def draw_sentences(count: int, seed: int) -> list[TaggedSentence]:
    """Draw sentences in which words reveal the entity type: PER ends in -son, LOC follows `in`, ORG ends in Ltd."""
    rng = random.Random(seed)
    sentences = []
    for index in range(count):
        name, place, firm = ("".join(rng.choices(SYLLABLES, k=3)).title() for _ in range(3))
        parts = [([name + "son"], "PER"), (["in", place], "LOC"), ([firm, "Ltd"], "ORG"), (["went"], "O")]
        rng.shuffle(parts)
        tokens, tags = [], []
        for words, kind in parts:
            tokens += words
            tags += {"O": ["O"], "LOC": ["O", "B-LOC"], "PER": ["B-PER"], "ORG": ["B-ORG", "I-ORG"]}[kind]
        sentences.append(TaggedSentence(f"xx-{index}", "xx", tuple(tokens), tuple(tags)))
    return sentences


def train(examples, **recipe):
    recipe = {"c1": 0.0, "c2": 0.1, "max_iterations": 100, **recipe}
    return crf.fit(None, NER, examples, recipe, steps=None, seed=1, threads=1)


def measure_f1(model, examples) -> float:
    return NER.score(examples, crf.predict(model, NER, examples, {}, threads=1), frozenset())["scores"]["f1"]


def test_it_fits_32_sentences_and_generalises_and_shuffled_tags_do_not():
    training, held_out = draw_sentences(32, seed=1), draw_sentences(100, seed=2)
    model, budget = train(training)
    assert measure_f1(model, training) >= 0.95
    assert measure_f1(model, held_out) >= 0.9
    assert budget["subword_tokens"] is None
    assert 1 <= budget["steps"] <= 100

    rng = random.Random(3)
    shuffled = [dataclasses.replace(s, tags=tuple(rng.sample(s.tags, len(s.tags)))) for s in training]
    assert measure_f1(train(shuffled)[0], held_out) <= 0.4


def test_training_is_deterministic_and_a_recipe_is_obeyed():
    training = draw_sentences(20, seed=1)
    assert train(training)[0] == train(training)[0]
    model, budget = train(training, max_iterations=3)
    assert budget["steps"] == 3
    assert model != train(training)[0]


def test_a_saved_model_comes_back_whole(tmp_path):
    training = draw_sentences(20, seed=1)
    model, _ = train(training)
    crf.save(model, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.crfsuite", "model.crfsuite.blake2b"]
    assert crf.load(tmp_path) == model
    predictions = crf.predict(crf.load(tmp_path), NER, training, {}, threads=1)
    assert [prediction.tags for prediction in predictions] == [sentence.tags for sentence in training]


def test_predictions_read_no_gold():
    model, _ = train(draw_sentences(32, seed=1))
    held_out = draw_sentences(30, seed=2)
    rng = random.Random(4)
    random_gold = [dataclasses.replace(s, tags=tuple(rng.choices(NER.labels, k=6))) for s in held_out]
    assert crf.predict(model, NER, held_out, {}, threads=1) == crf.predict(model, NER, random_gold, {}, threads=1)


def test_features_of_a_word_its_neighbours_and_the_edges():
    first, second = crf.list_features(("Roma", "2-0"))
    assert set(first) == {
        *("bias", "begin", "word=Roma", "folded=roma", "shape=Xx", "script=LATIN"),
        *("prefix=r", "prefix=ro", "prefix=rom", "prefix=roma"),
        *("suffix=a", "suffix=ma", "suffix=oma", "suffix=roma"),
        *("1:folded=2-0", "1:shape=d-d", "1:script=none"),
    }
    assert "end" in second and "-1:folded=roma" in second and "begin" not in second


@pytest.mark.parametrize(
    ("word", "shape", "script"),
    [
        ("McDonald", "XxXx", "LATIN"),
        ("Москва", "Xx", "CYRILLIC"),
        ("القاهرة", "c", "ARABIC"),
        ("ঢাকা", "c", "BENGALI"),
        ("दिल्ली", "c", "DEVANAGARI"),
        ("(१९)", "(d)", "none"),
    ],
)
def test_shape_and_script(word, shape, script):
    assert (crf.write_shape(word), crf.name_script(word)) == (shape, script)


def read_panx(path: Path, count: int) -> list[TaggedSentence]:
    blocks = path.read_text(encoding="utf-8").strip().split("\n\n")[:count]
    rows = [[line.split("\t") for line in block.splitlines()] for block in blocks]
    return [
        TaggedSentence(str(index), "en", tuple(row[0] for row in lines), tuple(row[1] for row in lines))
        for index, lines in enumerate(rows)
    ]


@pytest.mark.skipif(not PANX.exists(), reason="the PAN-X samples are not available")
def test_600_english_panx_sentences_give_f1_between_a_half_and_two_thirds():
    model, _ = train(read_panx(PANX / "en/train.tsv", 600))
    assert 0.5 <= measure_f1(model, read_panx(PANX / "en/test.tsv", 400)) <= 0.67


def test_training_that_l_bfgs_cannot_start_is_told_in_one_line():
    # The schema of the recipe does not allow such a penalty. Its square is not a finite number.
    with pytest.raises(
        UserError, match=r"^training: L-BFGS could not train the CRF at iteration 1 \(error -\d+\); use"
    ):
        train(draw_sentences(4, seed=1), c2=1e200)
    assert train(draw_sentences(4, seed=1), c1=1e6)[1]["steps"] == 0  # no weight is worth this penalty


@pytest.mark.parametrize(("line", "what"), [("Loss", "loss"), ("Feature norm", "norm of the weights")])
@pytest.mark.parametrize("value", ["nan", "-nan", "inf"])
def test_a_loss_or_weights_that_are_not_finite_stop_training(tmp_path, line, what, value):
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", params={"max_iterations": 5}, verbose=False)
    for example in draw_sentences(4, seed=1):
        trainer.append(crf.list_features(example.tokens), example.tags)
    trainer.train(str(tmp_path / "model"))
    log = "".join(trainer.logparser.log)
    crf.check_training(trainer.logparser.iterations, log)
    head, third = log.split("***** Iteration #3 *****")
    parser = TrainLogParser()
    for one in f"{head}***** Iteration #3 *****{re.sub(rf'(?<={line}: )[0-9.]+', value, third)}".splitlines(
        keepends=True
    ):
        parser.feed(one)
    assert len(parser.iterations) == 5
    with pytest.raises(
        UserError, match=f"^training: the {what} of the CRF is not finite at iteration 3; use the default"
    ):
        crf.check_training(parser.iterations, log)
