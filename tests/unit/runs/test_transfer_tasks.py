"""Runs of NLI and QA, from corpora to records, and overlap features of their texts."""

import csv
import gzip
import json
from dataclasses import replace

import pytest
from worded import ANSWER, LABEL, draw_pairs, draw_questions

from isogloss import cli
from isogloss.common.errors import UserError
from isogloss.common.examples import Question, SentencePair, read_examples, write_examples
from isogloss.common.files import read_json
from isogloss.common.run import Run
from isogloss.features.overlap import write_overlap
from isogloss.models.pretraining.tiny_mt5 import build_model
from isogloss.runs.transfer import finetune, transfer

TEXT = {"family": "text-to-text", "entries": {}}
NLI, QA = {"kind": "nli", **TEXT, **LABEL}, {"kind": "qa", **TEXT, **ANSWER}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Write corpora of both tasks in English and German, an additional test set, and a tiny model."""
    root = tmp_path_factory.mktemp("study")
    for task, draw, kind in (("nli", draw_pairs, SentencePair), ("qa", draw_questions, Question)):
        for seed, language in enumerate(("en", "de")):
            for split, count in (("train", 24), ("validation", 6), ("test", 9)):
                examples = [replace(one, language=language) for one in draw(count, seed)]
                write_examples(root / task / language / f"{split}.parquet", examples, kind)
    tested = [replace(one, language="hi") for one in draw_questions(4, 9)]
    write_examples(root / "xquad" / "hi" / "test.parquet", tested, Question)
    (root / "model").mkdir()
    lines = [line for example in (*draw_pairs(200, 0), *draw_questions(200, 0)) for line in example.lines]
    build_model({"en": lines}, root / "model", vocabulary=600, steps=1, threads=1)
    for task, recipe in (("nli", NLI), ("qa", QA)):
        identity = {"task": task, "model": "tiny", "sources": ["en"], "n": 16, "seed": 1}
        given = {"corpora": root / task, "start": root / "model", "threads": 1}
        finetune(identity=identity, recipe=recipe, out=root / f"{task}-en", **given)
    return root


def carry_out(study, task, recipe, target, shots, **more):
    run = Run(task, "tiny", ("en",), 16, target, shots, "sequential" if shots else "direct", 1)
    given = {"corpora": study / task, "start": study / f"{task}-en", "threads": 1, "keep": False, **more}
    out = study / "runs" / task / target / str(shots)
    transfer(run=run, recipe={**recipe, "steps": 2} if shots else recipe, out=out, **given)
    lines = gzip.decompress((out / "predictions.jsonl.gz").read_bytes()).decode().splitlines()
    return read_json(out / "metrics.json"), [json.loads(line) for line in lines]


def test_a_run_of_nli_has_its_scores_its_halves_and_its_budget(study):
    record, lines = carry_out(study, "nli", NLI, "de", 5)
    names = ["accuracy", "macro_f1", "f1_entailment", "f1_neutral", "f1_contradiction"]
    assert list(record["scores"]) == [*names, "accuracy_half_1", "accuracy_half_2"]
    assert record["support"]["pairs"] == 9
    assert record["budget"]["sources"]["sentences"] == {"en": 16}
    assert record["budget"]["adaptation"]["words"] == {"de": 5 * (5 + 4)}  # of premise and hypothesis
    assert set(lines[0]) == {"id", "label", "cut"}
    training = read_json(study / "nli-en" / "training.json")
    assert 0 <= training["validation"]["en"] <= 1 and training["seen"] == []


def test_a_target_that_only_a_test_corpus_has_is_scored_on_that_alone(study):
    further = {"xquad": study / "xquad" / "hi" / "test.parquet"}
    record, lines = carry_out(study, "qa", QA, "hi", 0, test_corpora=further)
    assert (record["scores"], record["support"]) == ({}, {})
    assert record["test_corpora"]["xquad"]["support"]["questions"] == 4
    assert set(record["test_corpora"]["xquad"]["scores"]) == {"f1", "exact_match", "f1_half_1", "f1_half_2"}
    assert [line["test_corpus"] for line in lines] == ["xquad"] * 4
    record, _ = carry_out(study, "qa", QA, "de", 0)
    assert record["support"]["questions"] == 9
    with pytest.raises(FileNotFoundError):
        carry_out(study, "qa", QA, "hi", 0)


def test_a_task_does_not_train_on_the_corpus_of_another(study, tmp_path):
    identity = {"task": "nli", "model": "tiny", "sources": ["en"], "n": 4, "seed": 1}
    given = {"corpora": study / "qa", "start": study / "model", "threads": 1}
    with pytest.raises(
        UserError, match=r"train\.parquet: the columns are id, language, context, question, answers, sta"
    ):
        finetune(identity=identity, recipe=NLI, out=tmp_path / "out", **given)
    assert not (tmp_path / "out").exists()


def test_overlap_and_models_built_here_read_the_text_of_any_task(study, tmp_path):
    trains = {language: study / "qa" / language / "train.parquet" for language in ("en", "de")}
    write_overlap(trains, tmp_path / "overlap.csv")
    rows = list(csv.DictReader((tmp_path / "overlap.csv").open(encoding="utf-8")))
    words = {language: {word for one in read_examples(path) for word in one.words} for language, path in trains.items()}
    shared = len(words["en"] & words["de"])
    assert float(rows[0]["overlap_target"]) == pytest.approx(shared / len(words["en"]), abs=1e-6)
    recipe = json.dumps({"vocabulary": 600, "steps": 1})
    text = [str(study / "nli" / language / "train.parquet") for language in ("en", "de")]
    assert cli.run(["build-model", "--text", *text, "--recipe", recipe, "--out", str(tmp_path / "model")]) == 0
    assert read_json(tmp_path / "model" / "pretraining.json")["lines"] == {"de": 48, "en": 48}
