"""Every ratio that docs/developing/performance.md gives, measured here and now, and the page written anew.

    make bench                                  # about half an hour on two cores
    python benchmarks/bench.py training decoding    # these alone; the page keeps what it has of the others

Each benchmark compares two things in one run, for machines differ and are busy. Numbers of another machine differ;
ratios should not by much.
"""

import importlib
import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "developing" / "performance.md"
BENCHMARKS = ("overhead", "study", "training", "training_step", "decoding", "planning")


@dataclass(frozen=True)
class Measured:
    """What a benchmark found: a line on what was done, a table (its header first), and a line on what that means."""

    done: str
    rows: list[tuple[str, ...]]
    found: str


def describe_machine() -> str:
    """Return what numbers were measured on, without naming the machine."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "snakemake"))
    processor = f"{len(os.sched_getaffinity(0))} cores ({model[1] if model else platform.machine()})"
    return f"{processor}, Python {platform.python_version()}, {packages}"


def write_section(name: str, measured: Measured) -> None:
    """Put a benchmark's section into the page between its marks."""
    header, *body = measured.rows
    lines = [" | ".join(header), " | ".join("---" for _ in header), *(" | ".join(row) for row in body)]
    table = "\n".join(f"| {line} |" for line in lines)
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    section = f"{begin}\n{measured.done}\n\n{table}\n\n{measured.found}\n\nOn {describe_machine()}.\n{end}"
    text = PAGE.read_text(encoding="utf-8")
    old = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    assert old.search(text), f"{PAGE} has no place for {name}"
    PAGE.write_text(old.sub(lambda _: section, text), encoding="utf-8")
    print(section, flush=True)


def main(names: list[str]) -> None:
    """Measure; each benchmark in a process of its own, so that none is weighed with the libraries of another."""
    if len(names) == 1:
        write_section(names[0], importlib.import_module(names[0]).measure())
    for name in (names or BENCHMARKS) if len(names) != 1 else ():
        subprocess.run([sys.executable, __file__, name], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
