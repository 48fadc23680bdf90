"""Encoders on pairs of texts and on passages: learning, independence of gold labels, and change of heads."""

import json
import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from studies import PROJECT
from tiny_models import FIRMS, PEOPLE, PLACES, build_encoder, draw_sentences
from transformers import (
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
)

from isogloss.common.errors import UserError
from isogloss.common.examples import RELATIONS, Question, SentencePair
from isogloss.models.encoder import encoder
from isogloss.models.encoder.spans import LONGEST_ANSWER, find_best, place_span, strip_span
from isogloss.models.encoder.text_pairs import cut_windows, encode_pairs
from isogloss.tasks import find_task

NER, NLI, QA = find_task("ner"), find_task("nli"), find_task("qa")
KINDS = ("xlm-roberta", "bert", "roberta")
SAMPLE = PROJECT.parent / "shared" / "models" / "multilingual-minilm-l12"
TYDIQA = PROJECT.parent / "shared" / "data" / "tydiqa"
RECIPE = {
    "learning_rate": 2e-3,
    "batch_size": 16,
    "accumulation": 1,
    "checkpointing": False,
    "max_length": 64,
    "freeze_embeddings": False,
}
MARKS = dict(zip(RELATIONS, ("lives", "met", "hired"), strict=True))
ASKED = {"hired": 0, "lives": 1, "works": 2}
"""Word of a question -> index of its answer among the three names of the passage."""


def draw_pairs(count: int, seed: int) -> list[SentencePair]:
    """Draw equally many pairs of each label; one word of the hypothesis determines the label."""
    rng = random.Random(seed)
    pairs = []
    for number in range(count):
        person, place, firm = rng.choice(PEOPLE), rng.choice(PLACES), rng.choice(FIRMS)
        label = RELATIONS[number % 3]
        said = f"{person} {MARKS[label]} in {place}"
        pairs.append(SentencePair(f"{seed}-{number}", "en", f"{person} works for {firm}", said, label))
    return pairs


def draw_questions(count: int, seed: int, before: int = 0) -> list[Question]:
    """Draw questions about the person, the place or the firm of a passage.

    before: how often three other words are repeated at the beginning of the passage.
    """
    rng = random.Random(seed)
    questions = []
    for number in range(count):
        names = rng.choice(PEOPLE), rng.choice(PLACES), rng.choice(FIRMS)
        context = "the brown dog " * before + "{} of {} , {} .".format(*names)
        asked = rng.choice(list(ASKED))
        answer = names[ASKED[asked]]
        questions.append(Question(f"{seed}-{number}", "en", context, asked, (answer,), (context.index(answer),)))
    return questions


DRAWN = {"nli": (NLI, draw_pairs), "qa": (QA, draw_questions)}


