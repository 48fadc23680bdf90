"""mBART-25 and mBART-50 in the text-to-text family: learning, language codes, and independence of gold labels."""

import random
import shutil
from dataclasses import replace

import pytest
import tiny_mbart
import tiny_models
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer
from transformers.models.mbart.modeling_mbart import shift_tokens_right
from worded import draw_pairs, draw_questions

from isogloss.common.annotation import Annotation
from isogloss.common.examples import Question, write_examples
from isogloss.common.files import read_json
from isogloss.common.run import Run
from isogloss.corpora.synthetic.synthetic import load as make_corpus
from isogloss.families.kinds import read_family
from isogloss.models.text_to_text import text_to_text
from isogloss.models.text_to_text.label_reader import LabelReader, find_label_tokens, find_sentinels
from isogloss.models.vocabulary.trimming import list_inputs, trim_model
from isogloss.runs.transfer import finetune, transfer
from isogloss.tasks import find_task

NER, NLI, QA = find_task("ner"), find_task("nli"), find_task("qa")
RECIPE = {"learning_rate": 3e-3, "batch_size": 16, "epochs": 1, "max_length": 200}
RECIPE |= {"accumulation": 1, "checkpointing": False}
SENTENCES = make_corpus({"train": 400, "validation": 10, "test": 60}, "en", Annotation("ner")).splits
LANGUAGES = ("en", "de", "sw", "ru", "eu")
"""Three languages with a code in mBART-25 and mBART-50 (en, de, ru), one with a code in mBART-50 only (sw), and one
with a code in neither (eu)."""


def draw_sentences(count: int, seed: int) -> list:
    return SENTENCES["train"][:count] if seed == 1 else SENTENCES["test"][:count]


CASES = {
    "ner-sentinel": (NER, "sentinel", draw_sentences, 80),
    "ner-spans": (NER, "spans", draw_sentences, 180),
    "nli-label": (NLI, "label", draw_pairs, 50),
    "qa-answer": (QA, "answer", draw_questions, 100),
}


def mix_languages(examples: list) -> list:
    return [replace(one, language=LANGUAGES[place % len(LANGUAGES)]) for place, one in enumerate(examples)]


@pytest.fixture(scope="module", params=tiny_mbart.KINDS)
def folder(request, tmp_path_factory):
    lines = [" ".join(sentence.tokens) for sentence in SENTENCES["train"]] + tiny_models.list_lines()
    lines += [line for example in (*draw_pairs(300, 0), *draw_questions(300, 0)) for line in example.lines]
    lines += ["PER: x $$ LOC: y $$ ORG: z"] * 40
    return tiny_mbart.build_mbart(
        request.param, lines, tmp_path_factory.mktemp(request.param), max_position_embeddings=224
    )


def train(folder, task, examples, form, steps):
    recipe = {**RECIPE, "format": form}
    return text_to_text.fit(text_to_text.load(folder), task, examples, recipe, steps=steps, seed=1, threads=1)[0]


def predict(model, task, examples, form, **recipe):
    return text_to_text.predict(model, task, examples, {**RECIPE, "format": form, **recipe}, threads=1)


def score(model, task, examples, form) -> float:
    return task.score(examples, predict(model, task, examples, form), frozenset())["scores"][task.metric]


def record_decoder(model, calls: list) -> None:
    """Append the decoder input of each call to `calls`."""
    model.network.get_decoder().register_forward_pre_hook(
        lambda part, given, named: calls.append(named["input_ids"].tolist()), with_kwargs=True
    )


@pytest.mark.parametrize("case", CASES)
def test_32_examples_are_overfitted(folder, case):
    task, form, draw, steps = CASES[case]
    few = mix_languages(draw(32, 1))
    assert score(train(folder, task, few, form, steps), task, few, form) >= 0.95


@pytest.mark.parametrize("form", ["sentinel", "spans"])
def test_ner_learns_from_true_tags_and_shuffled_ones_teach_nothing(folder, form):
    sentences, held_out = tiny_models.draw_sentences(240, 2), tiny_models.draw_sentences(60, 3)
    assert score(train(folder, NER, sentences, form, 170), NER, held_out, form) > 0.6
    rng = random.Random(1)
    shuffled = [replace(one, tags=tuple(rng.sample(one.tags, len(one.tags)))) for one in sentences]
    assert score(train(folder, NER, shuffled, form, 170), NER, held_out, form) < 0.1


def test_nli_learns_from_true_labels_and_shuffled_ones_bring_held_out_pairs_to_chance(folder):
    pairs, held_out = draw_pairs(240, 2), draw_pairs(300, 3)
    assert score(train(folder, NLI, pairs, "label", 50), NLI, held_out, "label") > 0.9
    labels = random.Random(1).sample([pair.label for pair in pairs], len(pairs))
    shuffled = [replace(pair, label=label) for pair, label in zip(pairs, labels, strict=True)]
    # Chance accuracy is one third. For 300 pairs its standard deviation is 0.027.
    assert abs(score(train(folder, NLI, shuffled, "label", 50), NLI, held_out, "label") - 1 / 3) < 0.1


