"""Jobs on simulated GPUs that are full, gone or too small: real processes, with fake functions of torch.

`sitecustomize.py` replaces the functions of torch in each process of a job, so that also a job that starts again has
the simulated GPUs.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_models
from studies import PROJECT

from isogloss.common.examples import TaggedSentence, write_examples

FAKE = """
import os, torch
FREE = dict(part.split("=") for part in os.environ["FREE_GIB"].split())  # name of a GPU -> free GiB, or `gone`
list_names = lambda: os.environ.get("CUDA_VISIBLE_DEVICES", ",".join(FREE)).split(",")
own = lambda: FREE[list_names()[0]]
torch.cuda.device_count = lambda: len(list_names())
torch.cuda.is_available = lambda: len(list_names()) == 1 and own() != "gone"
torch.cuda.mem_get_info = lambda: (int(float(own()) * 2**30), 80 * 2**30)
torch.cuda.memory_reserved = lambda: int(float(os.environ.get("OWN_GIB", "0")) * 2**30)
torch.nn.Module.to = lambda module, *_: module  # the weights stay on the CPU
if error := os.environ.get("ERROR_ON", "").partition("="):
    compute = torch.nn.Embedding.forward
    def forward(module, ids):
        if list_names() == [error[0]]:
            raise (torch.OutOfMemoryError if "memory" in error[2] else torch.AcceleratorError)(error[2])
        return compute(module, ids)
    torch.nn.Embedding.forward = forward
"""
OUT_OF_MEMORY = "CUDA out of memory. Tried to allocate 2.00 GiB.\nGPU 0 has a total capacity of 80 GiB"


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """A folder with a small model, a text, and the module with the simulated GPUs."""
    folder = tmp_path_factory.mktemp("model")
    (folder / "sitecustomize.py").write_text(FAKE, encoding="utf-8")
    tiny_models.build_mt5(folder)
    write_examples(folder / "train.parquet", tiny_models.draw_sentences(5, seed=1), TaggedSentence)
    return folder


@pytest.fixture
def run(model, tmp_path):
    """Function that runs a job and returns its status and the lines on its stderr."""

    def run(free: str, **environment: str) -> tuple[int, list[str]]:
        recipe = json.dumps({"family": "text-to-text", "pretrained_on": True})
        named = [
            "--task",
            "ner",
            "--model",
            "m",
            "--language",
            "en",
            "--start",
            model,
            "--text",
            model / "train.parquet",
        ]
        path = f"{model}{os.pathsep}{PROJECT / 'workflow'}"
        kept = {
            name: value for name, value in os.environ.items() if "GPU" not in name and name != "CUDA_VISIBLE_DEVICES"
        }
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "isogloss",
                "language-model",
                *named,
                "--recipe",
                recipe,
                "--out",
                tmp_path / "out.json",
            ],
            env={**kept, "PYTHONPATH": path, "FREE_GIB": free, "TMPDIR": str(tmp_path), **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert "Traceback" not in done.stderr
        assert (tmp_path / "out.json").exists() == (done.returncode == 0)
        return done.returncode, done.stderr.splitlines()

    return run


@pytest.mark.slow
def test_a_job_whose_gpu_is_full_or_gone_says_so_and_runs_on_another(run, tmp_path):
    again = "the job starts again on another GPU"
    assert run("0=0.1 1=gone 2=40") == (
        0,
        [
            f"isogloss: gpu: GPU 0: only 0.1 of 80.0 GiB are free, and the model needs 0.3; {again}",
            f"isogloss: gpu: GPU 1: it does not respond; {again}",
        ],
    )
    (lock,) = tmp_path.rglob("*.gpus")
    assert lock.parent.name == f"isogloss-{os.getuid()}" and lock.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.slow
def test_a_job_without_another_gpu_ends_with_one_line(run):
    assert run("0=40", ERROR_ON=f"0={OUT_OF_MEMORY}", OWN_GIB="39") == (
        2,
        [
            "isogloss: gpu: the job needs more than the 80.0 GiB of its GPU; under `training`, raise accumulation, set "
            "checkpointing: true, or lower batch_size or max_length"
        ],
    )
