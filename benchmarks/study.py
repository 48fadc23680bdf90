"""Measure the default study, reduced to four languages, with and without warm workers."""

import json
import re
import tempfile
from pathlib import Path

import yaml
from bench import Measured
from small import PROJECT, Timed, read_study, time_command

from isogloss import warm

SLICE = ["ar", "de", "en", "hi"]


def run(study: dict, **environment: str) -> tuple[Timed, int, float]:
    """Run a study from scratch on all cores; return its cost, the number of jobs, and the peak MiB of any run."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "study.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
        command = [
            "snakemake",
            "--snakefile",
            str(PROJECT / "Snakefile"),
            "--configfile",
            "study.yaml",
            "--cores",
            "all",
        ]
        took = time_command(command, folder, **environment)
        log = (folder / "benchmark.log").read_text(encoding="utf-8")
        records = [json.loads(path.read_text(encoding="utf-8")) for path in folder.rglob("metrics.json")]
        jobs = int(re.findall(r"^(\d+)/\d+ jobs", log, re.MULTILINE)[-1])  # the last line of the logger `isogloss`
        return took, jobs, max(record["cost"]["peak_memory_mib"] for record in records)


def measure() -> Measured:
    """Run the reduced study with and without warm workers."""
    study = read_study()
    for of in (study, study["models"]["tiny-mt5"]):
        of["languages"] = SLICE
    warmly, jobs, largest = run(study)
    coldly, _, cold_largest = run(study, **{warm.SWITCH: "0"})
    ratio = coldly.seconds / warmly.seconds
    return Measured(
        f"The default study with only the languages {', '.join(SLICE)}, run from scratch on all cores, with and "
        "without warm workers (`benchmarks/study.py`).",
        [
            ("jobs", "warm, s", "cold, s", "ratio", "snakemake, MiB", "largest job warm, MiB", "cold, MiB"),
            (
                *(str(jobs), f"{warmly.seconds:.0f}", f"{coldly.seconds:.0f}", f"{ratio:.2f}"),
                *(f"{warmly.peak:.0f}", f"{largest:.0f}", f"{cold_largest:.0f}"),
            ),
        ],
        f"Target: a ratio of at least 2.5. Measured: {ratio:.2f}.",
    )
