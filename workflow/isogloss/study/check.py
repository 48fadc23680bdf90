"""A whole study checked before anything runs: its config, its grid, and the local files it would read."""

from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.corpora import choose_corpus
from isogloss.study.config import check_config
from isogloss.study.grid import (
    Config,
    Run,
    count_need,
    list_languages,
    list_needed,
    list_task_languages,
    name_root,
    plan_runs,
)
from isogloss.study.pretraining import expand_models
from isogloss.tasks import find_task

Need = dict[str, dict[str, dict[str, int]]]
"""Task -> language -> the most training sentences that any run takes, as source and as shots."""


def check_study(raw: Any, root: Path) -> tuple[Config, list[Run], Need]:
    """Return the study with its defaults filled in, its runs and what they need of each corpus.

    root: the folder that the study's results lie under. What the corpora's files hold is remembered there by the
    files' size and time, so that planning again reads none of them again.

    Raises UserError for whatever can be known to be wrong before a job starts.
    """
    config = check_config(raw)
    find_languages(config)
    expand_models(config)
    for spec in config["tasks"].values():
        if len(formats := find_task(spec["kind"]).formats) == 1:
            (spec["format"],) = formats
    runs = plan_runs(config)
    if not runs:
        lost = [f"tasks.{task}: {words}" for task in config["tasks"] if (words := describe_left_out(config, task))]
        raise UserError(
            "; ".join(["config: transfer: no run comes of this grid; sources [none] needs shots above 0", *lost])
        )
    need = {task: count_need(runs, task) for task in config["tasks"]}
    covered = cover_targets(config)
    cache = root / name_root(config) / ".checked.json"
    for task, spec in config["tasks"].items():
        corpus, options = choose_corpus(spec["corpus"])
        sizes = corpus.check(options, list_needed(config, task), spec["kind"], cache) or {}
        for language, taken in need[task].items():
            compare_need(language, taken, sizes.get(language), f"config: tasks.{task}: ")
        for test, languages in covered[task].items():
            corpus, options = choose_corpus(spec["test_corpora"][test])
            corpus.check(options, languages, spec["kind"], cache, ("test",))
    return config, runs, need


def find_languages(config: dict[str, Any]) -> None:
    """Put into each task of a study, where its corpus lacks languages, those that it has and those it is tested in.

    `available` are the corpus's, among all that the study or a model names; `tested` the study's languages of them, and
    those that only a test corpus has. Nothing is put into a task that has them all. Raises UserError for a corpus that
    has none of the study's.
    """
    covered = cover_targets(config)
    for task, spec in config["tasks"].items():
        corpus, options = choose_corpus(spec["corpus"])
        if not corpus.found:
            continue
        named = list_languages(config)
        available = corpus.covers(options, named)
        if not set(available) & set(config["languages"]):
            corpus.check(options, config["languages"], spec["kind"])
            raise UserError(f"config: tasks.{task}.corpus: it has none of {' '.join(config['languages'])}; remove it")
        if set(available) != set(named):
            tests = {language for languages in covered[task].values() for language in languages}
            spec["available"] = available
            spec["tested"] = [code for code in config["languages"] if code in available or code in tests]


def describe_left_out(config: Config, task: str) -> str:
    """Return how many languages of the study a task is without, and which; empty for none."""
    has = list_task_languages(config, task)
    others = [language for language in config["languages"] if language not in has]
    if not others:
        return ""
    return (
        f"{len(others)} of {len(config['languages'])} languages left out, for its corpus lacks them: {' '.join(others)}"
    )


def cover_targets(config: Config) -> dict[str, dict[str, list[str]]]:
    """Return task -> test corpus -> those of the study's languages that it has: the others are not tested on it.

    A UserError names a test corpus that has none of them.
    """
    covered: dict[str, dict[str, list[str]]] = {}
    for task, spec in config["tasks"].items():
        covered[task] = {}
        for test, entry in spec["test_corpora"].items():
            corpus, options = choose_corpus(entry)
            covered[task][test] = corpus.covers(options, config["languages"])
            if not covered[task][test]:
                studied = " ".join(config["languages"])
                raise UserError(f"config: tasks.{task}.test_corpora.{test}: it has none of {studied}; remove it")
    return covered


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
