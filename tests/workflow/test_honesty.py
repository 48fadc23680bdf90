"""What must never reach a model: gold labels of a test set, the target's validation set, shots of other runs."""

import dataclasses
import gzip
import json
import random
from itertools import product
from pathlib import Path

import pytest
from studies import make_study

from isogloss.common.annotation import Annotation
from isogloss.common.examples import TaggedSentence, read_examples, write_examples
from isogloss.common.run import TRAINED_AXES, Run
from isogloss.corpora.build import build_corpus
from isogloss.runs.transfer import finetune, transfer
from isogloss.study import recipes
from isogloss.study.config import parse_study
from isogloss.study.grid import plan_runs
from isogloss.study.products import place_trained
from isogloss.study.values import Study
from isogloss.tasks import find_task


def build_corpora(folder: Path, study: Study) -> Path:
    """Build the corpus of each language of a study and return their folder."""
    for language in study.languages:
        build_corpus(study.tasks["ner"].corpus.entry, language, Annotation("ner"), folder / "corpora" / language)
    return folder / "corpora"


def carry_out(run: Run, study: Study, corpora: Path, model: Path | None, out: Path) -> Path:
    """Do a run as its jobs would, after training on its sources once; return the folder of its record."""
    start = model
    if trained := place_trained(run):
        start = corpora.parent / trained
        if not start.exists():
            recipe = json.loads(recipes.write_finetune_recipe(study, run.task, run.model))
            identity = {axis.name: getattr(run, axis.name) for axis in TRAINED_AXES}
            finetune(identity=identity, corpora=corpora, start=model, recipe=recipe, threads=1, out=start)
    recipe = json.loads(recipes.write_transfer_recipe(study, run))
    transfer(run=run, corpora=corpora, start=start, recipe=recipe, threads=1, keep=False, out=out / run.folder)
    return out / run.folder


def spoil_gold(path: Path) -> None:
    """Replace the gold tags of a split by random tags."""
    rng = random.Random(1)
    labels = find_task("ner").labels
    spoilt = [
        dataclasses.replace(one, tags=tuple(rng.choices(labels, k=len(one.tags))))
        for one in read_examples(path, TaggedSentence)
    ]
    write_examples(path, spoilt, TaggedSentence)


def build_tiny(corpora: Path, folder: Path) -> Path:
    """Build a tiny MT5 with minimal pre-training and return its folder."""
    from isogloss.models.pretraining.tiny_mt5 import build_model

    train = read_examples(corpora / "en" / "train.parquet", TaggedSentence)
    folder.mkdir()
    build_model({"en": [" ".join(one.tokens) for one in train]}, folder, vocabulary=700, steps=2, threads=1)
    return folder


@pytest.mark.parametrize("form", ["crf", "sentinel", "spans"])
def test_random_gold_tags_in_the_test_set_change_no_prediction(tmp_path, form):
    study = make_study(languages=["en", "fi"])
    study["transfer"] = {"sources": [["en"]], "targets": ["fi"], "n": 30, "shots": [0, 5]}
    corpora, start = build_corpora(tmp_path, parse_study(study)), None
    if form != "crf":
        start = build_tiny(corpora, tmp_path / "tiny")
        study["models"] = {"tiny": {"path": str(start)}}
        study["training"] = {"tiny": {"format": form, "epochs": 12, "adaptation_steps": {"5": 2}}}
        study["transfer"]["adaptation"] = ["sequential", "joint"]
    parsed = parse_study(study)
    runs = plan_runs(parsed)
    assert len(runs) == (2 if form == "crf" else 3)
    honest = [carry_out(run, parsed, corpora, start, tmp_path / "honest") for run in runs]
    spoil_gold(corpora / "fi" / "test.parquet")
    spoilt = [carry_out(run, parsed, corpora, start, tmp_path / "spoilt") for run in runs]
    predicted = [gzip.decompress((folder / "predictions.jsonl.gz").read_bytes()) for folder in honest]
    assert any(b"PER" in text for text in predicted)
    for one, other in zip(honest, spoilt, strict=True):
        assert (one / "predictions.jsonl.gz").read_bytes() == (other / "predictions.jsonl.gz").read_bytes()
        read = [json.loads((folder / "metrics.json").read_text(encoding="utf-8")) for folder in (one, other)]
        assert read[0]["support"] != read[1]["support"]  # only the scores use them


def test_an_unreadable_validation_file_of_the_target_stops_nothing(workspace):
    grid = {"sources": [["en"]], "targets": ["fi"], "n": 30, "shots": [0, 5]}
    workspace.write(make_study(languages=["en", "fi"], transfer=grid))
    root = "results/small"
    assert workspace.run(f"{root}/corpora/ner/fi/test.parquet") == {"corpus": 1}
    validation = workspace.folder / root / "corpora/ner/fi/validation.parquet"
    validation.write_bytes(b"not a parquet file")
    # Every rule that reads a corpus, and the scores; everything else is derived from these.
    ends = ("analysis/scores.csv", "corpora/ner/audit.json", "features/ner/overlap.csv")
    assert workspace.run(*(f"{root}/{end}" for end in ends)) == {
        "corpus": 1,
        "audit": 1,
        "overlap": 1,
        "finetune": 1,
        "transfer": 1,
        "adapt": 1,
        "scores": 1,
    }
    assert validation.read_bytes() == b"not a parquet file"


def test_shots_are_the_same_for_every_model_source_and_arm_and_are_nested(tmp_path, toy_registries):
    corpora = build_corpora(tmp_path, parse_study(make_study()))
    recipe = {"kind": "count", "family": "toy", "entries": {}, "joint_share": 1 / 3}
    common = {"corpora": corpora, "recipe": recipe, "threads": 1}
    drawn: dict[tuple[str, int, int], list[list[str]]] = {}
    for model, sources, seed in product(("one", "other"), ((), ("de",), ("en",), ("de", "en")), (1, 2)):
        start = tmp_path / "start"
        identity = {"task": "ner", "model": model, "sources": sources or ("de",), "n": 30, "seed": seed}
        finetune(identity=identity, start=None, out=start, **common)
        for target, shots, adaptation in product(("fi", "en"), (5, 12), ("sequential", "joint")):
            if target not in sources:
                run = Run("ner", model, sources, 30 if sources else 0, target, shots, adaptation, seed)
                transfer(run=run, start=start, keep=False, out=tmp_path / "run", **common)
                received = toy_registries[-1]
                shown = dict.fromkeys(one.id for one in received if one.language == target)
                drawn.setdefault((target, shots, seed), []).append(list(shown))
    assert {point: len(draws) for point, draws in drawn.items()} == {
        (target, shots, seed): 2 * sets * 2
        for target, sets in (("fi", 4), ("en", 2))
        for shots in (5, 12)
        for seed in (1, 2)
    }
    for draws in drawn.values():
        assert draws == [draws[0]] * len(draws)
    for target, seed in product(("fi", "en"), (1, 2)):
        five, twelve = drawn[target, 5, seed][0], drawn[target, 12, seed][0]
        assert (len(five), len(twelve)) == (5, 12)
        assert twelve[:5] == five
    assert drawn["fi", 12, 1][0] != drawn["fi", 12, 2][0]
