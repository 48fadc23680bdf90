"""What is redone, and what is not: the same command again, something deleted, something changed, another study."""

import os

import pytest
import yaml
from studies import ENDS, Workspace, make_study

PAIR = "results/small/transfer/ner/crf/en/n-30/fi/shots-0/direct/seed-1"
SCORES = "results/small/analysis/scores.csv"
# What every change of a score leads to: for the CRF alone, and for the default study's two models.
AGGREGATES = {"matrices": 2, "scatters": 12, "few_shot": 1, **ENDS}
BOTH = {"matrices": 6, "scatters": 26, "few_shot": 2, **ENDS}


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
    predicted = predictions.read_bytes()
    record.unlink()
    assert finished.plan() == {"transfer": 1, **AGGREGATES}
    assert finished.run(SCORES, f"{PAIR}/metrics.json") == {"transfer": 1, "scores": 1}
    assert record.exists()
    assert predictions.read_bytes() == predicted
    after = finished.read_times("results")
    logs = {f"results/small/logs/{PAIR.removeprefix('results/small/')}.log", "results/small/logs/analysis/scores.log"}
    redone = {f"{PAIR}/metrics.json", f"{PAIR}/predictions.jsonl.gz", SCORES}
    assert {path for path in after if after[path] != before.get(path)} - logs == redone
    assert finished.plan() == {name: count for name, count in AGGREGATES.items() if name != "scores"}


def test_a_new_language_runs_what_is_new_and_no_more(finished):
    before = finished.read_times("results", "small", "transfer")
    finished.write(make_study(languages=["de", "en", "fi", "sw"]))
    new = {"corpus": 1, "finetune": 1, "transfer": 16 - 9, "adapt": (12 - 6) + (4 - 3)}
    assert finished.plan() == {**new, "audit": 1, "typology": 1, "overlap": 1, "features": 1, **AGGREGATES}
    assert finished.run(SCORES) == {**new, "scores": 1}
    after = finished.read_times("results", "small", "transfer")
    assert {path: after[path] for path in before} == before
    assert {path for path in after if "/sw/" not in path} == set(before)


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
        # 6 pairs and 3 targets without a source are adapted at 20 shots, and as many at 100.
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
    assert touched.plan() == {"analyse": 1, "report": 1, "all": 1}


def test_another_study_neither_redoes_nor_touches_the_first(finished):
    before = finished.read_times("results", "small")
    other = make_study(study="other", transfer={"sources": [["en"]], "targets": ["fi"], "n": 20, "shots": [0]})
    finished.write(other, "other.yaml")
    jobs = finished.run("results/other/analysis/scores.csv", study="other.yaml")
    assert jobs == {"corpus": 2, "finetune": 1, "transfer": 1, "scores": 1}
    assert finished.read_times("results", "small") == before
    assert finished.plan() == {}
    assert finished.plan("results/other/analysis/scores.csv", study="other.yaml") == {}


@pytest.mark.parametrize("keep", [True, False])
def test_keep_adapted_decides_whether_the_models_of_few_shot_runs_stay(workspace, keep):
    study = make_study(
        keep_adapted=keep, transfer={"sources": [["en"], "none"], "targets": ["fi"], "n": 20, "shots": [0, 5]}
    )
    workspace.write(study)
    outcome = workspace.snakemake("results/small/analysis/scores.csv")
    assert outcome.status == 0
    assert outcome.jobs == {"corpus": 2, "finetune": 1, "transfer": 1, "adapt": 2, "scores": 1}
    few_shot = {
        f"results/small/transfer/ner/crf/{name}/fi/shots-5/joint/seed-1/checkpoint" for name in ("en/n-20", "none/n-0")
    }
    declared = {
        path
        for block in outcome.list_blocks("adapt")
        for path in block["output"].split(", ")
        if path.endswith("checkpoint")
    }
    assert declared == (few_shot if keep else set())
    models = {str(path.parent.relative_to(workspace.folder)) for path in workspace.folder.rglob("model.crfsuite")}
    assert models == declared | {"results/small/finetuned/ner/crf/en/n-20/seed-1"}
    assert workspace.plan("results/small/analysis/scores.csv") == {}


def test_one_failing_pair_stops_no_other_and_is_all_that_is_redone(workspace):
    grid = {"sources": [["de"], ["en"]], "targets": ["fi"], "n": 20, "shots": [0, 5]}
    workspace.write(make_study(transfer=grid))
    models = [f"results/small/finetuned/ner/crf/{source}/n-20/seed-1" for source in ("de", "en")]
    assert workspace.run(*models) == {"corpus": 2, "finetune": 2}
    broken = workspace.folder / models[1] / "model.crfsuite"
    content, times = broken.read_bytes(), broken.stat()
    broken.write_bytes(b"no model")
    summary = "results/small/analysis/summary.md"

    outcome = workspace.snakemake(summary)
    assert outcome.status == 1
    assert outcome.jobs == {
        "corpus": 1, "transfer": 2, "adapt": 2, "typology": 1, "overlap": 1, "features": 1, "scores": 1, "analyse": 1
    }  # fmt: skip
    records = {
        path.parent.relative_to(workspace.folder / "results/small/transfer/ner/crf")
        for path in workspace.folder.rglob("metrics.json")
    }
    assert {str(path) for path in records} == {
        "de/n-20/fi/shots-0/direct/seed-1",
        "de/n-20/fi/shots-5/joint/seed-1",
        "en/n-20/fi/shots-5/joint/seed-1",
    }
    assert (workspace.folder / "results/small/features/features.csv").exists()

    broken.write_bytes(content)
    os.utime(broken, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert workspace.run(summary) == {"transfer": 1, "scores": 1, "analyse": 1}
    assert workspace.plan(summary) == {}
