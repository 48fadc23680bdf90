"""A whole study checked before anything runs: its file, its grid, and the local files it would read."""

from pathlib import Path
from typing import Any, NamedTuple

from isogloss.common.errors import UserError
from isogloss.common.run import Run
from isogloss.study.config import parse_study
from isogloss.study.grid import count_need, plan_runs
from isogloss.study.products import describe_left_out, list_needed
from isogloss.study.values import Study

Need = dict[str, dict[str, dict[str, int]]]
"""Task -> language -> the most training sentences that any run takes, as source and as shots."""


class Checked(NamedTuple):
    """A study that can be run, its runs, and what they need of each corpus."""

    study: Study
    runs: list[Run]
    need: Need


def check_study(raw: Any, root: Path) -> Checked:
    """Return a study, as isogloss.study.config.read_config returns it, once all that can be checked has been.

    root: the folder that the study's results lie under. What the corpora's files hold is remembered there by the
    files' size and time, so that planning again reads none of them again.

    Raises UserError for whatever can be known to be wrong before a job starts.
    """
    study = parse_study(raw)
    runs = plan_runs(study)
    if not runs:
        lost = [f"tasks.{task}: {words}" for task in study.tasks if (words := describe_left_out(study, task))]
        raise UserError(
            "; ".join(["config: transfer: no run comes of this grid; sources [none] needs shots above 0", *lost])
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
    """Raise a UserError if more sentences of a language are taken than its training split holds after the audit."""
    if left is None:
        return
    for use, key in (("source", "n"), ("shots", "shots")):
        if taken[use] > left:
            raise UserError(
                f"{where}{language} has {left} training sentences after the audit, but transfer.{key} takes "
                f"{taken[use]} of them; lower {key} or leave {language} out"
            )
