"""A whole study checked before anything runs: its config, its grid, and the local files it would read."""

from pathlib import Path
from typing import Any

from isogloss.config import check_config
from isogloss.corpora import choose_corpus
from isogloss.errors import UserError
from isogloss.study import Config, Run, count_need, list_languages, name_root, plan_runs

Need = dict[str, dict[str, dict[str, int]]]
"""Task -> language -> the most training sentences that any run takes, as source and as shots."""


def check_study(raw: Any, root: Path) -> tuple[Config, list[Run], Need]:
    """Return the study with its defaults filled in, its runs and what they need of each corpus.

    root: the folder that the study's results lie under. What the corpora's files hold is remembered there by the
    files' size and time, so that planning again reads none of them again.

    Raises UserError for whatever can be known to be wrong before a job starts.
    """
    config = check_config(raw)
    runs = plan_runs(config)
    if not runs:
        raise UserError("config: transfer: no run comes of this grid; sources [none] needs shots above 0")
    need = {task: count_need(runs, task) for task in config["tasks"]}
    cache = root / name_root(config) / ".checked.json"
    for task, spec in config["tasks"].items():
        corpus, options = choose_corpus(spec["corpus"])
        sizes = corpus.check(options, list_languages(config), cache) or {}
        for language, taken in need[task].items():
            compare_need(language, taken, sizes.get(language), f"config: tasks.{task}: ")
    return config, runs, need


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
