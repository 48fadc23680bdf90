"""The output of `isogloss plan`: the jobs that snakemake would run, pairs, downloads, disk space and hours."""

import copy
import json
import re
import subprocess
import sys

import pytest
import yaml
from studies import PROJECT, change, make_hub_study, make_study

from isogloss.cli import run
from isogloss.common.errors import UserError
from isogloss.planning.estimate import Pace, Work, count_work, estimate_seconds, measure_pace
from isogloss.planning.plan import count_jobs, describe_tasks, list_downloads, write_plan
from isogloss.study.check import check_study
from isogloss.study.config import parse_study

HUB_STUDY = make_hub_study(
    "own",
    {"synthetic": {"train": 20, "validation": 10, "test": 10}},
    models={"crf": {"family": "crf"}, "mt5": {"hub": "google/mt5-base", "revision": "refs/pr/5"}},
    training={"mt5": {"batch_size": 8, "epochs": 4, "adaptation_steps": {5: 7}}},
    transfer={"sources": ["each", "none"], "n": 30, "shots": [0, 5], "seeds": [1, 2]},
    keep_adapted=False,
)


@pytest.fixture
def hub_plan(tmp_path):
    return check_study(HUB_STUDY, tmp_path)[:2]


def test_the_default_study_is_653_jobs_and_90_pairs(default_study, tmp_path):
    study, runs, *_ = check_study(default_study, tmp_path)
    jobs = count_jobs(study, runs)
    assert sum(jobs.values()) == 653
    assert {rule: jobs[rule] for rule in ("corpus", "build_model", "finetune", "transfer", "adapt")} == {
        "corpus": 10,
        "build_model": 1,
        "finetune": 20,
        "transfer": 200,
        "adapt": 400,
    }
    assert describe_tasks(study, runs) == [("ner", "90 ordered pairs, 10 in-language targets, 1 seed")]
    assert list_downloads(study, runs, tmp_path) == [("none", "")]


KINDS = ("default", "hub", "statistics", "several", "self-supervised", "trimmed")


@pytest.mark.parametrize("study", ["grids", *(pytest.param(name, marks=pytest.mark.slow) for name in KINDS)])
def test_the_jobs_are_those_that_snakemake_plans(study, default_study, workspace):
    grids = [{"models": ["crf"], "sources": [["de", "en"]], "targets": ["fi"], "n": 30, "shots": [5]}]
    grids += [{"sources": ["each"], "n": 30, "shots": [0], "budgets": ["equal-total", "equal-per-source"]}]
    studies = {"default": default_study, "hub": HUB_STUDY, "grids": make_study(transfer=grids)}
    studies["statistics"] = {**HUB_STUDY, "analysis": {"language_model": True}}  # for mt5; a crf has none
    tiny = {"build": "tiny-mt5", "languages": ["de", "en", "fi"]}
    given = {"models": {"tiny": tiny}, "training": {"tiny": {"adaptation_steps": {"5": 2}}}}
    several = {
        "sources": ["each", "all-others", "none"],
        "n": 30,
        "shots": [0, 5],
        "adaptation": ["sequential", "joint"],
    }
    studies["several"] = make_study(**given, transfer=several)
    budget = {"strategies": ["none", "in-language", "all-others"], "tokens": 4096}
    variants = {**given, "models": {"tiny": {**tiny, "steps": 0, "pretraining": budget}}}
    alone = {"sources": ["none"], "n": 30, "shots": [5]}
    studies["self-supervised"] = make_study(**variants, transfer=alone)
    trimmed = {"mt5": {"hub": "google/mt5-base", "trim_vocabulary": True}}
    studies["trimmed"] = make_study(models=trimmed, training={"mt5": {"adaptation_steps": {"5": 2}}})
    workspace.write(studies[study])
    parsed, runs, *_ = check_study(studies[study], workspace.folder)
    assert count_jobs(parsed, runs) == workspace.plan()


