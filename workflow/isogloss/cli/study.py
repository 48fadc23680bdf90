"""Verbs that read a study file and run nothing."""

from argparse import Namespace
from pathlib import Path

from isogloss.cli.verb import argument, verb


@verb(argument("study", Path, help="a study file"))
def check(a: Namespace) -> None:
    """Check a study file and its local corpora, and count its runs."""
    from isogloss.planning.plan import describe_pairs
    from isogloss.study.check import check_study
    from isogloss.study.config import read_config

    study, runs, _ = check_study(read_config(a.study), root=Path())
    print(f"{a.study}: {len(runs)} runs")
    for task in study.tasks.values():
        print(f"tasks.{task.name}: {describe_pairs(study, runs, task.name)}")
        for name, languages in task.test_languages.items():
            print(f"tasks.{task.name}.test_corpora.{name}: {len(languages)} of {len(study.languages)} languages")


@verb(
    argument("study", Path, help="a study file"),
    argument("--devices", int, default=1, help="GPUs, or cores for models that want none"),
    argument("--step-seconds", float, default=None, help="seconds of a training step, where nothing is measured"),
    argument("--measured", Path, default=None, help="the results of a study, whose records say what a step took"),
)
def plan(a: Namespace) -> None:
    """Say what a study comes to: jobs by rule, pairs, downloads, disk and hours."""
    from isogloss.planning.plan import write_plan
    from isogloss.study.check import check_study
    from isogloss.study.config import read_config

    study, runs, _ = check_study(read_config(a.study), root=Path())
    print(write_plan(study, runs, Path(), a.devices, a.step_seconds, a.measured))
