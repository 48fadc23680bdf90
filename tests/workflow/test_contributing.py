"""CONTRIBUTING.md and the pages of examples: what they show is what runs, and gives what they say."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from documented import (
    FIRST,
    KINDS,
    PAGES,
    RESULTS,
    find_page,
    list_commands,
    list_files,
    list_shown,
    read_blocks,
    read_study,
)
from studies import PROJECT, Outcome, Workspace

from isogloss.analysis.contents import STATISTICS
from isogloss.corpora import CORPORA
from isogloss.families import FAMILIES
from isogloss.families.adaptations import ADAPTATIONS
from isogloss.features import FEATURES
from isogloss.figures.contents import FIGURES
from isogloss.tasks import TASKS

BIN = Path(sys.executable).parent
REGISTRIES = (TASKS, FAMILIES, CORPORA, FEATURES, ADAPTATIONS, STATISTICS, FIGURES)
STUDY = ["--snakefile", "../isogloss/Snakefile", "--configfile", "study.yaml"]
"""How a page runs a part of a study, behind what it makes."""


def run(workspace: Workspace, command: list[str], folder: Path | None = None) -> Outcome:
    """Run a command of a page in its folder, with the Python of this test."""
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    done = subprocess.run(
        command, cwd=folder or workspace.folder, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    return Outcome(done.returncode, done.stdout + done.stderr)


def list_made(page: Path) -> list[str]:
    """Return the files that the snakemake commands of a page ask for."""
    made = []
    for command in list_commands(page):
        if command[0] == "snakemake":
            names = [word for word in command if word.startswith(RESULTS)]
            assert command == ["snakemake", *names, *STUDY]
            made += names
    return made


def check_shown(workspace: Workspace, page: Path) -> None:
    """Check that files have the lines that a page shows of them, all of a table in this order."""
    for name, shown in list_shown(page).items():
        path = workspace.folder / ("../isogloss" if name.startswith("workflow/") else "") / name
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        assert [line for line in shown if line not in lines] == [], name
        if shown[0] == lines[0]:
            assert shown == lines, name


def test_there_is_a_short_page_for_each_of_nine_kinds():
    text = (PROJECT / FIRST).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 350
    assert len(PAGES) == 10
    for page in PAGES[1:]:
        assert f"({page})" in text
        assert len((PROJECT / page).read_text(encoding="utf-8").splitlines()) <= 125, page
    assert sorted(path.name for path in find_page("task").parent.glob("*")) == sorted(Path(p).name for p in PAGES[1:])


def test_each_registry_has_an_example():
    points = tomllib.loads(list_files()["pyproject.toml"])["project"]["entry-points"]
    assert points.keys() == {registry.group for registry in REGISTRIES}
    for registry in REGISTRIES:
        assert list(registry.own)
        (reference,) = points[registry.group].values()
        module, _, entry = reference.partition(":")
        assert f"\n{entry} = {registry.entry.__name__}(" in list_files()[f"{module.replace('.', '/')}.py"]


def test_the_code_of_the_examples_is_in_the_style_of_the_project(additions):
    configured = ["--config", str(PROJECT / "pyproject.toml"), "isogloss_examples", "make_data.py"]
    for command in (["check"], ["format", "--check"]):
        done = run(additions, ["ruff", *command, *configured])
        assert done.status == 0, done.text


def test_the_first_study_is_checked_as_the_page_shows(additions):
    additions.write(read_study())
    told = additions.isogloss("check", "study.yaml")
    assert told.status == 0
    assert told.text in [block.text for block in read_blocks(PROJECT / FIRST)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_study_can_name_one_example_alone(additions, kind):
    additions.write(read_study(kind))
    told = additions.isogloss("check", "study.yaml")
    assert (told.status, told.text.count(" runs\n")) == (0, 1), told.text


def test_the_corpus_reports_a_missing_file_as_its_page_shows(additions):
    additions.write(read_study("corpus"))
    shown = [block.text for block in read_blocks(find_page("corpus")) if block.language == "text"]
    assert additions.isogloss("check", "study.yaml").text == shown[0]
    (additions.folder / "data/jsonl/fi.jsonl").unlink()
    told = additions.isogloss("check", "study.yaml")
    assert (told.status, told.text) == (2, shown[1])


@pytest.mark.slow
def test_the_commands_of_the_pages_give_what_the_pages_show(additions):
    """Parts of studies are made by one call, as all pages have the same study but for the lines that they change."""
    study = read_study(*KINDS)
    study["transfer"]["adaptation"] += ["sequential"]  # what a study does that does not name the adaptation of its page
    additions.write(study)
    pages = [find_page(kind) for kind in ("task", "family", "corpus", "feature", "adaptation")]
    made = [list_made(page) for page in pages]
    assert all(made)
    additions.run(*(name for names in made for name in names))
    (command,) = list_commands(find_page("statistic"))
    features = additions.folder / "features.csv"  # those of lang2vec, which the page takes, take ten seconds
    features.write_text("source,target,syntax\nde,en,0.5\nde,fi,0.25\nen,fi,0.125\n")
    done = run(additions, [*command, "--features", str(features)])
    assert done.status == 0, done.text
    (command,) = list_commands(find_page("figure"))
    done = run(additions, command)
    assert done.status == 0, done.text
    for page in (*pages, find_page("statistic")):
        assert list_shown(page)
        check_shown(additions, page)
    assert b"unnamed, unnamed" in (additions.folder / "figures/targets.svg").read_bytes()
    assert (additions.folder / "figures/targets.png").stat().st_size > 5000


@pytest.mark.slow
def test_another_language_needs_no_edit(additions):
    page = find_page("language")
    additions.write(read_study("language"))
    copy, run_study = list_commands(page)
    assert run(additions, copy, additions.folder).status == 0
    assert run_study[2:] == STUDY
    outcome = additions.snakemake(run_study[1])
    assert outcome.status == 0, outcome.text
    assert len(list_shown(page)) == 1
    check_shown(additions, page)


@pytest.mark.slow
def test_jobs_that_an_executor_submits_give_the_same_scores(additions, tmp_path):
    page = find_page("executor")
    install, command = list_commands(page)
    (pinned,) = (line for line in (PROJECT / "constraints.txt").read_text().splitlines() if "cluster-generic" in line)
    assert install == ["pip", "install", pinned]
    assert command[2:4] + command[6:] == STUDY
    record = Path(command[1])
    additions.write(read_study())
    here = additions.copy(tmp_path / "here")
    assert here.run(str(record)) == {"corpus": 2, "finetune": 1, "transfer": 1}

    done = run(additions, [*command, "--seconds-between-status-checks", "1"])
    assert done.status == 0, done.text
    assert done.text.count("with external jobid") == 4
    check_shown(additions, page)
    scores = [json.loads((one.folder / record).read_text())["scores"] for one in (here, additions)]
    assert scores[0] == scores[1] and scores[0]["f1"] > 0
    predictions = [(one.folder / record).with_name("predictions.jsonl.gz").read_bytes() for one in (here, additions)]
    assert predictions[0] == predictions[1]


def test_the_profile_of_the_executor_requests_what_the_one_for_slurm_does():
    shown = yaml.safe_load(list_files()["profiles/background/profile.yaml"])
    slurm = yaml.safe_load((PROJECT / "profiles/slurm/profile.yaml").read_text(encoding="utf-8"))
    grouping = {"groups", "group-components", "resources", "set-resource-scopes", "set-resources"}
    own = {"slurm-status-command", "logger", *grouping}
    assert shown.keys() == slurm.keys() - own | {"cluster-generic-submit-cmd"}
    assert shown["default-resources"] | {"in_series": 1} == slurm["default-resources"] | {"gpu": 0}
    for key in slurm.keys() - own - {"executor", "jobs", "default-resources"}:
        assert shown[key] == slurm[key], key
