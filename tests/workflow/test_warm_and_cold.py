"""A study with and without warm workers: the models, predictions and scores are identical, bit by bit."""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from studies import Workspace, make_study

from isogloss import warm

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm workers need Linux")
RECIPE = {"epochs": 1, "batch_size": 8, "adaptation_steps": {"5": 2}}
STUDY = make_study(
    languages=["de", "en"],
    models={"tiny": {"build": "tiny-mt5", "languages": ["de", "en"], "steps": 3, "vocabulary": 700}},
    transfer={"sources": [["en"]], "targets": ["de"], "n": 30, "shots": [0, 5]},
    training={"tiny": RECIPE},
)
ROOT = Path("results/small")


@pytest.fixture
def sockets(monkeypatch) -> Iterator[Path]:
    """Return a folder for temporary files whose path is short enough for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="warm-", dir="/tmp"))
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def run(folder: Path) -> dict[str, bytes | dict]:
    """Run the study's jobs that train or predict; return every file that they wrote, records without cost."""
    workspace = Workspace(folder)
    workspace.write(STUDY)
    runs = [
        f"{ROOT}/transfer/ner/tiny/en/n-30/de/shots-{k}/metrics.json"
        for k in ("0/direct/seed-1", "5/sequential/seed-1")
    ]
    assert workspace.run(*runs) == {"corpus": 2, "build_model": 1, "finetune": 1, "transfer": 1, "adapt": 1}
    made = {}
    for path in sorted((folder / ROOT).rglob("*")):
        name = str(path.relative_to(folder))
        if path.name == ".status.json":
            continue  # it contains the process and the time of this run of Snakemake
        if path.suffix == ".json":
            made[name] = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(made[name], dict):
                made[name].pop("cost", None)
                made[name].get("provenance", {}).pop("record", None)  # the digest of the record with its cost
        elif path.is_file() and path.suffix != ".log":
            made[name] = path.read_bytes()
        elif path.suffix == ".log":
            assert "no warm worker" not in path.read_text(encoding="utf-8")
    return made


@pytest.mark.parametrize(("targets", "shared"), [(["fi"], False), (["fi", "en"], True)])
def test_a_job_of_a_cluster_starts_a_server_only_for_a_group(finished, monkeypatch, sockets, targets, shared):
    run = "transfer:task=ner,model=crf,sources=en,n=30,target={},shots=0,adaptation=direct,seed=1"
    jobs = [run.format(target) for target in targets]
    outcome = finished.snakemake("--mode", "remote", "--force", "--target-jobs", *jobs)
    assert outcome.status == 0, outcome.text
    assert outcome.text.count("Finished jobid") == len(jobs)
    assert [path.name for path in sockets.rglob("lock")] == ["lock"] * shared


def test_warm_and_cold_jobs_make_the_same_files(tmp_path, monkeypatch, sockets):
    (tmp_path / "warm").mkdir()
    (tmp_path / "cold").mkdir()
    warmly = run(tmp_path / "warm")
    used = [path.name for path in sockets.rglob("*")]
    monkeypatch.setenv(warm.SWITCH, "0")
    coldly = run(tmp_path / "cold")
    assert "lock" in used  # a server was contacted
    assert warmly.keys() == coldly.keys()
    assert [name for name in warmly if name.endswith((".safetensors", ".jsonl.gz"))]
    assert [name for name in warmly if warmly[name] != coldly[name]] == []
