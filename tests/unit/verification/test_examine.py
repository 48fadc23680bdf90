"""`isogloss verify` finds every file that does not fit, names what is wrong with it, and deletes no more than that."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest
import yaml
from studies import make_study

from isogloss.cli import run as call
from isogloss.common.run import TRAINED_AXES
from isogloss.guard.note import make_note, write_note
from isogloss.runs.transfer import finetune, transfer
from isogloss.study import recipes
from isogloss.study.check import check_study
from isogloss.study.products import place_trained
from isogloss.verification.examine import examine
from isogloss.verification.products import list_products
from isogloss.verification.stale import list_stale
from isogloss.verification.table import delete_faults, write_table

CORPUS = {"synthetic": {"train": 60, "validation": 10, "test": 20}}
STUDY = make_study(
    languages=["de", "en"],
    tasks={"ner": {"kind": "ner", "corpus": CORPUS}},
    transfer={"sources": ["each"], "n": 30, "shots": [0, 5]},
)
RUN = "transfer/ner/crf/de/n-30/en/shots-0/direct/seed-1"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Return a folder with a study file and all its results, except tables and figures."""
    place = tmp_path_factory.mktemp("study")
    parsed, runs, _ = check_study(STUDY, place)
    root = place / parsed.root
    for language in ("de", "en"):
        recipe = recipes.write_corpus_recipe(parsed, "ner")
        out = str(root / "corpora/ner" / language)
        assert call(["corpus", "--recipe", recipe, "--language", language, "--out", out]) == 0
    common = {"corpora": root / "corpora/ner", "threads": 1, "start": None}
    for trained, run in {place_trained(run): run for run in runs if place_trained(run)}.items():
        recipe = json.loads(recipes.write_finetune_recipe(parsed, "ner", "crf"))
        identity = {axis.name: getattr(run, axis.name) for axis in TRAINED_AXES}
        finetune(identity=identity, recipe=recipe, out=root / trained, **common)
    for run in runs:
        recipe = json.loads(recipes.write_transfer_recipe(parsed, run))
        start = {"start": root / trained} if (trained := place_trained(run)) else {}
        transfer(run=run, recipe=recipe, keep=False, out=root / run.folder, **{**common, **start})
    (place / "study.yaml").write_text(yaml.safe_dump(STUDY))
    return place


