"""Training data and counts of runs: amounts add up, counts reproduce the score, and a planted leak is detected."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from studies import make_study

from isogloss.analysis.data.run_records import read_counts, read_runs
from isogloss.analysis.statistics.paired import rate_counts
from isogloss.common.annotation import Annotation
from isogloss.common.errors import UserError
from isogloss.common.examples import TaggedSentence, read_examples, write_examples
from isogloss.common.files import read_json, write_json
from isogloss.common.run import TRAINED_AXES, Run
from isogloss.corpora.build import build_corpus
from isogloss.runs.collect import Results, describe_given, describe_pretraining, write_runs
from isogloss.runs.transfer import finetune, transfer
from isogloss.study import recipes
from isogloss.study.check import check_study
from isogloss.study.grid import read_design
from isogloss.study.products import place_trained
from isogloss.study.recipes import write_design
from isogloss.tasks import find_task

CODES = ["de", "en", "fi", "sw"]
NER = find_task("ner")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Return the results of a CRF study: single sources, all others at equal total and per source, target-only."""
    root = tmp_path_factory.mktemp("results")
    grids = [
        {"sources": ["each", "none", "nearest-1"], "targets": ["fi", "sw"], "n": 31, "shots": [0, 5]},
        {"sources": ["all-others"], "targets": ["fi", "sw"], "n": 31, "shots": [0, 5]},
        {"sources": ["all-others"], "targets": ["fi"], "n": 31, "shots": [0], "budgets": ["equal-per-source"]},
    ]
    corpus = {"synthetic": {"train": 80, "validation": 10, "test": 20}}
    study = make_study(languages=CODES, tasks={"ner": {"kind": "ner", "corpus": corpus}}, transfer=grids)
    parsed, runs, *_ = check_study(study, root)
    for language in CODES:
        build_corpus(corpus, language, Annotation("ner"), root / "corpora/ner" / language, need=80)
    common = {"corpora": root / "corpora/ner", "threads": 1}
    for trained, run in {place_trained(run): run for run in runs if place_trained(run)}.items():
        recipe = json.loads(recipes.write_finetune_recipe(parsed, "ner", "crf"))
        identity = {axis.name: getattr(run, axis.name) for axis in TRAINED_AXES}
        finetune(identity=identity, start=None, recipe=recipe, out=root / trained, **common)
    for run in runs:
        recipe = json.loads(recipes.write_transfer_recipe(parsed, run))
        start = root / trained if (trained := place_trained(run)) else None
        transfer(run=run, start=start, recipe=recipe, keep=False, out=root / run.folder, **common)
    return root, parsed, runs


@pytest.fixture(scope="module")
def written(results):
    root, parsed, _ = results
    design = read_design(json.loads(write_design(parsed)))
    write_runs(design, root, root / "runs.csv", root / "sentences.parquet")
    return read_runs(root / "runs.csv"), read_counts(root / "sentences.parquet")


