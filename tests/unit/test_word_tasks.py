"""Each family that labels words learns a study's own entity types and parts of speech, from recipe to record."""

import json
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from studies import make_study
from tiny_models import build_encoder, build_mt5

from isogloss.analysis.data.run_records import read_counts
from isogloss.analysis.data.scores import find_main_metric, list_settings, transfer_matrix
from isogloss.analysis.files.score_table import read_scores
from isogloss.analysis.run import analyse
from isogloss.common.examples import SPLITS, TaggedSentence, write_examples
from isogloss.common.files import read_json
from isogloss.common.run import Run
from isogloss.runs.collect import write_runs
from isogloss.runs.scores import write_scores
from isogloss.runs.transfer import finetune, transfer
from isogloss.study import recipes
from isogloss.study.config import parse_study
from isogloss.study.grid import read_design
from isogloss.study.values import Study

PEOPLE = ("Ada Byron", "Grace", "Emmy Noether", "Kurt")
DAYS = ("3 May", "Monday", "7 June 1999", "Friday")
EVENTS = ("came", "left", "slept")
TYPES = ["DATE", "PER", "Art work", "HumanSettlement"]
"""The last two are never in the training data."""
SYNTHETIC = {"synthetic": {"train": 40, "validation": 5, "test": 10}}
TASKS = {
    "ner": {"kind": "ner", "labels": TYPES, "corpus": SYNTHETIC},
    "usual": {"kind": "ner", "corpus": SYNTHETIC},
    "pos": {"kind": "pos", "corpus": SYNTHETIC},
}
GRID = {"sources": [["en"]], "targets": ["de", "fi"], "n": 40, "shots": [0]}
STEPS = {"learning_rate": 3e-3, "batch_size": 16, "adaptation_steps": {"5": 2}}
TRAINING = {
    "crf": {"max_iterations": 50},
    "bilstm-crf": {"epochs": 25, "learning_rate": 1.5e-2, "adaptation_steps": {"5": 2}},
    "encoder": {**STEPS, "epochs": 40, "max_length": 64},
    "sentinel": {**STEPS, "epochs": 50, "max_length": 128, "format": "sentinel"},
    "spans": {**STEPS, "epochs": 80, "max_length": 128, "format": "spans"},
}


def choose_families(*models: str) -> list[Any]:
    """Return models as parameters of a test; the text-to-text models take more than a few seconds."""
    return [pytest.param(one, marks=pytest.mark.slow) if one in ("sentinel", "spans") else one for one in models]


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Study:
    folders = tmp_path_factory.mktemp("models")
    (folders / "mt5").mkdir()
    mt5 = {"path": str(build_mt5(folders / "mt5"))}
    models = {
        "crf": {"family": "crf"},
        "bilstm-crf": {"family": "bilstm-crf"},
        "encoder": {"path": str(build_encoder(folders / "encoder"))},
        "sentinel": mt5,
        "spans": mt5,
    }
    return parse_study(make_study(tasks=TASKS, models=models, training=TRAINING, transfer=GRID))


@pytest.fixture(scope="module")
def corpora(tmp_path_factory) -> Path:
    """Return a folder with corpora of English and German, and of Finnish, in which nothing is an entity."""
    root = tmp_path_factory.mktemp("results")
    for task in TASKS:
        for number, (language, split) in enumerate((code, split) for code in ("en", "de", "fi") for split in SPLITS):
            count = 40 if split == "train" else 12
            examples = [draw_sentence(random.Random(f"{number} {place}"), task, language) for place in range(count)]
            write_examples(root / "corpora" / task / language / f"{split}.parquet", examples, TaggedSentence)
    return root / "corpora"


def draw_sentence(rng: random.Random, task: str, language: str) -> TaggedSentence:
    """Draw `PERSON came on DATE .`, tagged for a task; in Finnish, `on Monday came Monday .` without entities."""
    person, verb, day = rng.choice(PEOPLE).split(), rng.choice(EVENTS), rng.choice(DAYS).split()
    tokens = ("on", "Monday", verb, "Monday", ".") if language == "fi" else (*person, verb, "on", *day, ".")
    if task == "pos":
        given = {"on": "ADP", ".": "PUNCT"} | dict.fromkeys(EVENTS, "VERB")
        tags = tuple("NUM" if word.isdigit() else given.get(word, "PROPN") for word in tokens)
    elif language == "fi":
        tags = ("O",) * 5
    else:
        of_day = "O" if task == "usual" else "DATE"
        tags = (*name_tags(person, "PER"), "O", "O", *name_tags(day, of_day), "O")
    return TaggedSentence(f"{language}-{rng.random()}", language, tokens, tags)


def name_tags(words: list[str], kind: str) -> list[str]:
    return ["O" if kind == "O" else f"{'I' if place else 'B'}-{kind}" for place in range(len(words))]


