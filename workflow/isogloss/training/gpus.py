"""The device of a job: one GPU to itself, or the CPU.

Snakemake counts GPUs (`--resources gpu=4`) and gives none out: without more, four jobs would share the first of four.
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
"""Seconds between looks for a GPU that is free."""


def choose_device() -> str:
    """Return `cuda`, with one GPU visible, or `cpu` where there is none.

    Of several GPUs a job holds one until its process ends; another job of its workflow takes another, and waits while
    all are held. To be called before anything touches a GPU.
    """
    # GPUs are counted without CUDA; asking whether it is available starts it, and it then sees all of them for good.
    if torch.cuda.device_count() > 1:
        named = os.environ.get(VISIBLE)
        names = named.split(",") if named else list(map(str, range(torch.cuda.device_count())))
        os.environ[VISIBLE] = names[_take_place(len(names))]
    return "cuda" if torch.cuda.is_available() else "cpu"


def _take_place(count: int) -> int:
    """Return the first of `count` places that no other process of the workflow has; hold it to the process's end."""
    # By workflow: a cluster's jobs may each call another GPU 0. By process, not by file: a lock ends with the process.
    workflow = os.environ.get(WORKFLOW, f"{os.getpid()}")
    file = os.open(
        Path(tempfile.gettempdir(), f"isogloss-{os.getuid()}-{workflow}.gpus"), os.O_RDWR | os.O_CREAT, 0o600
    )
    told = False
    while True:
        for place in range(count):
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            except OSError:
                continue
            return place
        if not told:
            print(f"isogloss: all {count} GPUs are held by other jobs; waiting for one", file=sys.stderr, flush=True)
            told = True
        time.sleep(WAIT)
