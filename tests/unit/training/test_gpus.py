"""One GPU per job, with simulated GPUs and real processes."""

import os
import subprocess
import sys

import pytest
import torch
from studies import PROJECT

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


def test_a_job_with_one_gpu_or_none_takes_what_there_is(monkeypatch):
    monkeypatch.delenv(gpus.VISIBLE, raising=False)
    for count, device in ((1, "cuda"), (0, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda count=count: count > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda count=count: count)
        assert gpus.choose_device() == device
        assert gpus.VISIBLE not in os.environ