def run_transfer(study: Study, corpora: Path, task: str, model: str, root: Path) -> dict[str, dict[str, Any]]:
    """Train a model on English and test it on German and Finnish, with the recipes of the study; return the records."""
    identity = {"task": task, "model": model, "sources": ("en",), "n": 40, "seed": 1}
    runs = {target: Run(**identity, target=target, shots=0, adaptation="direct") for target in ("de", "fi")}
    path = study.models[model].origin and Path(study.models[model].origin.path)
    common = {"corpora": corpora / task, "threads": 1}
    recipe = json.loads(recipes.write_finetune_recipe(study, task, model))
    trained = root / f"finetuned/{task}/{model}/en/n-40/seed-1"
    finetune(identity=identity, start=path, recipe=recipe, out=trained, **common)
    for run in runs.values():
        recipe = json.loads(recipes.write_transfer_recipe(study, run))
        transfer(run=run, start=trained, recipe=recipe, keep=False, out=root / run.folder, **common)
    return {target: read_json(root / run.folder / "metrics.json") for target, run in runs.items()}


@pytest.mark.parametrize("model", choose_families(*TRAINING))
def test_a_family_learns_the_entity_types_of_a_study(study, corpora, model, tmp_path):
    records = run_transfer(study, corpora, "ner", model, tmp_path)
    scores = records["de"]["scores"]
    assert scores["f1"] >= 0.7 and scores["f1_DATE"] >= 0.7 and scores["f1_PER"] >= 0.7
    named = {name for name in scores if name.startswith("f1_")} - {"f1_seen", "f1_unseen", "f1_half_1", "f1_half_2"}
    assert named == {f"f1_{kind}" for kind in TYPES}
    assert scores["f1_Art work"] is None and scores["f1_HumanSettlement"] is None
    validation = read_json(tmp_path / f"finetuned/ner/{model}/en/n-40/seed-1/training.json")["validation"]
    assert validation["en"] >= 0.7
    without = records["fi"]
    assert without["support"]["entities"] == 0
    assert {without["scores"][name] for name in ("f1", "strict_f1", "span_f1", "f1_DATE", "f1_half_1", "recall")} == {
        None
    }


@pytest.mark.parametrize("model", choose_families("crf", "bilstm-crf", "encoder", "sentinel"))
def test_a_family_learns_parts_of_speech(study, corpora, model, tmp_path):
    record = run_transfer(study, corpora, "pos", model, tmp_path)["de"]
    scores, support = record["scores"], record["support"]
    assert scores["accuracy"] >= 0.9 and scores["macro_f1"] >= 0.8 and scores["f1_VERB"] >= 0.8
    assert scores["accuracy_seen"] >= 0.9 and scores["accuracy_unseen"] is None
    assert scores["f1_ADJ"] is None and support["gold_ADJ"] == 0
    assert support["lost_words"] == 0 and support["words_seen"] == support["words"] > 60
    assert {scores["accuracy_half_1"], scores["accuracy_half_2"]} != {None}


def test_tasks_with_different_labels_are_tabulated_together(study, corpora, tmp_path):
    (tmp_path / "corpora").symlink_to(corpora)
    for task in TASKS:
        run_transfer(study, corpora, task, "crf", tmp_path)
    write_scores(tmp_path.glob("transfer/**/metrics.json"), tmp_path / "scores.csv")
    scores = read_scores(tmp_path / "scores.csv")
    by_task = scores.groupby("task")["metric"].agg(set)
    assert {"f1_DATE", "f1_PER"} <= by_task["ner"] and "f1_LOC" not in by_task["ner"]
    assert "f1_PER" in by_task["usual"] and "f1_DATE" not in by_task["usual"]
    assert [find_main_metric(scores, task) for task in TASKS] == ["f1", "f1", "accuracy"]
    # Finnish has no entities, so its cell in a matrix of F1 is empty, not 0. Parts of speech have a score.
    matrices = {one.task: transfer_matrix(scores, one) for one in list_settings(scores)}
    assert {task: list(matrix.columns) for task, matrix in matrices.items()} == {
        "ner": ["de"],
        "usual": ["de"],
        "pos": ["de", "fi"],
    }
    pairs = [(source, target) for source in ("de", "en", "fi") for target in ("de", "en", "fi") if source != target]
    features = pd.DataFrame(pairs, columns=["source", "target"]).assign(syntax=[place / 10 for place in range(6)])
    analyse(tmp_path / "scores.csv", features, tmp_path / "analysis", permutations=9)
    assert set(pd.read_csv(tmp_path / "analysis" / "matrices.csv")["task"]) == set(TASKS)

    small = parse_study(make_study(tasks=TASKS, training={"crf": TRAINING["crf"]}, transfer=GRID))
    design = read_design(json.loads(recipes.write_design(small)))
    write_runs(design, tmp_path, tmp_path / "runs.csv", tmp_path / "sentences.parquet")
    counts = read_counts(tmp_path / "sentences.parquet").runs
    assert len(counts) == 6
    for key, (correct, gold, predicted) in counts.items():
        own = (scores["task"] == key[0]) & (scores["target"] == key[4]) & scores["metric"].isin(["f1", "accuracy"])
        expected = [2 * correct.sum() / (gold.sum() + predicted.sum())] if gold.sum() else []
        assert scores.loc[own, "score"].tolist() == pytest.approx(expected)