def test_qa_learns_from_true_answers_and_shuffled_ones_bring_held_out_questions_to_chance(folder):
    questions, held_out = draw_questions(240, 2), draw_questions(100, 3)
    assert score(train(folder, QA, questions, "answer", 120), QA, held_out, "answer") > 0.6
    answers = random.Random(1).sample([question.answers for question in questions], len(questions))
    shuffled = [replace(question, answers=answer) for question, answer in zip(questions, answers, strict=True)]
    # Chance accuracy is 1 / 8 (one of eight places or things). For 100 questions its standard deviation is 0.033.
    assert score(train(folder, QA, shuffled, "answer", 120), QA, held_out, "answer") < 1 / 8 + 0.1


@pytest.mark.parametrize("case", CASES)
def test_predictions_depend_neither_on_gold_nor_on_the_batch_and_survive_saving(folder, case, tmp_path):
    task, form, draw, _ = CASES[case]
    model = train(folder, task, mix_languages(draw(24, 1)), form, 12)
    some = mix_languages(draw(12, 5))
    together = predict(model, task, some, form)
    gold = {"label": "neutral"} if task is NLI else {"answers": ("nothing",), "starts": (0,)}
    lied = [replace(one, **({"tags": ("O",) * len(one.tags)} if task is NER else gold)) for one in some]
    assert predict(model, task, lied, form) == together
    assert list(reversed(predict(model, task, some[::-1], form))) == together
    assert [predict(model, task, [one], form)[0] for one in some] == together
    text_to_text.save(model, tmp_path)
    assert read_family(tmp_path) == "text-to-text"
    assert predict(text_to_text.load(tmp_path), task, some, form) == together


def test_what_is_written_begins_with_the_code_of_each_text_s_language(folder):
    model, calls = text_to_text.load(folder), []
    model.network.generation_config.decoder_start_token_id = None
    record_decoder(model, calls)
    some = mix_languages(draw_questions(6, 1))
    predict(model, QA, some, "answer")
    order = sorted(range(6), key=lambda place: len(encode(model, some[place])))
    codes = model.tokenizer.convert_tokens_to_ids(["en_XX", "de_DE", "sw_KE", "ru_RU", "eu_XX"])
    start = [] if "mbart-25" in folder.name else [model.tokenizer.eos_token_id]
    assert calls[0] == [[*start, codes[place % 5]] for place in order]
    assert all(len(row) == 1 for row in calls[1])  # only the next token; no other token is inserted


def encode(model, question):
    return model.tokens.encode([QA.formats["answer"].encode(question)[0].text], [question.language], 200)[0]


def test_another_code_that_a_model_was_made_to_force_is_not_forced(folder, tmp_path):
    model = text_to_text.load(folder)
    model.network.generation_config.forced_bos_token_id = model.tokens.codes.ids["en"]
    text_to_text.save(model, tmp_path)
    loaded = text_to_text.load(tmp_path)
    calls = []
    record_decoder(loaded, calls)
    predict(loaded, QA, [replace(draw_questions(1, 1)[0], language="de")], "answer")
    assert calls[0][0][-1] == model.tokens.codes.ids["de"]
    assert calls[1] != [[model.tokens.codes.ids["en"]]]


def test_a_target_is_shifted_as_transformers_does_it(folder):
    model, calls = text_to_text.load(folder), []
    record_decoder(model, calls)
    question = replace(draw_questions(1, 1)[0], language="de")
    text_to_text.fit(model, QA, [question], {**RECIPE, "format": "answer"}, steps=1, seed=1, threads=1)
    own = AutoTokenizer.from_pretrained(folder, src_lang="de_DE")
    target = own(text_target=question.answers[0], return_tensors="pt")["input_ids"]
    assert calls == [shift_tokens_right(target, own.pad_token_id).tolist()]


def test_the_decoder_is_given_its_start_and_sentinels_and_only_the_logits_of_labels_are_read(folder):
    model, calls = text_to_text.load(folder), []
    labels, sentinels = find_label_tokens(model.tokenizer, NER.labels), find_sentinels(model.tokenizer)
    sentence = replace(SENTENCES["test"][0], language="sw")
    start = model.start("sw")
    asked = torch.tensor([[*start, *sentinels[: len(sentence.tokens)]]])
    text = NER.formats["sentinel"].encode(sentence)[0].text
    inputs = {"input_ids": torch.tensor(model.tokens.encode([text], ["sw"], 200))}
    inputs["attention_mask"] = torch.ones_like(inputs["input_ids"])
    with torch.no_grad():
        every = model.network(**inputs, decoder_input_ids=asked).logits
        read = LabelReader(model.network, labels)(**inputs, decoder_input_ids=asked)["logits"]
    assert model.network.final_logits_bias[0, labels].abs().min() > 0
    assert torch.allclose(read, every[:, :, labels], atol=1e-5)
    record_decoder(model, calls)
    (prediction,) = predict(model, NER, [sentence], "sentinel")
    assert calls == [asked.tolist()]
    assert list(prediction.tags) == [NER.labels[place] for place in every[0, len(start) :, labels].argmax(-1)]
    predict(model, NLI, [replace(draw_pairs(1, 1)[0], language="sw")], "label")
    assert calls[1:] == [[start]]


