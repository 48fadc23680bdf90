"""Parts of the record of a run: software versions, cost, and amounts of training data."""

import resource
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("isogloss", "torch", "transformers", "python-crfsuite", "seqeval")


def list_versions() -> dict[str, str]:
    """Return the installed version of each package that affects scores."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "not installed"
    return versions


@dataclass(frozen=True)
class Clock:
    """The time when a job began its own work, in wall-clock and processor seconds. Imports come before this time."""

    wall: float
    cpu: float


def start_clock() -> Clock:
    """Return the current time."""
    return Clock(time.perf_counter(), time.process_time())


def measure_cost(since: Clock) -> dict[str, float]:
    """Return the wall-clock and processor seconds since `since`, and the peak memory of the whole process in MiB."""
    return {
        "wall_seconds": round(time.perf_counter() - since.wall, 3),
        "cpu_seconds": round(time.process_time() - since.cpu, 3),
        "peak_memory_mib": round(measure_peak(), 1),
    }


def measure_peak() -> float:
    """Return the peak memory of this process in MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # on Linux, getrusage may return the peak of the parent process
        (line,) = (line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # other systems report bytes


def count_budget(examples: list[Any], trained: Mapping[str, Any]) -> dict[str, Any]:
    """Return the amounts of training data (sentences, words and subword tokens by language) and the number of steps."""
    languages = sorted({example.language for example in examples})
    of = {language: [example for example in examples if example.language == language] for language in languages}
    return {
        "sentences": {language: len(of[language]) for language in languages},
        "words": {language: sum(len(example.words) for example in of[language]) for language in languages},
        "subword_tokens": trained.get("subword_tokens"),
        "steps": trained.get("steps"),
    }