@pytest.fixture
def root(finished, tmp_path, monkeypatch):
    """Return the folder of the results in a copy, in which the test runs."""
    shutil.copytree(finished, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    return Path("results/small")


def inspect(root, study=STUDY):
    parsed, runs, _ = check_study(study, Path())
    return examine(list_products(parsed, runs), root)


def describe(report):
    return {(fault.path.as_posix(), fault.state) for fault in report.faults}


def test_a_finished_study_is_intact(root, capsys):
    report = inspect(root)
    assert (report.faults, report.unverified, report.missing) == ([], 0, 0)
    assert report.intact == 2 + 2 + 6 and report.files == 2 * 4 + 2 * 3 + 6 * 2
    assert call(["verify", "study.yaml"]) == 0
    assert "10 results intact (26 files hashed), 0 files that do not fit" in capsys.readouterr().out


def damage_truncate(root):
    path = root / "corpora/ner/en/test.parquet"
    path.write_bytes(path.read_bytes()[:40])
    return path, "truncated", path.parent


def damage_predictions(root):
    path = root / RUN / "predictions.jsonl.gz"
    path.write_bytes(b"\x1f\x8b" + path.read_bytes()[2:][::-1])
    return path, "changed", path.parent


def damage_score(root):
    path = root / RUN / "metrics.json"
    path.write_text(path.read_text().replace('"f1":', '"f1": 0.99, "f2":', 1))
    return path, "changed", path.parent


def damage_swap(root):
    path = root / RUN / "metrics.json"
    shutil.copy(root / RUN.replace("/en/", "/de/") / "metrics.json", path)
    return path, "foreign", path.parent


def damage_language(root):
    for name in ("test.parquet", "train.parquet", "validation.parquet", "audit.json"):
        shutil.copy(root / "corpora/ner/de" / name, root / "corpora/ner/en" / name)
    return root / "corpora/ner/en/audit.json", "foreign", root / "corpora/ner/en"


def damage_training(root):
    path = root / "finetuned/ner/crf/de/n-30/seed-1/training.json"
    path.write_text('{"run":')
    return path, "truncated", path.parent


def damage_added(root):
    path = root / "finetuned/ner/crf/de/n-30/seed-1/extra.bin"
    path.write_text("?")
    return path, "foreign", path.parent


def damage_orphan(root):
    path = root / "finetuned/ner/crf/fi"
    shutil.copytree(root / "finetuned/ner/crf/de", path)
    return path, "orphaned", path


def damage_part(root):
    path = root / "corpora/ner/.en.parquet.123.part"
    path.write_text("?")
    return path, "orphaned", path


DAMAGES = [
    *(damage_truncate, damage_predictions, damage_score, damage_swap, damage_language, damage_training),
    *(damage_added, damage_orphan, damage_part),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damage_is_found_named_and_deleted_alone(root, damage, capsys):
    before = {path for path in root.rglob("*") if path.is_file()}
    path, state, written = damage(root)
    report = inspect(root)
    found = describe(report)
    assert (path.as_posix(), state) in found
    assert {one for one in found if one[1] != "stale"} == {(path.as_posix(), state)}
    table = write_table(report, root).splitlines()
    assert len(table) == len(found) + 1 and table[0].split()[:2] != []
    assert call(["verify", "study.yaml"]) == 2
    assert "run `isogloss verify study.yaml --delete`" in capsys.readouterr().err
    assert call(["verify", "study.yaml", "--delete"]) == 0
    assert not written.exists()
    lost = {one for one in before if not one.exists()}
    assert all(one.is_relative_to(written) or one.is_relative_to(root / "transfer") for one in lost)
    assert inspect(root).faults == []


def test_another_corpus_makes_what_was_made_from_it_stale(root):
    other = {**STUDY, "tasks": {"ner": {"kind": "ner", "corpus": {"synthetic": {**CORPUS["synthetic"], "train": 61}}}}}
    report = inspect(root, other)
    assert {state for _, state in describe(report)} == {"stale"} and len(report.faults) == 2 + 2 + 6
    assert sum("was made by another recipe" in fault.reason for fault in report.faults) == 2  # the corpora themselves
    parsed, runs, _ = check_study(other, Path())
    recipe = recipes.write_corpus_recipe(parsed, "ner")
    for code in ("de", "en"):
        call(["corpus", "--recipe", recipe, "--language", code, "--out", str(root / "corpora/ner" / code)])
    stale = list_stale(list_products(parsed, runs), root)
    trained = {f"{root}/finetuned/ner/crf/{code}/n-30/seed-1" for code in ("de", "en")}
    assert trained <= stale.keys() and f"{root}/{RUN.replace('shots-0/direct', 'shots-5/joint')}/metrics.json" in stale
    assert all(re.match(r"was made from (another corpora/ner/|.*, which is stale$)", why) for why in stale.values())


def test_another_recipe_makes_trainings_and_runs_stale(root):
    other = {**STUDY, "training": {"crf": {"max_iterations": 11}}}
    parsed, runs, _ = check_study(other, Path())
    stale = list_stale(list_products(parsed, runs), root)
    assert stale[f"{root}/finetuned/ner/crf/de/n-30/seed-1"] == "was made by another recipe than the study has now"
    trained = "finetuned/ner/crf/de/n-30/seed-1"
    assert stale[f"{root}/{RUN}/metrics.json"] == f"was made from {trained}, which is stale"
    assert len(stale) == 2 + 6 and not any("corpora" in output for output in stale)


def test_results_of_before_are_counted_and_their_form_is_checked(root):
    for path in root.rglob("*.json"):
        record = json.loads(path.read_text())
        record.pop("provenance", None)
        path.write_text(json.dumps(record))
    report = inspect(root)
    assert (report.faults, report.intact, report.unverified) == ([], 0, 10)
    path = root / "corpora/ner/en/train.parquet"
    path.write_bytes(path.read_bytes()[:-4])
    assert describe(inspect(root)) == {(path.as_posix(), "truncated")}


def test_what_is_not_made_yet_is_missing_and_a_needed_state_stays(root):
    (root / RUN / "metrics.json").unlink()
    (root / ".state" / "abc").mkdir(parents=True)
    report = inspect(root)
    assert (report.missing, report.faults) == (1, [])
    (root / RUN / "predictions.jsonl.gz").rename(root / RUN / "metrics.json")
    assert delete_faults(inspect(root), root) >= 1


def test_nothing_is_deleted_while_the_study_runs(root, capsys):
    path, *_ = damage_truncate(root)
    write_note(root, make_note())  # this process runs the study
    assert call(["verify", "study.yaml", "--delete"]) == 2
    assert f"results/small: process {os.getpid()} is running this study" in capsys.readouterr().err
    assert path.exists()