@pytest.mark.parametrize("form", ["sentinel", "spans"])
def test_no_more_is_read_or_written_than_there_are_positions(folder, form):
    model = text_to_text.load(folder)
    long = replace(SENTENCES["test"][0], tokens=("Helsinki",) * 100, tags=("B-LOC",) * 100)
    (prediction,) = predict(model, NER, [long], form, max_length=1000)
    assert len(prediction.tags) == 100
    assert (prediction.lost_words > 0) == (form == "sentinel")
    given = [draw_questions(1, 7)[0], replace(draw_questions(1, 7)[0], context="Oslo sells tea " * 80)]
    assert [one.cut for one in predict(model, QA, given, "answer", max_length=1000)] == [False, True]


@pytest.mark.parametrize("whole", ["as it was pre-trained", "fine-tuned"])
def test_a_trimmed_vocabulary_has_the_same_logits_and_all_codes_and_sentinels(folder, tmp_path, whole):
    before, out = folder, tmp_path / "trimmed"
    if whole == "fine-tuned":
        (before := tmp_path / "whole").mkdir()
        text_to_text.save(train(folder, NER, SENTENCES["train"][:8], "sentinel", 2), before)
    out.mkdir()
    some = mix_languages(SENTENCES["test"][:10])
    trim_model(before, sorted(list_inputs(NER, some, targets=False), key=str), out)
    tokenizers = [AutoTokenizer.from_pretrained(where) for where in (before, out)]
    kept = tokenizers[0].convert_tokens_to_ids(tokenizers[1].convert_ids_to_tokens(range(len(tokenizers[1]))))
    assert len(set(kept)) == len(kept) < len(tokenizers[0])
    networks = [AutoModelForSeq2SeqLM.from_pretrained(where).eval() for where in (before, out)]
    generator = torch.Generator().manual_seed(0)
    source, target = (torch.randint(len(kept), (4, 12), generator=generator) for _ in range(2))
    with torch.no_grad():
        old = networks[0](input_ids=torch.tensor(kept)[source], decoder_input_ids=torch.tensor(kept)[target]).logits
        new = networks[1](input_ids=source, decoder_input_ids=target).logits
    assert new.shape[-1] == len(kept) and (old[..., kept] - new).abs().max() <= 1e-5

    one, other = text_to_text.load(before), text_to_text.load(out)
    assert len(find_sentinels(other.tokenizer)) == 100 and set(other.tokens.codes.ids) == set(one.tokens.codes.ids)
    texts = [NER.formats["sentinel"].encode(sentence)[0].text for sentence in some]
    names = [
        [
            model.tokenizer.convert_ids_to_tokens(row)
            for row in model.tokens.encode(texts, [*LANGUAGES, *LANGUAGES], 200)
        ]
        for model in (one, other)
    ]
    assert names[0] == names[1]
    if whole == "fine-tuned":  # otherwise, sentinels are added at loading, with rows that depend on the kept rows
        assert predict(one, NER, some, "sentinel") == predict(other, NER, some, "sentinel")


def test_a_run_from_two_sources_to_a_target_with_shots_gives_the_same_with_tokens_kept_or_made(folder, tmp_path):
    for seed, language in enumerate(("de", "en", "sw")):
        for split, count in (("train", 24), ("validation", 6), ("test", 9)):
            examples = [replace(one, language=language) for one in draw_questions(count, seed)]
            write_examples(tmp_path / "qa" / language / f"{split}.parquet", examples, Question)
    recipe = {"kind": "qa", "family": "text-to-text", "entries": {}, **RECIPE, "format": "answer"}
    identity = {"task": "qa", "model": "tiny", "sources": ["de", "en"], "n": 16, "seed": 1}
    store = tmp_path / "store"
    given = {"corpora": tmp_path / "qa", "threads": 1, "store": store}
    finetune(identity=identity, start=folder, recipe=recipe, out=tmp_path / "start", **given)
    assert set(read_json(tmp_path / "start" / "training.json")["validation"]) == {"de", "en"}
    run = Run("qa", "tiny", ("de", "en"), 16, "sw", 5, "sequential", 1)
    given |= {"start": tmp_path / "start", "keep": False}
    ways = ("made", "kept", "deleted")
    for out in ways:
        if out == "deleted":
            shutil.rmtree(store)
        transfer(run=run, recipe={**recipe, "steps": 3}, out=tmp_path / out, **given)
        assert list(store.glob("sw/*.npz"))
    made, kept, deleted = ((tmp_path / out / "predictions.jsonl.gz").read_bytes() for out in ways)
    assert made == kept == deleted
    assert not list((tmp_path / "qa").rglob("*.npz"))
    assert read_json(tmp_path / "made" / "metrics.json")["budget"]["adaptation"]["steps"] == 3
