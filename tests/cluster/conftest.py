"""Fixtures: a Slurm cluster, and a study that was run without it, to compare the scores with."""

import shutil

import pytest
from slurm_cluster import Cluster, explain_absence, run_cluster
from studies import Workspace, make_study, prepare_once
from submitted import RESULTS, SCORES

STUDY = make_study(transfer={"sources": [["de"], ["en"]], "n": 30, "shots": [0]})


@pytest.fixture(scope="module")
def cluster(request, tmp_path_factory) -> Cluster:
    """Start a cluster for the tests of a module. It has accounting if the module sets ACCOUNTING."""
    accounting = getattr(request.module, "ACCOUNTING", False)
    if reason := explain_absence(accounting):
        pytest.skip(reason)
    with run_cluster(tmp_path_factory.mktemp("slurm"), accounting) as running:
        yield running


@pytest.fixture(scope="session")
def local(tmp_path_factory) -> Workspace:
    """Return a folder in which the scores of a study were computed on this machine. Tests must not change it."""

    def run(workspace: Workspace) -> None:
        workspace.write(STUDY)
        workspace.run(SCORES, "--cores", "2")

    return prepare_once("local", run, tmp_path_factory)


@pytest.fixture
def corpora(local, tmp_path) -> Workspace:
    """Return a copy of this folder with only the corpora: models, runs and scores are missing."""
    workspace = local.copy(tmp_path / "copy")
    for part in ("finetuned", "transfer", "analysis"):
        shutil.rmtree(workspace.folder / RESULTS / part)
    return workspace
