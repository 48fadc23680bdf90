"""Commands that read a study file but run no jobs."""

from argparse import Namespace
from pathlib import Path

from isogloss.cli.verb import argument, verb


@verb(argument("study", Path, help="the study file (YAML)"))
def check(a: Namespace) -> None:
    """Check a study file and its local corpora, and print the number of runs."""
    from isogloss.planning.plan import describe_pairs
    from isogloss.study.check import check_study
    from isogloss.study.config import read_config

    study, runs, _, notes = check_study(read_config(a.study), root=Path())
    print(f"{a.study}: {len(runs)} runs")
    for task in study.tasks.values():
        print(f"tasks.{task.name}: {describe_pairs(study, runs, task.name)}")
        for name, languages in task.test_languages.items():
            print(f"tasks.{task.name}.test_corpora.{name}: {len(languages)} of {len(study.languages)} languages")
    for note in notes:
        print(f"note: {note}")


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
    from isogloss.study.config import read_config

    study, runs, *_ = check_study(read_config(a.study), root=Path())
    print(write_plan(study, runs, Path(), a.devices, a.step_seconds, a.measured))