def test_budgets_are_what_the_arms_claim(results, written):
    root, _, runs = results
    table, _ = written
    assert len(table) == len(runs) == 2 * (4 + 3 + 1) + 2 * 2 + 1
    # Joint runs have half as many repeated shots as source sentences.
    wanted = [run.n + (run.n // 2 if run.n else run.shots) * (run.shots > 0) for run in runs]
    assert table["sentences"].tolist() == wanted
    for run in runs:
        parts = [part for part in read_json(root / run.folder / "metrics.json")["budget"].values() if part]
        sources = sum(count for part in parts for code, count in part["sentences"].items() if code in run.sources)
        assert sources == run.n
        if run.shots == 0 and not run.in_language:
            assert {code for part in parts for code in part["sentences"]} == set(run.sources)
    direct = table[(table["shots"] == 0) & (table["target"] == "fi")].set_index(["sources", "n"])["sentences"]
    assert direct["de+en+sw", 31] == direct["de", 31] == 31
    assert direct["de+en+sw", 93] == 93


def test_the_rows_name_strategies_and_validation(results, written):
    root, _, _ = results
    table, _ = written
    names = table[table["target"] == "fi"].groupby("sources")["strategies"].first().to_dict()
    assert names["de+en+sw"] == "all-others"
    assert names["none"] == "none"
    assert sorted(name for source, name in names.items() if "+" not in source) == ["each"] * 3 + [
        "each nearest-1",
        "none",
    ]
    row = table[(table["sources"] == "de+en+sw") & (table["shots"] == 0) & (table["n"] == 31)].iloc[0]
    training = read_json(root / "finetuned/ner/crf/de+en+sw/n-31/seed-1/training.json")
    assert sorted(training["validation"]) == ["de", "en", "sw"]
    assert row["validation"] == pytest.approx(np.mean(list(training["validation"].values())))
    assert table.loc[table["shots"] > 0, "validation"].isna().all()  # joint runs have no fine-tuned source model


def test_counts_by_sentence_give_the_score(results, written):
    root, _, runs = results
    _, counts = written
    assert len(counts.runs) == len(runs)
    for run in runs:
        record = read_json(root / run.folder / "metrics.json")
        key = (run.task, run.model, run.source_set, run.n, run.target, run.shots, run.adaptation, run.seed, "ner")
        own = counts.runs[key]
        assert own.shape == (3, 20)
        assert rate_counts(own.sum(axis=1)) == pytest.approx(record["scores"]["f1"], abs=1e-12)
        assert own[1].sum() == record["support"]["entities"]


def copy_record(results, tmp_path, run):
    root, _, _ = results
    record = read_json(root / run.folder / "metrics.json")
    del record["provenance"]  # as in an older record, which says nothing of later changes
    (tmp_path / "corpora").symlink_to(root / "corpora")
    (tmp_path / "finetuned").symlink_to(root / "finetuned")
    return record


def find(runs, **axes):
    return next(run for run in runs if all(getattr(run, axis) == value for axis, value in axes.items()))


def test_a_leak_by_language_is_refused(results, tmp_path):
    run = find(results[2], target="fi", sources=("de", "en", "sw"), shots=0, n=31)
    record = copy_record(results, tmp_path, run)
    record["budget"]["sources"]["sentences"] = {"de": 11, "en": 10, "fi": 10}
    write_json(tmp_path / run.folder / "metrics.json", record)
    with pytest.raises(UserError, match="the training on sources contains sentences of the target fi"):
        describe_given(run, ["all-others"], Results(tmp_path, {"ner": NER}))


def test_a_budget_that_is_not_the_run_s_is_refused(results, tmp_path):
    run = find(results[2], target="fi", sources=("de", "en", "sw"), shots=0, n=31)
    record = copy_record(results, tmp_path, run)
    record["budget"]["sources"]["sentences"]["de"] += 1
    write_json(tmp_path / run.folder / "metrics.json", record)
    with pytest.raises(UserError, match="trained on 32 source sentences, not on n = 31"):
        describe_given(run, ["all-others"], Results(tmp_path, {"ner": NER}))


def test_a_leak_by_sentence_is_counted(results, tmp_path):
    root, _, runs = results
    run = find(runs, target="fi", sources=("de", "en", "sw"), shots=0, n=93)
    tasks = {"ner": NER}
    clean = describe_given(run, [], Results(root, tasks))["test_in_training"]
    write_json(tmp_path / run.folder / "metrics.json", read_json(root / run.folder / "metrics.json"))
    test = read_examples(root / "corpora/ner/fi/test.parquet", TaggedSentence)
    for language in CODES:
        for split in ("train", "test"):
            path = f"corpora/ner/{language}/{split}.parquet"
            examples = read_examples(root / path, TaggedSentence)
            if (language, split) == ("de", "train"):
                examples = [TaggedSentence(one.id, "de", test[0].tokens, test[0].tags) for one in examples]
            write_examples(tmp_path / path, examples, TaggedSentence)
    assert describe_given(run, [], Results(tmp_path, tasks))["test_in_training"] == clean + 1


def write_arm(root, text: dict[str, int], tokens: dict[str, int]) -> Run:
    """Write the record of a variant that was pre-trained on some languages, and return a run of it on Finnish."""
    unique = {language: min(tokens[language], text[language]) for language in tokens}
    record = {"languages": sorted(text), "tokens": tokens, "unique_tokens": unique, "steps": 6}
    write_json(root / "models/tiny@de+en/pretraining.json", record)
    return Run("ner", "tiny@de+en", (), 0, "fi", 5, "sequential", 1)


def test_the_text_of_an_arm_is_added_up_and_leaks_in_it_are_counted(results, tmp_path):
    root, _, _ = results
    tasks, text = {"ner": NER}, {"tiny@de+en": "ner"}
    (tmp_path / "corpora/ner").mkdir(parents=True)
    for language in CODES:
        (tmp_path / "corpora/ner" / language).symlink_to(root / "corpora/ner" / language)
    run = write_arm(tmp_path, {"de": 100, "en": 400}, {"de": 200, "en": 200})
    row = describe_pretraining(run, Results(tmp_path, tasks, text))
    assert (row["pretraining_tokens"], row["unique_tokens"], row["updates"]) == (400, 300, 6)
    assert row["repetitions"] == pytest.approx(4 / 3)
    test = read_examples(root / "corpora/ner/fi/test.parquet", TaggedSentence)
    (tmp_path / "corpora/ner/de").unlink()
    leak = [TaggedSentence(f"de-{place}", "de", one.tokens, one.tags) for place, one in enumerate(test[:3])]
    write_examples(tmp_path / "corpora/ner/de/train.parquet", leak, TaggedSentence)
    known = {one.tokens for one in read_examples(root / "corpora/ner/en/train.parquet", TaggedSentence)}
    left = sum(one.tokens in known for one in test[3:])
    assert describe_pretraining(run, Results(tmp_path, tasks, text))["test_in_pretraining"] == 3 + left
    assert describe_pretraining(run, Results(tmp_path, tasks)) == {}


def test_an_arm_of_other_languages_than_its_name_says_is_refused(tmp_path):
    run = write_arm(tmp_path, {"de": 100, "fi": 400}, {"de": 200, "fi": 200})
    message = r"pretraining\.json: the model was pre-trained on de\+fi, not on de\+en; delete its folder and rerun"
    with pytest.raises(UserError, match=message):
        describe_pretraining(run, Results(tmp_path, {"ner": NER}, {"tiny@de+en": "ner"}))
    write_json(tmp_path / "models/tiny@de+en/pretraining.json", {"steps": 3})
    with pytest.raises(UserError, match="not a record of pre-training"):
        describe_pretraining(run, Results(tmp_path, {"ner": NER}, {"tiny@de+en": "ner"}))


def test_predictions_of_other_sentences_are_refused(results, tmp_path):
    root, parsed, _ = results
    design = read_design(json.loads(write_design(parsed)))
    design = replace(design, grids=(replace(design.grids[0], targets=("fi",)),))
    (tmp_path / "transfer").symlink_to(root / "transfer")
    (tmp_path / "finetuned").symlink_to(root / "finetuned")
    for language in CODES:
        examples = read_examples(root / f"corpora/ner/{language}/test.parquet", TaggedSentence)
        write_examples(tmp_path / f"corpora/ner/{language}/test.parquet", examples[:-1], TaggedSentence)
        train = read_examples(root / f"corpora/ner/{language}/train.parquet", TaggedSentence)
        write_examples(tmp_path / f"corpora/ner/{language}/train.parquet", train, TaggedSentence)
    with pytest.raises(UserError, match="not for the test sentences of corpora/ner/fi; delete the file and rerun"):
        write_runs(design, tmp_path, tmp_path / "runs.csv", tmp_path / "sentences.parquet")


def test_tables_that_are_none_are_refused(tmp_path):
    (tmp_path / "runs.csv").write_text("task,model\nner,crf\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"runs\.csv: no column 'sources'"):
        read_runs(tmp_path / "runs.csv")
    with pytest.raises(UserError, match=r"runs\.csv: cannot be read as a table of counts per test sentence"):
        read_counts(tmp_path / "runs.csv")


@pytest.mark.parametrize("sources", [["de"], ["de", "en", "fi"]])
def test_equal_totals_are_equal_sentences_and_steps(sources, tmp_path, toy_registries):
    """The number of steps depends on the number of sentences, not on the pieces into which a model splits them."""
    for language in ("de", "en", "fi"):
        build_corpus({"toy": 3}, language, Annotation("count"), tmp_path / "corpora" / language, need=12)
    recipe = {"kind": "count", "family": "toy", "entries": {}, "epochs": 4, "batch_size": 5}
    out = tmp_path / "out"
    identity = {"task": "counting", "model": "mode", "sources": sources, "n": 13, "seed": 1}
    finetune(identity=identity, corpora=tmp_path / "corpora", start=None, recipe=recipe, threads=1, out=out)
    record = read_json(out / "training.json")
    assert record["run"] == identity
    budget = record["budget"]
    assert sum(budget["sentences"].values()) == 13
    assert budget["steps"] == round(4 * 13 / 5) == 10


def test_words_are_recorded_by_language(results):
    root, _, _ = results
    budget = read_json(root / "finetuned/ner/crf/de+en+sw/n-31/seed-1/training.json")["budget"]
    assert budget["sentences"] == {"de": 11, "en": 10, "sw": 10}
    assert set(budget["words"]) == {"de", "en", "sw"}
    assert isinstance(pd.Series(budget["words"]).sum(), np.integer)
