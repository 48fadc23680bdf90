"""Commands that read a study file but run no jobs."""

import sys
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

from isogloss.cli.verb import argument, verb


def print_notes(notes: Iterable[str]) -> None:
    """Print the notes on a study file."""
    for note in notes:
        print(f"isogloss: {note}", file=sys.stderr)


@verb(argument("study", Path, help="the study file (YAML)"))
def check(a: Namespace) -> None:
    """Check a study file and its local corpora, and print the number of runs."""
    from isogloss.planning.plan import describe_pairs
    from isogloss.study.check import check_study
    from isogloss.study.reading.yaml_file import read_config

    study, runs, _ = check_study(read_config(a.study), root=Path())
    print_notes(study.notes)
    print(f"{a.study}: {len(runs)} runs")
    for task in study.tasks.values():
        print(f"tasks.{task.name}: {describe_pairs(study, runs, task.name)}")
        for name, languages in task.test_languages.items():
            print(f"tasks.{task.name}.test_corpora.{name}: {len(languages)} of {len(study.languages)} languages")


@verb(
    argument("study", Path, help="the study file (YAML)"),
    argument("--devices", int, default=1, help="GPUs, or cores for models that use no GPU (default: %(default)s)"),
    argument("--step-seconds", float, default=None, help="seconds per training step of models without measurements"),
    argument("--measured", Path, default=None, help="results folder of a study whose records contain times of steps"),
)
def plan(a: Namespace) -> None:
    """Print the plan of a study: jobs by rule, language pairs, downloads, disk space and hours."""
    from isogloss.planning.plan import write_plan
    from isogloss.study.check import check_study
    from isogloss.study.reading.yaml_file import read_config

    study, runs, _ = check_study(read_config(a.study), root=Path())
    print_notes(study.notes)
    print(write_plan(study, runs, Path(), a.devices, a.step_seconds, a.measured))
