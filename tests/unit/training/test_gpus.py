"""One GPU per job, with simulated GPUs and real processes."""

import os
import subprocess
import sys

import pytest
import torch
from studies import PROJECT

from isogloss.common.errors import GpuError
from isogloss.training import gpus
from isogloss.warm import WORKFLOW

TAKE = """
import os, sys, torch
from isogloss.training import gpus
torch.cuda.device_count = lambda: len(os.environ.get("CUDA_VISIBLE_DEVICES", "0,1").split(","))
torch.cuda.is_available = lambda: torch.cuda.device_count() == 1  # an earlier call would initialise CUDA on all GPUs
gpus.WAIT = 0.01
print(gpus.choose_device(), os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def start(tmp_path):
    """Function that starts a job of a workflow, which reserves a GPU until its stdin is closed."""
    jobs = []

    def start(workflow: str = "1.1", **environment: str) -> subprocess.Popen:
        environment = {
            "TMPDIR": str(tmp_path),
            WORKFLOW: workflow,
            "PYTHONPATH": str(PROJECT / "workflow"),
            **environment,
        }
        kept = {name: value for name, value in os.environ.items() if name != gpus.VISIBLE}
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        jobs.append(subprocess.Popen([sys.executable, "-c", TAKE], env=kept | environment, text=True, **pipes))
        return jobs[-1]

    yield start
    for job in jobs:
        job.kill()
        job.wait()
        for pipe in (job.stdin, job.stdout, job.stderr):
            pipe.close()


def test_each_job_has_a_gpu_of_its_own_and_leaves_it_when_it_ends(start):
    first, second = start(), start()
    assert sorted(job.stdout.readline() for job in (first, second)) == ["cuda 0\n", "cuda 1\n"]
    third = start()
    assert third.stderr.readline() == "isogloss: all 2 GPUs are in use by other jobs; waiting\n"
    first.stdin.close()
    assert third.stdout.readline() in ("cuda 0\n", "cuda 1\n")


def test_jobs_of_another_workflow_have_gpus_of_their_own(start):
    assert [start(workflow).stdout.readline() for workflow in ("1.1", "2.1")] == ["cuda 0\n"] * 2


def test_only_gpus_that_may_be_seen_are_taken(start):
    jobs = [start(CUDA_VISIBLE_DEVICES="2,GPU-5ab") for _ in range(2)]
    assert sorted(job.stdout.readline() for job in jobs) == ["cuda 2\n", "cuda GPU-5ab\n"]


def test_a_lock_folder_of_other_users_is_refused_in_one_line(start, tmp_path):
    (tmp_path / f"isogloss-{os.getuid()}").mkdir(mode=0o755)
    job = start()
    assert job.wait(60) != 0
    assert "UserError: gpu: the socket folder " in job.stderr.read().splitlines()[-1]


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("shape '[3]' is invalid for input of size 4"),
        ValueError("CUDA error: of another kind"),
        RuntimeError("expected scalar type"),
    ],
)
def test_an_error_that_no_gpu_caused_is_left_alone(error):
    assert gpus.explain(error) is None


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            torch.AcceleratorError("CUDA error: device-side assert triggered"),
            "it failed (CUDA error: device-side assert",
        ),
        (RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"), "it failed (cuDNN error: CUDNN_STATUS_EXEC"),
        (RuntimeError("CUDA error: out of memory"), "it ran out of memory, and other processes use 70.0 of 80.0 GiB"),
        (
            RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
            "it ran out of memory, and other processes use 70.0 of 80.0 GiB",
        ),
    ],
)
def test_an_error_of_a_gpu_is_explained_in_one_line(monkeypatch, error, line):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (0, 80 * 2**30))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda: 10 * 2**30)
    monkeypatch.setenv(gpus.VISIBLE, "4")
    monkeypatch.setenv(gpus.ALL, "4,5")
    explained = gpus.explain(error)
    assert str(explained).startswith(f"gpu: GPU 4: {line}") and "\n" not in str(explained)
    assert explained.elsewhere
    monkeypatch.setenv(gpus.TRIED, "5")
    assert not gpus.explain(error).elsewhere


def test_a_job_tries_three_gpus_at_most(monkeypatch):
    monkeypatch.setenv(gpus.ALL, "0,1,2,3,4")
    monkeypatch.setenv(gpus.VISIBLE, "2")
    for tried, elsewhere in (("", True), ("0", True), ("0,1", False)):
        monkeypatch.setenv(gpus.TRIED, tried)
        assert gpus.explain(torch.AcceleratorError("CUDA error: unknown error")).elsewhere == elsewhere
    assert gpus.list_next() == {gpus.VISIBLE: "0,1,2,3,4", gpus.TRIED: "0,1,2"}


@pytest.mark.parametrize(
    ("available", "free", "line"),
    [
        (False, 80, "gpu: GPU 0: it does not respond; check it with nvidia-smi, or use another GPU"),
        (
            True,
            0.1,
            "gpu: GPU 0: only 0.1 of 80.0 GiB are free, and the model needs 0.3; end the other processes on it",
        ),
    ],
)
def test_one_gpu_that_is_full_or_gone_is_told_at_its_first_use(monkeypatch, available, free, line):
    monkeypatch.delenv(gpus.VISIBLE, raising=False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (int(free * 2**30), 80 * 2**30))
    with pytest.raises(GpuError) as refused:
        gpus.put_on_device(torch.nn.Linear(2, 2))
    assert str(refused.value).startswith(line) and not refused.value.elsewhere


def test_a_job_with_one_gpu_or_none_takes_what_there_is(monkeypatch):
    monkeypatch.delenv(gpus.VISIBLE, raising=False)
    for count, device in ((1, "cuda"), (0, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda count=count: count > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda count=count: count)
        assert gpus.choose_device() == device
        assert gpus.VISIBLE not in os.environ