@pytest.fixture(scope="module")
def starts(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("encoders")
    return {kind: build_encoder(folder / kind, kind) for kind in KINDS}


@pytest.fixture(scope="module")
def reader(starts):
    """A model trained on QA; in a third of the training passages, the answer is after the first window."""
    examples = [*draw_questions(240, 1), *draw_questions(120, 2, before=12)]
    return fit(encoder.load(starts["xlm-roberta"]), QA, examples, 350, max_length=32, learning_rate=3e-3)


def fit(model, task, examples, steps, *, seed=1, **changes):
    return encoder.fit(model, task, examples, {**RECIPE, **changes}, steps=steps, seed=seed, threads=1)[0]


def predict(model, task, examples, **changes):
    return encoder.predict(model, task, examples, {**RECIPE, **changes}, threads=1)


def score(model, task, examples, **changes) -> float:
    return task.score(examples, predict(model, task, examples, **changes), frozenset())["scores"][task.metric]


@pytest.mark.parametrize(("kind", "steps"), [("nli", 40), ("qa", 120)])
def test_it_overfits_32_examples(starts, kind, steps):
    task, draw = DRAWN[kind]
    examples = draw(32, 1)
    model = fit(encoder.load(starts["xlm-roberta"]), task, examples, steps)
    assert score(model, task, examples) >= 0.95


def test_nli_is_learnt_and_shuffled_labels_bring_held_out_pairs_to_chance(starts):
    pairs, held_out = draw_pairs(240, 2), draw_pairs(300, 3)
    assert score(fit(encoder.load(starts["xlm-roberta"]), NLI, pairs, 120), NLI, held_out) > 0.9
    labels = random.Random(1).sample([pair.label for pair in pairs], len(pairs))
    shuffled = [replace(pair, label=label) for pair, label in zip(pairs, labels, strict=True)]
    # Chance accuracy is one third. For 300 pairs its standard deviation is 0.027.
    assert abs(score(fit(encoder.load(starts["xlm-roberta"]), NLI, shuffled, 120), NLI, held_out) - 1 / 3) < 0.1


def test_qa_is_learnt_and_shuffled_questions_bring_held_out_answers_to_chance(starts, reader):
    questions, held_out = draw_questions(240, 1), draw_questions(300, 3)
    assert score(reader, QA, held_out, max_length=32) > 0.9
    asked = random.Random(1).sample([one.question for one in questions], len(questions))
    shuffled = [replace(one, question=other) for one, other in zip(questions, asked, strict=True)]
    # Chance accuracy is one third (one of three names). For 300 questions its standard deviation is 0.027.
    assert score(fit(encoder.load(starts["xlm-roberta"]), QA, shuffled, 120), QA, held_out) < 1 / 3 + 0.1


def test_a_passage_longer_than_a_window_is_answered_from_its_second(reader):
    examples = draw_questions(60, 4, before=12)
    windows = cut_windows(reader, [QA.extraction.texts(one) for one in examples], 32)
    assert {len(of_passage) >= 2 for of_passage in windows} == {True}
    holding = [
        [place_span(window, QA.extraction.gold(one)) != [0, 0] for window in of_passage]
        for one, of_passage in zip(examples, windows, strict=True)
    ]
    assert not any(held[0] for held in holding) and all(any(held[1:]) for held in holding)
    predictions = predict(reader, QA, examples, max_length=32)
    assert QA.score(examples, predictions, frozenset())["scores"]["f1"] > 0.9
    assert [one.pieces for one in predictions] == [len(of_passage) for of_passage in windows]


@pytest.mark.parametrize("start", KINDS)
@pytest.mark.parametrize("kind", ["nli", "qa"])
def test_predictions_do_not_depend_on_gold_or_on_the_batch(starts, start, kind):
    task, draw = DRAWN[kind]
    model = fit(encoder.load(starts[start]), task, draw(48, 4), 15)
    some = draw(30, 5) + (draw_questions(10, 6, before=9) if task is QA else [])
    together = predict(model, task, some, max_length=32)
    gold = {"label": "neutral"} if task is NLI else {"answers": ("nothing",), "starts": (0,)}
    assert predict(model, task, [replace(one, **gold) for one in some], max_length=32) == together
    assert [predict(model, task, [one], max_length=32)[0] for one in some] == together
    assert predict(model, task, some[::-1], max_length=32)[::-1] == together
    assert len(set(together)) > 1


@pytest.mark.parametrize("start", KINDS)
def test_two_texts_that_fit_are_tokenised_as_the_tokenizer_does(starts, start):
    model = encoder.load(starts[start])
    pairs = [("Alan lives", "Rome , Oslo ."), ("", "Sofia Kovalevskaya"), ("hired", "New Delhi")]
    for first, second in pairs:
        expected = model.tokenizer(first, second, return_token_type_ids=True)
        ((window,),) = cut_windows(model, [(first, second)], 64)
        ((pair,), (cut,)) = encode_pairs(model, [(first, second)], 64)
        assert window.inputs == pair and not cut
        assert pair["input_ids"] == expected["input_ids"]
        if start == "bert":  # its tokenizer marks the second text with another segment
            assert pair["token_type_ids"] == expected["token_type_ids"]
            assert pair["token_type_ids"].count(1) == len(window.held) + 1
        else:
            assert pair.keys() == {"input_ids"}


@pytest.mark.parametrize("change", ["no segments in the model", "none in the tokenizer"])
def test_segments_are_given_where_model_and_tokenizer_have_them(starts, change):
    model = encoder.load(starts["bert"])
    if change == "no segments in the model":
        model.network.config.type_vocab_size = 1
    else:
        model.tokenizer.model_input_names = ["input_ids", "attention_mask"]
    ((window,),) = cut_windows(model, [("Alan", "Rome")], 64)
    ((pair,), _) = encode_pairs(model, [("Alan", "Rome")], 64)
    assert window.inputs.keys() == pair.keys() == {"input_ids"}


def test_a_pair_that_is_too_long_loses_the_end_of_its_longer_text_and_is_told(starts):
    model = encoder.load(starts["xlm-roberta"])
    short, long = "Alan lives in Rome", "Sofia met Emmy in Kazan " * 20
    (first, second, third), cut = encode_pairs(model, [(short, long), (long, short), (short, short)], 32)
    assert cut == [True, True, False]
    own = model.tokenizer(short, add_special_tokens=False)["input_ids"]
    assert len(first["input_ids"]) == len(second["input_ids"]) == 32 > len(third["input_ids"])
    assert first["input_ids"][1 : len(own) + 1] == own == second["input_ids"][-len(own) - 1 : -1]
    pairs = [SentencePair("a", "en", short, long, "neutral"), SentencePair("b", "en", short, short, "neutral")]
    predictions = predict(fit(model, NLI, draw_pairs(6, 1), 1), NLI, pairs, max_length=32)
    assert [one.cut for one in predictions] == [True, False]


@pytest.mark.parametrize("start", KINDS)
def test_windows_hold_all_of_a_passage_and_half_a_window_whole_in_one(starts, start):
    model = encoder.load(starts[start])
    passage = " ".join(word for one in draw_sentences(12, seed=3) for word in one.tokens)
    tokens = model.tokenizer(passage, add_special_tokens=False)["input_ids"]
    for question in ("Alan lives", "works " * 40):
        (windows,) = cut_windows(model, [(question, passage)], 40)
        (whole,) = cut_windows(model, [("", passage)], 10**4)
        spans = whole[0].spans
        assert {len(window.inputs["input_ids"]) for window in windows} == {40}
        wide = len(windows[0].held)
        places = [window.held.start for window in windows]
        assert places[0] == 0 and places[-1] + wide == len(spans) == len(tokens)
        assert {0 < after - before <= wide // 2 for before, after in pairwise(places)} == {True}
        for window, place in zip(windows, places, strict=True):
            assert window.inputs["input_ids"][window.first : window.first + wide] == tokens[place : place + wide]
            assert (window.held, window.spans) == (range(place, place + wide), spans)
        half = wide // 2
        for place in range(len(spans) - half + 1):
            span = spans[place][0], spans[place + half - 1][1]
            assert any(place_span(window, span) != [0, 0] for window in windows)
    assert cut_windows(model, [("Alan", "")], 40) == [[]]
    assert cut_windows(model, [], 40) == []


def read_span(window, first: int, last: int) -> tuple[int, int]:
    """Return the span of characters of the second text that the tokens from `first` to `last` cover."""
    spans = window.spans[window.held.start :]
    return spans[first - window.first][0], spans[last - window.first][1]


SCRIPTS = {
    "ar": "القاهرة هي عاصمة مصر وأكبر مدنها",
    "bn": "ঢাকা বাংলাদেশের রাজধানী ও বৃহত্তম শহর",
    "hi": "दिल्ली भारत की राजधानी है",
    "ru": "Москва является столицей России",
    "fi": "Jyväskylä on Keski-Suomen maakunnan keskus",
    "de": "Ｆｕｌｌ ½ straße\u00a0cafe\u0301 naïve ﬁne",
    "zh": "東京 は 日本 の 首都",
}


@pytest.mark.parametrize(
    "start", [*KINDS, pytest.param("real", marks=pytest.mark.skipif(not SAMPLE.exists(), reason="no sample"))]
)
@pytest.mark.parametrize("language", SCRIPTS)
def test_a_word_of_any_script_is_found_again(starts, start, language):
    model, passage = encoder.load(SAMPLE if start == "real" else starts[start]), SCRIPTS[language]
    ((window,),) = cut_windows(model, [("Rome", passage)], 120)
    for word in passage.split(" "):
        span = passage.index(word), passage.index(word) + len(word)
        first, last = place_span(window, span)
        assert window.first <= first <= last
        assert passage[slice(*strip_span(passage, read_span(window, first, last)))] == word


@pytest.mark.skipif(not (SAMPLE.exists() and TYDIQA.exists()), reason="the samples are not available")
@pytest.mark.parametrize("language", ["ar", "bn", "ru"])
def test_real_answers_stand_in_a_window(language):
    model = encoder.load(SAMPLE)
    file = json.loads((TYDIQA / language / "test.json").read_text(encoding="utf-8"))
    rows = [(p["context"], one) for entry in file["data"] for p in entry["paragraphs"] for one in p["qas"]]
    windows = cut_windows(model, [(one["question"], context) for context, one in rows], 256)
    assert sum(len(of_passage) > 1 for of_passage in windows) > len(rows) / 10
    shared = []
    for (context, one), of_passage in zip(rows, windows, strict=True):
        answer, start = one["answers"][0]["text"], one["answers"][0]["answer_start"]
        placed = [(window, place_span(window, (start, start + len(answer)))) for window in of_passage]
        window, (first, last) = next((window, places) for window, places in placed if places != [0, 0])
        covered = read_span(window, first, last)
        assert covered[0] <= start and covered[1] >= start + len(answer)
        shared.append(len(answer.strip()) / len(context[slice(*covered)].strip()))
    assert sum(shared) / len(shared) > 0.97


def test_the_best_span_is_the_best_of_all_that_are_allowed():
    rng = torch.Generator().manual_seed(0)
    for count in (1, 2, 5, 40, 150):
        starts, ends = torch.randn(2, count, generator=rng)
        starts[-1] += 3  # makes the best end often precede the best start
        allowed = [(f, e) for f in range(count) for e in range(f, min(count, f + LONGEST_ANSWER))]
        best = max(allowed, key=lambda one: starts[one[0]] + ends[one[1]])
        assert find_best(starts, ends)[1:] == best
    starts, ends = torch.zeros(2, 200)
    starts[0] = ends[LONGEST_ANSWER] = 9.0  # this span is one token too long
    assert find_best(starts, ends) == (9.0, 0, 0)


def test_an_answer_is_never_in_the_question_and_a_passage_without_tokens_has_none(starts):
    model = fit(encoder.load(starts["bert"]), QA, draw_questions(8, 1), 1)
    question = Question("a", "en", "Oslo", "Rome Rome Rome Rome", ("Oslo",), (0,))
    empty = replace(question, context="\u200b", answers=("\u200b",))
    one, none = predict(model, QA, [question, empty])
    assert one.text and one.text in "Oslo"
    assert (none.text, none.pieces) == ("", 1)
    support = QA.score([question, empty], [one, none], frozenset())["support"]
    assert (support["empty"], support["outside"]) == (1, 0)


CLASSES = {
    "ner": AutoModelForTokenClassification,
    "nli": AutoModelForSequenceClassification,
    "qa": AutoModelForQuestionAnswering,
}
EXAMPLES = {
    "ner": (NER, draw_sentences(16, seed=1)),
    "nli": (NLI, draw_pairs(16, 1)),
    "qa": (QA, draw_questions(16, 1)),
}


@pytest.mark.parametrize("start", KINDS)
@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_saved_model_is_an_ordinary_folder_and_takes_any_other_head(starts, start, kind, tmp_path):
    task, examples = EXAMPLES[kind]
    model = fit(encoder.load(starts[start]), task, examples, 8)
    encoder.save(model, tmp_path)
    loaded = encoder.load(tmp_path)
    assert not loaded.lacking
    assert predict(loaded, task, examples) == predict(model, task, examples)
    ordinary, told = CLASSES[kind].from_pretrained(tmp_path, output_loading_info=True)
    assert type(ordinary) is type(loaded.network)
    assert not told["missing_keys"] and not told["unexpected_keys"]
    for other, (another, others) in EXAMPLES.items():
        if other == kind:
            continue
        head = {"ner": "tagging", "nli": "classification", "qa": "extraction"}[other]
        line = f"task {other}: the encoder has no {head} head for the labels .*; fine-tune it on this task first"
        with pytest.raises(UserError, match=line):
            predict(encoder.load(tmp_path), another, others)
        changed = fit(encoder.load(tmp_path), another, others, 1, learning_rate=1e-9)
        assert isinstance(changed.network, type(CLASSES[other].from_config(changed.network.config)))
        body, before = changed.network.base_model.state_dict(), loaded.network.base_model.state_dict()
        drawn = {name for name in body if name not in before}
        assert drawn <= {"pooler.dense.weight", "pooler.dense.bias"}
        assert all(torch.allclose(body[name], before[name], atol=1e-6) for name in body.keys() - drawn)
        predict(changed, another, others)


@pytest.mark.parametrize("kind", ["nli", "qa"])
def test_all_that_is_fresh_is_drawn_by_the_seed(starts, kind):
    task, draw = DRAWN[kind]
    once, again, other = (
        fit(encoder.load(starts["bert"]), task, draw(16, 1), 2, seed=seed, learning_rate=1e-9).network.state_dict()
        for seed in (1, 1, 2)
    )
    assert [name for name in once if not torch.equal(once[name], again[name])] == []
    differing = {name for name in once if (once[name] - other[name]).abs().max() > 1e-3}
    head = {"nli": {"bert.pooler.dense.weight", "classifier.weight"}, "qa": {"qa_outputs.weight"}}
    assert differing == head[kind]
    assert {round(float(once[name].std()), 2) for name in differing} == {encoder.HEAD_SCALE}


@pytest.mark.parametrize(
    ("start", "kind", "head"),
    [
        ("bert", "nli", {"bert.pooler.dense", "classifier"}),
        ("xlm-roberta", "nli", {"classifier.dense", "classifier.out_proj"}),
        ("bert", "qa", {"qa_outputs"}),
    ],
)
def test_lora_trains_its_targets_and_the_head_of_each_task(starts, start, kind, head, tmp_path):
    task, draw = DRAWN[kind]
    model = fit(encoder.load(starts[start]), task, draw(8, 1), 1)
    before = {name: weight.clone() for name, weight in model.network.state_dict().items()}
    model = fit(model, task, draw(32, 2), 6, lora={"rank": 4, "alpha": 8, "dropout": 0.1})
    after = model.network.state_dict()
    changed = {name.rsplit(".", 1)[0] for name in before if not torch.equal(before[name], after[name])}
    adapted = {name for name in changed if name.endswith((".query", ".value"))}
    assert len(adapted) == 4 and changed - adapted == head
    encoder.save(model, tmp_path)
    assert predict(encoder.load(tmp_path), task, draw(9, 3)) == predict(model, task, draw(9, 3))


@pytest.mark.parametrize("kind", ["nli", "qa"])
def test_frozen_embeddings_stay(starts, kind):
    task, draw = DRAWN[kind]
    model = fit(encoder.load(starts["bert"]), task, draw(8, 1), 1)
    before = {name: weight.clone() for name, weight in model.network.named_parameters()}
    model = fit(model, task, draw(32, 2), 4, freeze_embeddings=True)
    same = {name for name, weight in model.network.named_parameters() if torch.equal(weight, before[name])}
    assert same == {"bert.embeddings.word_embeddings.weight"}


@pytest.mark.parametrize("kind", ["nli", "qa"])
def test_a_step_in_parts_gives_the_same_model(starts, kind):
    task, draw = DRAWN[kind]
    whole, parts = (
        fit(encoder.load(starts["bert"]), task, draw(32, 1), 2, learning_rate=1e-4, accumulation=parts).network
        for parts in (1, 2)
    )
    for name, weight in whole.state_dict().items():
        if name == "qa_outputs.bias":  # it changes no probability, so its gradient contains only rounding errors
            continue
        assert torch.allclose(weight.float(), parts.state_dict()[name].float(), atol=1e-5), name
