"""Measure the time of planning for grids of different sizes: `snakemake --dry-run` without any existing results."""

import tempfile
from pathlib import Path

import yaml
from bench import Measured
from small import PROJECT, read_study, time_command

from isogloss.study.config import parse_study
from isogloss.study.grid import plan_runs

SEEDS = (1, 4, 9)


def measure() -> Measured:
    """Plan the grid of the default study with increasing numbers of seeds."""
    rows = [("runs", "seconds", "milliseconds per run", "MiB")]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for seeds in SEEDS:
            study = read_study()
            study["transfer"]["seeds"] = list(range(1, seeds + 1))
            study["transfer"]["shots"] = [0, 20, 100] if seeds == 1 else [0, 5, 10, 20, 50, 100]
            study["training"]["tiny-mt5"]["adaptation_steps"] = dict.fromkeys((5, 10, 20, 50, 100), 10)
            (folder / "study.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
            runs = len(plan_runs(parse_study(study)))
            took = time_command(
                [
                    *("snakemake", "--snakefile", str(PROJECT / "Snakefile"), "--configfile", "study.yaml"),
                    *("--dry-run", "--quiet", "--cores", "1"),
                ],
                folder,
            )
            rows.append((str(runs), f"{took.seconds:.1f}", f"{1000 * took.seconds / runs:.1f}", f"{took.peak:.0f}"))
    return Measured(
        "Planning of the default study with more numbers of shots and seeds, before any job has run "
        "(`benchmarks/planning.py`).",
        rows,
        f"Target: 10,000 runs in at most 60 s. Measured: {rows[-1][0]} runs in {rows[-1][1]} s.",
    )
