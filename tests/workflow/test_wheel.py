"""A wheel contains the workflow (Snakefile, rules, profiles, environments) and plans a study without the repository."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest
from studies import PROJECT, make_study, prepare_once

import isogloss

SOURCES = ("pyproject.toml", "setup.py", "README.md", "LICENSE", "Snakefile", "config.yaml")
FOLDERS = ("envs", "profiles", "workflow")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """Return the folder in which a wheel of the project was unpacked."""

    def build(workspace) -> None:
        copy = workspace.folder / "source"  # setuptools writes files next to the sources
        copy.mkdir()
        for name in SOURCES:
            shutil.copy(PROJECT / name, copy)
        for name in FOLDERS:
            shutil.copytree(PROJECT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(workspace.folder)]
        subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(copy)], check=True)
        (wheel,) = workspace.folder.glob("isogloss-*.whl")
        zipfile.ZipFile(wheel).extractall(workspace.folder / "unpacked")
        shutil.rmtree(copy)

    return prepare_once("wheel", build, tmp_path_factory).folder / "unpacked"


def test_it_has_every_file_of_the_workflow_and_the_library(unpacked):
    deploy = unpacked / "isogloss" / "deploy"
    for folder in (*FOLDERS, "."):
        files = {path.relative_to(PROJECT) for path in (PROJECT / folder).glob("*" if folder == "." else "**/*")}
        expected = {path for path in files if path.suffix in (".smk", ".yaml", ".rst") or path.name == "Snakefile"}
        library = {path for path in expected if path.parts[:2] == ("workflow", "isogloss")}
        assert expected and {path for path in expected - library if not (deploy / path).is_file()} == set()
        assert {path for path in library if not (unpacked / path.relative_to("workflow")).is_file()} == set()
    assert (unpacked / "snakemake_logger_plugin_isogloss" / "__init__.py").is_file()  # profiles/default names it


def test_a_study_is_planned_with_its_snakefile_and_profile(unpacked, workspace, monkeypatch):
    workspace.write(make_study())
    planned = workspace.plan()
    monkeypatch.setenv("PYTHONPATH", str(unpacked))
    outcome = workspace.snakemake("--dry-run", snakefile=unpacked / "isogloss" / "deploy" / "Snakefile")
    assert (outcome.status, outcome.jobs) == (0, planned), outcome.text
    assert "profiles/default" in outcome.text


def test_a_job_in_an_environment_without_the_library_finds_it_beside_the_rules(unpacked, workspace):
    code = "import isogloss; from isogloss.study.reading import schema; schema.read_schema()"
    code += "; print(schema.__file__, isogloss.__version__)"
    environment = {**os.environ, "PYTHONPATH": str(unpacked / "isogloss" / "deploy" / "workflow")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=workspace.folder, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(unpacked / "isogloss" / "study" / "reading" / "schema.py"), isogloss.__version__]
