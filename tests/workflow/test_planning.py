"""Dry runs: which jobs a study has, which resources they request, and the cost of planning itself."""

import re
import subprocess
import sys

import pytest
from model_folders import MT5, write_model
from studies import ENDS, PROJECT, make_study


def test_the_default_study_is_20_trainings_and_600_runs(workspace, default_study):
    workspace.write(default_study)
    assert workspace.plan() == {
        "corpus": 10,
        "audit": 1,
        "build_model": 1,
        "finetune": 2 * 10,
        "transfer": 2 * (90 + 10),  # zero-shot and in-language
        "adapt": 2 * (2 * 90 + 2 * 10),  # from every source, and target-only, at 20 and at 100 shots
        "typology": 1,
        "overlap": 1,
        "subword_overlap": 1,
        "features": 1,
        "matrices": 2 * 3,
        "scatters": 2,
        "subword_scatters": 1,
        "effects": 2,
        "few_shot": 2,
        **ENDS,
    }


def test_a_study_file_inherits_nothing_from_the_default(workspace):
    workspace.write(make_study())
    assert workspace.plan() == {
        "corpus": 3,
        "audit": 1,
        "finetune": 3,
        "transfer": 6 + 3,
        "adapt": 6 + 3,
        "typology": 1,
        "overlap": 1,
        "features": 1,
        "matrices": 2,
        "scatters": 1,
        "effects": 1,
        "few_shot": 1,
        **ENDS,
    }


@pytest.fixture
def large_models(workspace):
    """Return a study of one pair with a built model, a model on the hub, and a model in a user's folder."""
    write_model(workspace.folder / "own", MT5)
    with (workspace.folder / "own" / "other.safetensors").open("wb") as file:
        file.truncate(2**30)  # a sparse file, which takes no disk space
    models = {
        "tiny": {"build": "tiny-mt5", "languages": ["en", "fi"]},
        "hub": {"hub": "google/mt5-base"},
        "own": {"path": "own"},
    }
    workspace.write(
        make_study(
            models=models, training={}, transfer={"sources": [["en"]], "targets": ["fi"], "n": 30, "shots": [0, 20]}
        )
    )
    return workspace


def test_training_asks_for_threads_memory_time_and_gpus_by_its_model(large_models):
    outcome = large_models.snakemake("--dry-run", "--cores", "8")
    assert outcome.jobs["build_model"] == outcome.jobs["fetch_model"] == 1
    for rule in ("finetune", "transfer", "adapt"):
        asked = {}
        for block in outcome.list_blocks(rule):
            model = re.search("model=([a-z]+)", block["wildcards"])[1]
            resources = dict(pair.split("=") for pair in block["resources"].split(", "))
            asked[model] = (block.get("threads"), *(resources[name] for name in ("mem_mb", "runtime", "gpu")))
        assert asked == {
            "tiny": (None, "1800", "15", "0"),  # snakemake prints the number of threads only if it is greater than 1
            "hub": ("8", "32000", "240", "1"),
            "own": ("8", "32000", "240", "1"),
        }
    (built,) = outcome.list_blocks("build_model")
    assert "threads" not in built
    assert {"mem_mb=2500", "runtime=20", "gpu=0"} <= set(built["resources"].split(", "))


def test_the_slurm_profile_plans_the_same_jobs_with_resources_for_all(large_models):
    profile = ["--workflow-profile", str(PROJECT / "profiles" / "slurm")]
    outcome = large_models.snakemake("--dry-run", *profile)
    assert outcome.status == 0
    assert "Using workflow specific profile" in outcome.text
    assert outcome.jobs == large_models.plan()
    resources = [block["resources"] for rule in outcome.jobs for block in outcome.list_blocks(rule)]
    assert len(resources) == sum(outcome.jobs.values())
    assert all(re.search(r"mem_mb=\d+, .*runtime=\d+", text) for text in resources)
    (scores,) = outcome.list_blocks("scores")
    assert "mem_mb=2000, " in scores["resources"] and scores["resources"].endswith("runtime=30")


@pytest.mark.parametrize("profile", ["default", "slurm"])
def test_every_entry_of_a_profile_says_why_it_is_there(profile):
    lines = (PROJECT / "profiles" / profile / "profile.yaml").read_text(encoding="utf-8").splitlines()
    entries = [line for line in lines if re.match(r"[a-z-]+:", line)]
    assert len(entries) >= 5
    assert [line for line in entries if not re.search(r"\S +# \w+", line)] == []


def test_planning_imports_nothing_heavy(default_study):
    heavy = ["torch", "transformers", "pandas", "numpy", "pyarrow", "seqeval", "lang2vec", "snakemake"]
    code = (
        "import sys, pathlib, yaml; from isogloss.study.check import check_study;"
        f"_, runs, _ = check_study(yaml.safe_load(open({str(PROJECT / 'config.yaml')!r})), pathlib.Path());"
        f"print(len(runs), sorted(set(sys.modules) & set({heavy})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "600 []\n"
