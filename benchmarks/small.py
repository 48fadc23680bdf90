"""Shared functions of the benchmarks: the default study, its small model and its corpus, built as in its jobs."""

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from isogloss.study.config import parse_study
from isogloss.study.values import Study

PROJECT = Path(__file__).parents[1]
SENTENCES = 600
SEED = 1


@dataclass(frozen=True)
class Timed:
    """The cost of a command: wall-clock seconds, and the peak memory in MiB of the largest process that it started."""

    seconds: float
    peak: float


def time_command(command: list[str], folder: Path, **environment: str) -> Timed:
    """Run a command in a folder and return its cost. Its output is printed only if it fails; then the process exits."""
    log = folder / "benchmark.log"
    with log.open("ab") as file:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, **environment}, stdout=file, stderr=file)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    if status:
        sys.exit(f"{command}: status {status}\n" + log.read_text(encoding="utf-8", errors="replace")[-3000:])
    return Timed(seconds, used.ru_maxrss / 1024)


def run_apart(function: Callable, *arguments: Any) -> tuple[Any, float]:
    """Call a function in a forked process; return its result and the peak memory of the process in MiB."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)

    def call() -> None:
        from isogloss.runs.record import measure_peak

        there.send((function(*arguments), measure_peak()))

    process = context.Process(target=call)
    process.start()
    there.close()  # otherwise recv() would wait forever if the forked process fails
    try:
        return here.recv()
    except EOFError:
        sys.exit(f"{function.__name__} failed")
    finally:
        process.join()


def read_study() -> dict[str, Any]:
    """Return the content of config.yaml, without defaults filled in."""
    return yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8"))


@cache
def parse_default() -> Study:
    """Return the default study."""
    return parse_study(read_study())


@cache
def make_corpus(language: str) -> dict[str, list]:
    """Return the splits of the corpus of the default study in one language."""
    from isogloss.corpora.synthetic.synthetic import load

    task = parse_default().tasks["ner"]
    return load(task.corpus.options, language, task.annotation).splits


def draw_training(language: str) -> list:
    """Return the sentences that the default study trains on."""
    from isogloss.corpora.sampling import draw_source

    return draw_source(make_corpus(language)["train"], SENTENCES, task="ner", language=language, seed=SEED)


def build_small_model(folder: Path, languages: list[str], steps: int | None = None) -> Path:
    """Build tiny-mt5 from the training text of some languages and return its folder.

    steps: number of pre-training steps; by default that of the default study.
    """
    from isogloss.models.pretraining.tiny_mt5 import build_model

    origin = parse_default().models["tiny-mt5"].origin
    text = {code: [" ".join(sentence.tokens) for sentence in make_corpus(code)["train"]] for code in languages}
    build_model(text, folder, vocabulary=origin.vocabulary, steps=steps or origin.steps, threads=1)
    return folder
