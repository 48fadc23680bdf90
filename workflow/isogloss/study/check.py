"""Check a whole study before any job runs: its file, its grid, and the local files that it reads."""

from pathlib import Path
from typing import Any, NamedTuple

from isogloss.common.errors import UserError
from isogloss.common.run import Run
from isogloss.study.config import parse_study
from isogloss.study.grid import count_need, plan_runs
from isogloss.study.products import describe_left_out, list_needed
from isogloss.study.values import Study

Need = dict[str, dict[str, dict[str, int]]]
"""Task -> language -> the largest number of training sentences that any run uses, as source and as shots."""


class Checked(NamedTuple):
    """A valid study, its runs, and the sentences that they need from each corpus."""

    study: Study
    runs: list[Run]
    need: Need


def check_study(raw: Any, root: Path) -> Checked:
    """Return a checked study with its runs and the sentences that they need.

    raw: a study as isogloss.study.config.read_config returns it. root: the folder that contains the study's results.
    The results of checking corpus files are cached there by the size and time of the files, so that planning again does
    not read them again.

    Raises UserError for every error that can be detected before a job starts.
    """
    study = parse_study(raw)
    runs = plan_runs(study)
    if not runs:
        lost = [f"tasks.{task}: {words}" for task in study.tasks if (words := describe_left_out(study, task))]
        raise UserError(
            "; ".join(["config: transfer: this grid produces no runs; sources [none] needs shots above 0", *lost])
        )
    need = {task: count_need(runs, task) for task in study.tasks}
    cache = root / study.root / ".checked.json"
    for name, task in study.tasks.items():
        own = task.corpus
        sizes = own.corpus.check(own.options, list_needed(study, name), task.kind, cache) or {}
        for language, taken in need[name].items():
            compare_need(language, taken, sizes.get(language), f"config: tasks.{name}: ")
        for test, choice in task.test_corpora.items():
            choice.corpus.check(choice.options, list(task.test_languages[test]), task.kind, cache, ("test",))
    return Checked(study, runs, need)


def compare_need(language: str, taken: dict[str, int], left: int | None, where: str) -> None:
    """Raise UserError if runs need more sentences of a language than its training split has after the audit."""
    if left is None:
        return
    for use, key in (("source", "n"), ("shots", "shots")):
        if taken[use] > left:
            raise UserError(
                f"{where}{language} has {left} training sentences after the audit, but transfer.{key} needs "
                f"{taken[use]} in this language; reduce {key} or leave {language} out"
            )
