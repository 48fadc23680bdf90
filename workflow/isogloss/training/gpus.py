"""Choose the device of a job: one GPU for its exclusive use, or the CPU. A GPU that is full or gone is named as such.

Snakemake counts GPUs (`--resources gpu=4`) but does not assign them to jobs. Without this module, four jobs would share
the first of four GPUs.
"""

import fcntl
import os
import sys
import time
from typing import Any

import torch

from isogloss.common.errors import GpuError, UserError
from isogloss.warm import WORKFLOW, Odd, open_folder

VISIBLE = "CUDA_VISIBLE_DEVICES"
ALL, TRIED = "ISOGLOSS_GPUS", "ISOGLOSS_GPUS_TRIED"
"""Names of the environment variables with the GPUs from which this job has chosen one, and those that it has tried."""
MOST_TRIES = 3
"""Maximum number of GPUs that a job tries."""
WAIT = 1.0
"""Seconds between attempts to find a free GPU."""
SPARE = 256 * 2**20
"""Bytes that a GPU must have free beside the weights of the model."""
FOREIGN = 0.1
"""Proportion of the memory of a GPU. If other processes use more, they may be the reason why a job has too little."""
GIB = 2**30
LOOK = "check it with nvidia-smi, or use another GPU"
FREE = "end the other processes on it, or use another GPU"


def choose_device() -> str:
    """Return `cuda`, with one visible GPU, or `cpu` if there is no GPU.

    If there are several GPUs, a job reserves one until its process ends. Another job of the same workflow takes another
    GPU, and waits while all are in use. Call this function before any other code uses a GPU. Raises GpuError if there
    are GPUs and none of them works.
    """
    # device_count() does not initialise CUDA. is_available() does, and all GPUs would then stay visible to the process.
    count = torch.cuda.device_count()
    if count > 1:
        named = os.environ.get(VISIBLE)
        names = named.split(",") if named else list(map(str, range(count)))
        places = [place for place, name in enumerate(names) if name not in _split(TRIED)]
        os.environ[ALL] = ",".join(names)
        os.environ[VISIBLE] = names[_take_place(places)]
    if count and not torch.cuda.is_available():
        raise _report("it does not respond", LOOK)
    return "cuda" if count else "cpu"


def put_on_device(network: torch.nn.Module) -> Any:
    """Return a network on the device of this job. Raises GpuError if the GPU has too little memory, or fails."""
    if choose_device() == "cpu":
        return network
    needed = sum(weight.numel() * weight.element_size() for weight in network.parameters()) + SPARE
    try:
        free, total = torch.cuda.mem_get_info()
        if free >= needed:
            return network.to("cuda")
    except RuntimeError as error:
        raise explain(error) or error from None
    what = f"only {free / GIB:.1f} of {total / GIB:.1f} GiB are free, and the model needs {needed / GIB:.1f}"
    raise _report(what, FREE)


def explain(error: BaseException) -> GpuError | None:
    """Return the error of a job as a GpuError if a GPU has failed or has too little memory, otherwise None.

    The job is worth repeating on another GPU if this one has failed, or if other processes use its memory.
    """
    if isinstance(error, torch.OutOfMemoryError):
        return _explain_memory()
    text = str(error)
    if isinstance(error, torch.AcceleratorError) or (isinstance(error, RuntimeError) and _is_of_device(text)):
        if "out of memory" in text or "ALLOC_FAILED" in text:
            return _explain_memory()
        return _report(f"it failed ({' '.join(text.split())[:100]})", LOOK)
    return None


def _is_of_device(text: str) -> bool:
    return text.startswith(("CUDA error", "CUDA driver", "CUDA out of memory", "cuDNN error", "No CUDA GPUs")) or any(
        name in text for name in ("CUBLAS_STATUS", "CUDNN_STATUS", "CUDA-capable device")
    )


def _explain_memory() -> GpuError:
    try:
        free, total = torch.cuda.mem_get_info()
        own = torch.cuda.memory_reserved()
    except RuntimeError:
        return _report("it ran out of memory and failed", LOOK)
    foreign = total - free - own
    if foreign > FOREIGN * total:
        used = f"other processes use {foreign / GIB:.1f} of {total / GIB:.1f} GiB"
        return _report(f"it ran out of memory, and {used}", FREE)
    return GpuError(
        f"gpu: the job needs more than the {total / GIB:.1f} GiB of its GPU",
        "under `training`, raise accumulation, set checkpointing: true, or lower batch_size or max_length",
    )


def _report(what: str, advice: str) -> GpuError:
    """Return the error for the GPU of this job, which another GPU may not have."""
    others = set(_split(ALL)) - {*_split(TRIED), _name_own()}
    return GpuError(f"gpu: GPU {_name_own()}: {what}", advice, bool(others) and len(_split(TRIED)) + 1 < MOST_TRIES)


def list_next() -> dict[str, str]:
    """Return the changes of the environment with which this job can be started again on another GPU."""
    return {VISIBLE: os.environ[ALL], TRIED: ",".join([*_split(TRIED), _name_own()])}


def _name_own() -> str:
    return os.environ.get(VISIBLE) or "0"


def _split(variable: str) -> list[str]:
    return [name for name in os.environ.get(variable, "").split(",") if name]


def _take_place(places: list[int]) -> int:
    """Lock the first of these GPU indices that no other process of the workflow uses, and return it."""
    # There is one lock file per workflow, because several jobs of a cluster may have different GPUs with the number 0.
    # The lock belongs to the process, so it is released when the process ends.
    workflow = os.environ.get(WORKFLOW, f"{os.getpid()}")
    try:
        file = os.open(open_folder() / f"{workflow}.gpus", os.O_RDWR | os.O_CREAT, 0o600)
    except Odd as reason:
        raise UserError(f"gpu: {reason}; remove it or set TMPDIR to another folder") from None
    reported = False
    while True:
        for place in places:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            except OSError:
                continue
            return place
        if not reported:
            print(f"isogloss: all {len(places)} GPUs are in use by other jobs; waiting", file=sys.stderr, flush=True)
            reported = True
        time.sleep(WAIT)
