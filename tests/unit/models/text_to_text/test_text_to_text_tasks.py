"""The text-to-text family on NLI and QA: learning, independence of gold labels, one decoder step per label."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from worded import ANSWER, LABEL, draw_pairs, draw_questions

from isogloss.common.examples import RELATIONS
from isogloss.models.pretraining.tiny_mt5 import build_model
from isogloss.models.text_to_text import text_to_text
from isogloss.models.text_to_text.label_reader import LabelReader, find_label_tokens, find_start
from isogloss.tasks import find_task

NLI, QA = find_task("nli"), find_task("qa")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    lines = [line for example in (*draw_pairs(300, 0), *draw_questions(300, 0)) for line in example.lines]
    build_model({"en": lines}, folder, vocabulary=600, steps=2, threads=1)
    return folder


def train(folder, task, examples, recipe, steps):
    return text_to_text.fit(text_to_text.load(folder), task, examples, recipe, steps=steps, seed=1, threads=1)


def score(model, task, examples, recipe) -> float:
    predictions = text_to_text.predict(model, task, examples, recipe, threads=1)
    return task.score(examples, predictions, frozenset())["scores"][task.metric]


def test_nli_overfits_32_pairs(folder):
    few = draw_pairs(32, 1)
    model, budget = train(folder, NLI, few, LABEL, 60)
    assert score(model, NLI, few, LABEL) >= 0.95
    assert budget["steps"] == 60 and set(budget["subword_tokens"]) == {"en"}


def test_nli_learns_from_true_labels_and_shuffled_ones_bring_held_out_pairs_to_chance(folder):
    pairs, held_out = draw_pairs(240, 2), draw_pairs(300, 3)
    model, _ = train(folder, NLI, pairs, LABEL, 60)
    assert score(model, NLI, held_out, LABEL) > 0.9
    labels = random.Random(1).sample([pair.label for pair in pairs], len(pairs))
    shuffled = [replace(pair, label=label) for pair, label in zip(pairs, labels, strict=True)]
    model, _ = train(folder, NLI, shuffled, LABEL, 60)
    # Chance accuracy is one third. For 300 pairs its standard deviation is 0.027.
    assert abs(score(model, NLI, held_out, LABEL) - 1 / 3) < 0.1


def test_qa_overfits_32_questions(folder):
    few = draw_questions(32, 1)
    model, _ = train(folder, QA, few, ANSWER, 100)
    assert score(model, QA, few, ANSWER) >= 0.95


def test_qa_learns_from_true_answers_and_shuffled_ones_bring_held_out_questions_to_chance(folder):
    questions, held_out = draw_questions(240, 2), draw_questions(100, 3)
    model, _ = train(folder, QA, questions, ANSWER, 80)
    assert score(model, QA, held_out, ANSWER) > 0.5
    answers = random.Random(1).sample([question.answers for question in questions], len(questions))
    shuffled = [replace(question, answers=answer) for question, answer in zip(questions, answers, strict=True)]
    model, _ = train(folder, QA, shuffled, ANSWER, 80)
    # Chance accuracy is 1 / 8 (one of eight places or things). For 100 questions its standard deviation is 0.033.
    assert score(model, QA, held_out, ANSWER) < 1 / 8 + 0.1


@pytest.mark.parametrize(("task", "recipe", "draw"), [(NLI, LABEL, draw_pairs), (QA, ANSWER, draw_questions)])
def test_predictions_do_not_depend_on_gold_or_on_the_batch(folder, task, recipe, draw):
    model, _ = train(folder, task, draw(24, 4), recipe, 10)
    some = draw(12, 5)
    together = text_to_text.predict(model, task, some, recipe, threads=1)
    gold = {"label": "neutral"} if task is NLI else {"answers": ("nothing",), "starts": (0,)}
    lied = [replace(one, **gold) for one in some]
    assert text_to_text.predict(model, task, lied, recipe, threads=1) == together
    assert [text_to_text.predict(model, task, [one], recipe, threads=1)[0] for one in some] == together


def test_a_label_is_read_in_the_first_decoder_step_and_only_its_logits_are(folder):
    model = text_to_text.load(folder)
    labels = find_label_tokens(model.tokenizer, RELATIONS)
    assert model.tokenizer.convert_ids_to_tokens(labels) == ["0", "1", "2"]
    pairs = draw_pairs(6, 6)
    texts = [NLI.formats["label"].encode(pair)[0].text for pair in pairs]
    inputs = model.tokenizer(texts, return_tensors="pt", padding=True)
    first = torch.full((len(pairs), 1), find_start(model.network))
    with torch.no_grad():
        every = model.network(**inputs, decoder_input_ids=first).logits
        read = LabelReader(model.network, labels)(**inputs, decoder_input_ids=first)["logits"]
    assert read.shape == (6, 1, 3)
    assert torch.allclose(read[:, 0], every[:, 0, labels], atol=1e-5)
    best = [RELATIONS[place] for place in every[:, 0, labels].argmax(-1)]
    calls = []
    model.network.get_decoder().register_forward_pre_hook(
        lambda part, given, named: calls.append(tuple(named["input_ids"].shape)), with_kwargs=True
    )
    predictions = text_to_text.predict(model, NLI, pairs, LABEL, threads=1)
    assert [one.label for one in predictions] == best
    assert calls == [(6, 1)]


def test_inputs_that_are_cut_are_counted(folder):
    model = text_to_text.load(folder)
    (question,) = draw_questions(1, 7)
    long = replace(question, context=question.context * 20)
    given = [question, long]
    predictions = text_to_text.predict(model, QA, given, ANSWER, threads=1)
    assert [one.cut for one in predictions] == [False, True]
    assert QA.score(given, predictions, frozenset())["support"]["cut_inputs"] == 1