def test_a_study_of_the_hub_tells_what_it_takes_from_where(hub_plan, tmp_path):
    study, runs = hub_plan
    assert describe_tasks(study, runs) == [
        ("ner", "6 ordered pairs, 3 in-language targets, 2 seeds"),
        ("ner on masakhaner", "1 language, sw; not in this test corpus: de en"),
        ("ner on own", "3 languages, de en sw"),
    ]
    downloads = dict(list_downloads(study, runs, tmp_path))
    assert re.fullmatch("3 languages, size unknown, at [0-9a-f]{40}", downloads["unimelb-nlp/wikiann"])
    assert re.fullmatch(
        "1 language, test split only, size unknown, at [0-9a-f]{40}", downloads["masakhane/masakhaner2"]
    )
    assert downloads["google/mt5-base"] == "model mt5, 2.3 GB, at refs/pr/5 (not a commit, so it can change)"
    pinned = change(copy.deepcopy(HUB_STUDY), "models.mt5.revision", "refs/pr/5@78f6d82")
    assert dict(list_downloads(parse_study(pinned), runs, tmp_path))["google/mt5-base"].endswith("at refs/pr/5@78f6d82")


def test_steps_are_counted_as_training_takes_them(hub_plan):
    study, runs = hub_plan
    # 3 sources x 2 seeds, 4 passes over 30 sentences in batches of 8; (6 pairs + 3 targets alone) x 2 seeds, 7 steps.
    assert count_work(study, runs, ["mt5"]) == Work(6, 6 * 15, 18, 18 * 7, (9 + 9) * 2)
    assert count_work(study, runs, ["crf"]) == Work(6, None, 18, None, 36)


def test_hours_follow_from_the_seconds_of_a_step(hub_plan, tmp_path):
    study, runs = hub_plan
    text = write_plan(study, runs, tmp_path, devices=2, step_seconds=100.0, measured=None)
    # (90 + 126) steps x 100 s on 2 devices
    assert "hours on 2 devices" in text
    assert re.search(r"^  mt5 +3\.0: 216 steps of 100 s, 36 test sets, without prediction time$", text, re.MULTILINE)
    assert re.search(r"^  crf +no steps, 36 test sets: unknown; set --measured RESULTS$", text, re.MULTILINE)
    # 1 model as fetched and 6 trained ones of 2.33 GB each; no adapted one is kept.
    assert re.search(
        r"^  mt5 +6 fine-tuned source models, 0 adapted models kept, 2\.3 GB each: 16\.3 GB$", text, re.MULTILINE
    )


def write_records(folder, model: str, step: float, steps: int | None) -> None:
    """Write records of two trainings of `steps` steps, of a zero-shot run of 4 s, and of one with shots of 9 s."""
    for source in ("de", "en"):
        path = folder / f"finetuned/ner/{model}/{source}/n-30/seed-1/training.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"budget": {"steps": steps}, "cost": {"wall_seconds": step * (steps or 10)}}))
    for shots, wall in ((0, 4.0), (5, 9.0)):
        path = folder / f"transfer/ner/{model}/de/n-30/en/shots-{shots}/direct/seed-1/metrics.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"run": {"model": model, "shots": shots}, "cost": {"wall_seconds": wall}}))


def test_the_pace_is_read_from_the_records_of_a_study(hub_plan, tmp_path):
    write_records(tmp_path / "done", "mt5", 0.5, 40)
    write_records(tmp_path / "done", "crf", 0.2, None)
    paces = measure_pace(tmp_path / "done")
    assert paces["mt5"] == Pace(step=0.5, prediction=4.0, training=20.0, adaptation=9.0)
    assert paces["crf"] == Pace(step=None, prediction=4.0, training=2.0, adaptation=9.0)
    study, runs = hub_plan
    mt5, crf = (count_work(study, runs, [model]) for model in ("mt5", "crf"))
    assert estimate_seconds(mt5, paces["mt5"]) == (216 * 0.5 + 36 * 4.0, True)
    assert estimate_seconds(crf, paces["crf"]) == (6 * 2.0 + 18 * 9.0 + 18 * 4.0, True)
    assert estimate_seconds(mt5, Pace(None)) == (None, False)
    text = write_plan(study, runs, tmp_path, devices=1, step_seconds=None, measured=tmp_path / "done")
    assert re.search(r"^  mt5 +0\.1: 216 steps of 0\.5 s, 36 test sets$", text, re.MULTILINE)
    assert re.search(r"^  total +0\.1$", text, re.MULTILINE)
    assert measure_pace(tmp_path / "nothing") == {}
    with pytest.raises(
        UserError, match="nothing: contains no records of trainings or runs; give the results of a study"
    ):
        write_plan(study, runs, tmp_path, devices=1, step_seconds=None, measured=tmp_path / "nothing")


