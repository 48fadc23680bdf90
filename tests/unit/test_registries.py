"""A task, a family, a corpus and a feature each need one entry in a registry: a toy of each runs through a study."""

import json
from pathlib import Path

import pandas as pd
import pytest

from isogloss.analysis.files.score_table import read_scores
from isogloss.analysis.run import analyse
from isogloss.common.annotation import Annotation
from isogloss.corpora.build import build_corpus
from isogloss.features.table import read_features, write_features
from isogloss.figures.gallery import write_figure
from isogloss.figures.page import Subject
from isogloss.runs.scores import write_scores
from isogloss.runs.transfer import finetune, transfer
from isogloss.study import recipes
from isogloss.study.check import check_study
from isogloss.study.config import parse_study
from isogloss.study.products import place_trained

STUDY = {
    "study": "toys",
    "languages": ["de", "en", "fi"],
    "tasks": {"counting": {"kind": "count", "corpus": {"toy": 3}}},
    "models": {"mode": {"family": "toy"}},
    "transfer": {"sources": ["each", "none"], "n": 12, "shots": [0, 4]},
}


@pytest.fixture
def records(tmp_path, toy_registries):
    """Return the records of a whole study of toys, from its config to its scores, as its jobs would write them."""
    study, runs, need = check_study(STUDY, tmp_path)
    assert need["counting"] == {code: {"source": 12, "shots": 4} for code in ("de", "en", "fi")}
    corpora = tmp_path / "corpora"
    recipe = json.loads(recipes.write_corpus_recipe(study, "counting"))
    for language in study.languages:
        build_corpus(recipe["corpus"], language, Annotation(recipe["kind"]), corpora / language, need=12)
    common = {"corpora": corpora, "threads": 1}
    for source in study.languages:
        recipe = json.loads(recipes.write_finetune_recipe(study, "counting", "mode"))
        out = tmp_path / f"finetuned/counting/mode/{source}/n-12/seed-1"
        identity = {"task": "counting", "model": "mode", "sources": [source], "n": 12, "seed": 1}
        finetune(identity=identity, start=None, recipe=recipe, out=out, **common)
    for run in runs:
        recipe = json.loads(recipes.write_transfer_recipe(study, run))
        start = tmp_path / trained if (trained := place_trained(run)) else None
        transfer(run=run, start=start, recipe=recipe, keep=True, out=tmp_path / run.folder, **common)
    return [tmp_path / run.folder / "metrics.json" for run in runs]


def test_a_toy_family_does_a_toy_task_on_a_toy_corpus(records, tmp_path):
    assert len(records) == 9 + 6 + 3
    record = json.loads(
        (tmp_path / "transfer/counting/mode/en/n-12/fi/shots-4/sequential/seed-1/metrics.json").read_text()
    )
    assert record["run"]["sources"] == ["en"]
    # 20 test sentences have 1, 2 or 3 names in turn, so one number is right for a third; training has all lengths.
    assert record["scores"]["accuracy"] in (6 / 20, 7 / 20)
    assert record["support"] == {"sentences": 20, "seen": 20}
    assert record["budget"]["sources"]["sentences"] == {"en": 12}
    assert record["budget"]["adaptation"]["sentences"] == {"fi": 4}
    write_scores(records, tmp_path / "scores.csv")
    table = read_scores(tmp_path / "scores.csv")
    assert table["metric"].value_counts().to_dict() == {"accuracy": 18, "accuracy_half_1": 18, "accuracy_half_2": 18}
    halves = table[table["metric"] != "accuracy"].groupby(["sources", "target", "shots"])["score"].mean()
    whole = table[table["metric"] == "accuracy"].set_index(["sources", "target", "shots"])["score"]
    # Each half has 10 of the 20 test sentences, so the accuracy on all is the mean of both halves.
    assert halves.to_dict() == pytest.approx(whole.to_dict())


def test_a_toy_feature_is_correlated_with_transfer_and_drawn(tmp_path, toy_registries):
    pairs = [(source, target) for source in "abcde" for target in "abcde" if source != target]
    values = [(ord(source) - 2 * ord(target)) / 100 for source, target in pairs]
    write_table(tmp_path / "typology.csv", pairs, syntax=[0.5] * len(pairs))
    write_table(tmp_path / "toy.csv", pairs, toy=values)
    write_table(tmp_path / "scores.csv", pairs, score=[1 + value / 2 for value in values])
    write_features([tmp_path / "typology.csv", tmp_path / "toy.csv"], [], [], tmp_path / "features.csv")
    analyse(tmp_path / "scores.csv", read_features(tmp_path / "features.csv"), tmp_path, permutations=99)
    table = pd.read_csv(tmp_path / "correlations.csv")
    (row,) = table.query("feature == 'toy' and transform == 'raw'").to_dict("records")
    assert (row["n_pairs"], row["n_languages"], row["pearson_r"]) == (20, 5, pytest.approx(1))
    features, scores = read_features(tmp_path / "features.csv"), read_scores(tmp_path / "scores.csv")
    given = {"scores": scores, "features": features, "tables": {"correlations.csv": tmp_path / "correlations.csv"}}
    write_figure("scatter", Subject("unnamed", "unnamed", "toy", **given), tmp_path / "figures")
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == ["scatter-toy.png", "scatter-toy.svg"]
    parse_study({**STUDY, "analysis": {"primary": {"task": "counting", "model": "mode", "shots": 0, "feature": "toy"}}})


def write_table(path: Path, pairs: list[tuple[str, str]], **columns: list[float]) -> None:
    """Write a csv file with a row per pair of languages."""
    pd.DataFrame(pairs, columns=["source", "target"]).assign(**columns).to_csv(path, index=False)
