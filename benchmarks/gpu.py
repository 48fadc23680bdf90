"""Time training steps on a GPU and on the CPU of the same machine: python benchmarks/gpu.py

Each family trains a random model of a usual size on the demonstration corpus, once with the GPU and once without it, in
two processes. Without a GPU, the script says so and ends with status 0. The page of performance has no
section for it, because it describes a machine without a GPU.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from small import SEED, build_small_model, draw_training

from isogloss.families import import_family
from isogloss.models.loading import load_tokenizer
from isogloss.tasks import find_task

LANGUAGE = "de"
STEPS = {"cuda": 40, "cpu": 3}
WARM_UP = 2
"""Steps that are not timed: the first ones allocate memory and choose kernels."""
BATCH_SIZE = 16


def build_model(family: str, folder: Path) -> None:
    """Write a random model with the layers of mT5-small or XLM-R base, and a small vocabulary, into a folder."""
    from transformers import MT5Config, MT5ForConditionalGeneration, XLMRobertaConfig, XLMRobertaForMaskedLM

    build_small_model(folder, [LANGUAGE], steps=1)
    tokenizer = load_tokenizer(folder)
    special = {"pad_token_id": tokenizer.pad_token_id, "eos_token_id": tokenizer.eos_token_id}
    torch.manual_seed(SEED)
    if family == "encoder":
        network = XLMRobertaForMaskedLM(XLMRobertaConfig(vocab_size=len(tokenizer), **special))
    else:
        layers = {"d_model": 512, "d_kv": 64, "d_ff": 1024, "num_layers": 8, "num_heads": 6}
        start = {"decoder_start_token_id": tokenizer.pad_token_id}
        network = MT5ForConditionalGeneration(MT5Config(vocab_size=len(tokenizer), **layers, **special, **start))
    network.save_pretrained(folder)


def time_steps(family: str, folder: Path) -> dict[str, float | str]:
    """Return the device of this process, the seconds of a training step, and the number type of the computation."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    module, task = import_family(family), find_task("ner")
    recipe = {"learning_rate": 1e-4, "batch_size": BATCH_SIZE, "accumulation": 1, "checkpointing": False}
    recipe |= {"max_length": 128, "format": "sentinel", "freeze_embeddings": False}
    model, seconds = module.load(folder), 0.0
    for steps in (WARM_UP, STEPS[device]):
        start = time.perf_counter()
        threads = len(os.sched_getaffinity(0))
        model, _ = module.fit(model, task, draw_training(LANGUAGE), recipe, steps=steps, seed=SEED, threads=threads)
        if device == "cuda":
            torch.cuda.synchronize()
        seconds = (time.perf_counter() - start) / steps
    half = device == "cuda" and torch.cuda.is_bf16_supported()
    return {"device": device, "seconds": seconds, "numbers": "bfloat16" if half else "float32"}


def measure(family: str, folder: Path, **environment: str) -> dict[str, float | str]:
    """Return the result of `time_steps` in a process with these variables."""
    done = subprocess.run(
        [sys.executable, __file__, family, str(folder)],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Print one line per family: the time of a step on the GPU and on the CPU, and their ratio."""
    if not torch.cuda.is_available():
        print("gpu: there is no GPU on this machine, so nothing is measured")
        return
    print(f"{torch.cuda.get_device_name()}; {len(os.sched_getaffinity(0))} cores; batches of {BATCH_SIZE} sentences")
    for family in ("text-to-text", "encoder"):
        with tempfile.TemporaryDirectory() as folder:
            build_model(family, Path(folder))
            gpu, cpu = measure(family, Path(folder)), measure(family, Path(folder), CUDA_VISIBLE_DEVICES="")
        ratio = cpu["seconds"] / gpu["seconds"]
        times = f"{1000 * gpu['seconds']:.0f} ms in {gpu['numbers']}, CPU {1000 * cpu['seconds']:.0f} ms in float32"
        print(f"{family}: a step takes {times}; the GPU is {ratio:.1f} times as fast", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(time_steps(sys.argv[1], Path(sys.argv[2]))))
    else:
        main()
