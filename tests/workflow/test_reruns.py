"""What is redone and what is not: after the same command, a deletion, a change, or another study."""

import os
import time

import pytest
import yaml
from model_folders import write_model
from studies import ENDS, Workspace, make_study

PAIR = "results/small/transfer/ner/crf/en/n-30/fi/shots-0/direct/seed-1"
SCORES = "results/small/analysis/scores.csv"
# The jobs that every change of a score causes: with only the CRF, and with the two models of the default study.
AGGREGATES = {"matrices": 2, "scatters": 1, "few_shot": 1, "effects": 1, **ENDS}
BOTH = {"matrices": 6, "scatters": 2, "subword_scatters": 1, "few_shot": 2, "effects": 2, **ENDS}


def read_study(workspace: Workspace) -> dict:
    return yaml.safe_load((workspace.folder / "study.yaml").read_text(encoding="utf-8"))


def test_rerunning_does_nothing(finished):
    before = finished.read_times("results")
    assert finished.run() == {}
    assert finished.read_times("results") == before
    assert finished.plan() == {}


def test_a_deleted_score_is_redone_and_the_aggregates_and_nothing_else(finished):
    before = finished.read_times("results")
    record, predictions = (finished.folder / PAIR / name for name in ("metrics.json", "predictions.jsonl.gz"))
    scores = finished.folder / SCORES
    predicted, scored = predictions.read_bytes(), scores.read_bytes()
    record.unlink()
    assert finished.plan() == {"transfer": 1, **AGGREGATES}
    redone = finished.snakemake(SCORES, f"{PAIR}/metrics.json")
    assert (redone.status, redone.jobs) == (0, {"transfer": 1, "scores": 1})
    left = "Study small: 1 of 18 runs and 0 trainings remain"
    assert f"{left}; about 1 minute on 1 core, estimated from the records of this study.\n" in redone.text
    assert record.exists()
    assert predictions.read_bytes() == predicted
    after = finished.read_times("results")
    logs = {f"results/small/logs/{PAIR.removeprefix('results/small/')}.log", "results/small/logs/analysis/scores.log"}
    logs.add("results/small/.status.json")
    written = {f"{PAIR}/metrics.json", f"{PAIR}/predictions.jsonl.gz", SCORES}
    assert {path for path in after if after[path] != before.get(path)} - logs == written
    assert scores.read_bytes() == scored  # so nothing that depends on it must be redone
    assert finished.plan() == {}


def test_a_new_language_runs_what_is_new_and_no_more(finished):
    finished.write(make_study(languages=["de", "en", "fi", "sw"]))
    outcome = finished.snakemake("--dry-run")
    new = {"corpus": 1, "finetune": 1, "transfer": 16 - 9, "adapt": (12 - 6) + (4 - 3)}
    assert outcome.jobs == {**new, "audit": 1, "typology": 1, "overlap": 1, "features": 1, **AGGREGATES}
    planned = [block["wildcards"] for rule in new for block in outcome.list_blocks(rule)]
    assert len(planned) == 1 + 1 + 7 + 7
    assert [wildcards for wildcards in planned if "=sw" not in wildcards] == []


def test_a_new_language_rebuilds_no_model(touched):
    study = read_study(touched)
    study["languages"].append("sw")
    touched.write(study)
    assert touched.plan() == {
        "corpus": 1,
        "finetune": 2,
        "transfer": 2 * 7,
        "adapt": 2 * 2 * 7,
        "audit": 1,
        "typology": 1,
        "overlap": 1,
        "subword_overlap": 1,
        "features": 1,
        **BOTH,
    }


@pytest.mark.parametrize(
    ("key", "value", "redone"),
    [
        # 6 pairs and 3 target-only runs are adapted at 20 shots, and the same number at 100.
        ("training.tiny-mt5.adaptation_steps", {20: 12, 100: 31}, {"adapt": 9}),
        ("training.tiny-mt5.epochs", 9, {"finetune": 3, "transfer": 9, "adapt": 12}),
        ("training.tiny-mt5.learning_rate", 2.0e-3, {"finetune": 3, "transfer": 9, "adapt": 18}),
        ("training.tiny-mt5.format", "spans", {"finetune": 3, "transfer": 9, "adapt": 18}),
        ("training.crf", {"joint_share": 0.5}, {"adapt": 18}),
        ("training.crf", {"c2": 0.2}, {"finetune": 3, "transfer": 9, "adapt": 18}),
        ("transfer.shots", [0, 20, 50, 100], {"adapt": 18, "matrices": 2}),
        ("transfer.seeds", [1, 2], {"finetune": 6, "transfer": 18, "adapt": 36}),
    ],
)
def test_a_change_redoes_what_it_touches(touched, key, value, redone):
    study = read_study(touched)
    *parents, last = key.split(".")
    part = study
    for name in parents:
        part = part[name]
    part[last] = value
    study["training"]["tiny-mt5"]["adaptation_steps"].setdefault(50, 20)
    touched.write(study)
    plan = touched.plan()
    changed = {**BOTH, **redone}
    changed["matrices"] = BOTH["matrices"] + redone.get("matrices", 0)
    assert plan == changed


def test_a_change_of_the_analysis_redoes_the_analysis_alone(touched):
    study = read_study(touched)
    study["analysis"]["permutations"] = 99
    touched.write(study)
    drawn = {"scatters": 2, "subword_scatters": 1, "effects": 2}  # their titles contain p and r from the tables
    assert touched.plan() == {"analyse": 1, **drawn, "report": 1, "all": 1}


def test_a_model_folder_counts_by_its_content_not_by_its_time(workspace):
    folder = write_model(workspace.folder / "encoder")
    models = {"whole": {"path": "encoder"}, "cut": {"path": "encoder", "trim_vocabulary": True}}
    grid = {"sources": [["en"], "none"], "targets": ["fi"], "n": 30, "shots": [0, 20], "adaptation": ["sequential"]}
    workspace.write(make_study(models=models, transfer=grid, training={}))
    workspace.pretend()
    assert workspace.plan() == {}
    for path in (folder / "config.json", folder / "model.safetensors", folder):
        os.utime(path, (time.time() + 60, time.time() + 60))  # as if copied or mounted again
    assert workspace.plan() == {}
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[:-1] + b"\1")
    trained = {"trim_model": 1, "finetune": 2, "transfer": 2, "adapt": 4, "subword_overlap": 2, "features": 1}
    drawn = {"matrices": 4, "scatters": 2, "subword_scatters": 2, "few_shot": 2, "effects": 2}
    assert workspace.plan() == {**trained, **drawn, **ENDS}


def test_another_study_neither_redoes_nor_touches_the_first(finished):
    before = finished.read_times("results", "small")
    other = make_study(study="other", transfer={"sources": [["en"]], "targets": ["fi"], "n": 20, "shots": [0]})
    finished.write(other, "other.yaml")
    jobs = finished.run("results/other/analysis/scores.csv", study="other.yaml")
    assert jobs == {"corpus": 2, "finetune": 1, "transfer": 1, "scores": 1}
    assert finished.read_times("results", "small") == before
    assert finished.plan() == {}
    assert finished.plan("results/other/analysis/scores.csv", study="other.yaml") == {}
