"""Shared fixtures: the project folder, the folder of real samples if it exists, and folders with studies to run."""

import copy
import sys
from pathlib import Path

import documented
import pytest
import toys
import yaml
from studies import PROJECT, SAMPLES, Workspace, make_study, prepare_once

from isogloss.common.examples import TaggedSentence
from isogloss.corpora import CORPORA
from isogloss.families import FAMILIES
from isogloss.features import FEATURES
from isogloss.tasks import TASKS


@pytest.fixture(scope="session")
def project() -> Path:
    """Return the folder of the project."""
    return PROJECT


@pytest.fixture(scope="session")
def panx() -> Path:
    """Return a folder of real PAN-X samples; skip the test if it does not exist."""
    folder = SAMPLES / "panx"
    if not folder.is_dir():
        pytest.skip("no PAN-X samples next to the project")
    return folder


@pytest.fixture
def default_study() -> dict:
    """Return the parsed config.yaml, which a test can change."""
    return copy.deepcopy(yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8")))


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    """Return an empty folder in which to run studies."""
    return Workspace(tmp_path)


@pytest.fixture
def finished(tmp_path, tmp_path_factory) -> Workspace:
    """Return a folder in which the study of `make_study` has been run completely."""

    def run(workspace: Workspace) -> None:
        workspace.write(make_study())
        workspace.run()

    return prepare_once("finished", run, tmp_path_factory).copy(tmp_path / "copy")


@pytest.fixture
def touched(tmp_path, tmp_path_factory, default_study) -> Workspace:
    """Return a folder in which snakemake considers the default study, reduced to three languages, finished.

    Its results are empty files. They are enough for planning and need no training.
    """

    def touch(workspace: Workspace) -> None:
        for part in (default_study, default_study["models"]["tiny-mt5"]):
            part["languages"] = ["de", "en", "fi"]
        workspace.write(default_study)
        workspace.pretend()

    return prepare_once("touched", touch, tmp_path_factory).copy(tmp_path / "copy")


@pytest.fixture
def additions(tmp_path, tmp_path_factory, monkeypatch) -> Workspace:
    """A folder with the files and data of CONTRIBUTING.md; commands find the package that its pages write.

    The project is beside it, as `isogloss`.
    """
    built = prepare_once("additions", documented.build, tmp_path_factory)
    (tmp_path / "isogloss").symlink_to(PROJECT)
    monkeypatch.setenv("PYTHONPATH", documented.give_path(built.folder / "site"))
    return built.copy(tmp_path / "additions")


@pytest.fixture
def toy_registries(monkeypatch) -> list[list[TaggedSentence]]:
    """Add a toy entry of `toys.py` to each registry; return the list of examples that the toy family trained on."""
    received: list[list[TaggedSentence]] = []
    monkeypatch.setitem(sys.modules, toys.FAMILY.module, toys.make_family(received))
    monkeypatch.setitem(FAMILIES.own, "toy", toys.FAMILY)
    monkeypatch.setitem(TASKS.own, toys.TASK.kind, toys.TASK)
    monkeypatch.setitem(CORPORA.own, "toy", toys.CORPUS)
    monkeypatch.setitem(FEATURES.own, "toy", toys.FEATURE)
    return received
