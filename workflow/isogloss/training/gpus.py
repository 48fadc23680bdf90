"""Choose the device of a job: one GPU for its exclusive use, or the CPU.

Snakemake counts GPUs (`--resources gpu=4`) but does not assign them to jobs. Without this module, four jobs would share
the first of four GPUs.
"""

import fcntl
import os
import sys
import tempfile
import time
from pathlib import Path

import torch

from isogloss.warm import WORKFLOW

VISIBLE = "CUDA_VISIBLE_DEVICES"
WAIT = 1.0
"""Seconds between attempts to find a free GPU."""


def choose_device() -> str:
    """Return `cuda`, with one visible GPU, or `cpu` if there is no GPU.

    If there are several GPUs, a job reserves one until its process ends. Another job of the same workflow takes another
    GPU, and waits while all are in use. Call this function before any other code uses a GPU.
    """
    # device_count() does not initialise CUDA. is_available() does, and all GPUs would then stay visible to the process.
    if torch.cuda.device_count() > 1:
        named = os.environ.get(VISIBLE)
        names = named.split(",") if named else list(map(str, range(torch.cuda.device_count())))
        os.environ[VISIBLE] = names[_take_place(len(names))]
    return "cuda" if torch.cuda.is_available() else "cpu"


def _take_place(count: int) -> int:
    """Lock the first of `count` GPU indices that no other process of the workflow uses, and return it."""
    # There is one lock file per workflow, because several jobs of a cluster may have different GPUs with the number 0.
    # The lock belongs to the process, so it is released when the process ends.
    workflow = os.environ.get(WORKFLOW, f"{os.getpid()}")
    file = os.open(
        Path(tempfile.gettempdir(), f"isogloss-{os.getuid()}-{workflow}.gpus"), os.O_RDWR | os.O_CREAT, 0o600
    )
    reported = False
    while True:
        for place in range(count):
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            except OSError:
                continue
            return place
        if not reported:
            print(f"isogloss: all {count} GPUs are in use by other jobs; waiting", file=sys.stderr, flush=True)
            reported = True
        time.sleep(WAIT)
