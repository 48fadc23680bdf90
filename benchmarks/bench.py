"""Measure every ratio in docs/developing/performance.md and update the page.

    make bench                                  # about half an hour on two cores
    python benchmarks/bench.py training decoding    # only these benchmarks; the other sections do not change

Each benchmark compares two alternatives in the same run, because machines differ in speed and load. Times on another
machine will differ; ratios should differ little.
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
BENCHMARKS = ("overhead", "study", "training", "training_step", "decoding", "planning", "reading", "digests")


@dataclass(frozen=True)
class Measured:
    """The result of a benchmark.

    done: what was measured. rows: the table, with the header first. found: comparison with the target.
    """

    done: str
    rows: list[tuple[str, ...]]
    found: str


def describe_machine() -> str:
    """Return a description of the processor and the software, without the name of the machine."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "snakemake"))
    processor = f"{len(os.sched_getaffinity(0))} cores ({model[1] if model else platform.machine()})"
    return f"{processor}, Python {platform.python_version()}, {packages}"


def write_section(name: str, measured: Measured) -> None:
    """Replace the section of a benchmark on the page, between its two comments."""
    header, *body = measured.rows
    lines = [" | ".join(header), " | ".join("---" for _ in header), *(" | ".join(row) for row in body)]
    table = "\n".join(f"| {line} |" for line in lines)
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    section = f"{begin}\n{measured.done}\n\n{table}\n\n{measured.found}\n\nMeasured on {describe_machine()}.\n{end}"
    text = PAGE.read_text(encoding="utf-8")
    old = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    assert old.search(text), f"{PAGE}: no section {name}; add the comments {begin} and {end}"
    PAGE.write_text(old.sub(lambda _: section, text), encoding="utf-8")
    print(section, flush=True)


def main(names: list[str]) -> None:
    """Run the benchmarks, each in its own process, so that libraries of other benchmarks do not affect its memory."""
    if len(names) == 1:
        write_section(names[0], importlib.import_module(names[0]).measure())
    for name in (names or BENCHMARKS) if len(names) != 1 else ():
        subprocess.run([sys.executable, __file__, name], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