def test_a_kind_of_job_that_was_not_measured_is_told_and_not_counted_as_nothing(hub_plan, tmp_path):
    write_records(tmp_path / "done", "crf", 0.2, None)
    for path in (tmp_path / "done").rglob("metrics.json"):
        if json.loads(path.read_text(encoding="utf-8"))["run"]["shots"]:
            path.unlink()
    text = write_plan(*hub_plan, tmp_path, devices=1, step_seconds=0.5, measured=tmp_path / "done")
    assert re.search(
        r"^  crf +no steps, 36 test sets: unknown; \S+done has no records of some kinds of its jobs$",
        text,
        re.MULTILINE,
    )


def test_disk_says_what_is_not_in_it(hub_plan, tmp_path):
    text = write_plan(*hub_plan, tmp_path, devices=1, step_seconds=None, measured=None)
    assert "\ndisk space for models (without corpora and predictions)\n" in text


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--devices", "0"], "--devices is 0; give 1 or more"),
        (["--devices", "-2"], "--devices is -2; give 1 or more"),
        (["--step-seconds", "0"], "--step-seconds is 0; give a number above 0"),
        (["--step-seconds", "-0.5"], "--step-seconds is -0.5; give a number above 0"),
        (["--step-seconds", "nan"], "--step-seconds is nan; give a number above 0"),
        (["--step-seconds", "inf"], "--step-seconds is inf; give a number above 0"),
    ],
)
def test_numbers_that_are_none_of_devices_or_seconds_are_refused_in_one_line(workspace, capsys, arguments, line):
    workspace.write(make_study())
    assert run(["plan", str(workspace.folder / "study.yaml"), *arguments]) == 2
    assert capsys.readouterr().err == f"isogloss: plan: {line}\n"


def test_the_verb_prints_the_plan_and_imports_nothing_heavy(workspace, default_study):
    workspace.write(default_study)
    planned = workspace.isogloss("plan", "study.yaml", "--devices", "8")
    assert planned.status == 0
    assert re.search(r"^  total +653$", planned.text, re.MULTILINE)
    assert "hours on 8 devices" in planned.text
    heavy = ["torch", "transformers", "pandas", "numpy", "pyarrow", "datasets", "huggingface_hub"]
    code = f"import sys, isogloss.planning.plan; print(sorted(set(sys.modules) & set({heavy})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("name", "made", "models"),
    [
        # NER, NLI and QA; of its zero-shot runs 63 are on languages that XQuAD alone has.
        ("paper", {"finetune": 72, "transfer": 657, "adapt": 1782, "download": 24, "download_test": 7}, ["mt5-base"]),
        ("xlmr", {"finetune": 30, "transfer": 300, "adapt": 900, "download": 10, "download_test": 1}, ["xlm-r-base"]),
    ],
)
def test_the_large_studies_are_whole_and_planned_without_a_network(name, made, models, tmp_path):
    text = (PROJECT / "studies" / f"{name}.yaml").read_text(encoding="utf-8")
    study, planned, *_ = check_study(yaml.safe_load(text), tmp_path)
    jobs = count_jobs(study, planned)
    assert {rule: jobs[rule] for rule in made} == made
    assert (len(planned), jobs["fetch_model"], jobs["trim_model"]) == (made["transfer"] + made["adapt"], 1, 1)
    assert list(study.models) == models
    assert describe_tasks(study, planned)[0] == ("ner", "90 ordered pairs, 10 in-language targets, 3 seeds")
    entries = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert [line for line in entries if not re.search(r"\S  +# \w+", line)] == []
