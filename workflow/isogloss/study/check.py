"""Check a whole study before any job runs: its file, its grid, and the local files that it reads."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from isogloss.common.errors import UserError
from isogloss.common.run import Run
from isogloss.families.folder import describe_folder
from isogloss.study.config import parse_study
from isogloss.study.grid import MAX, Grid, count_need, find_largest, list_source_sets, plan_runs
from isogloss.study.products import describe_left_out, list_needed
from isogloss.study.reading.plain import shorten
from isogloss.study.values import Local, Study

LONGEST_NAME = 250
"""The maximum length of the name of a folder. File systems allow 255 bytes, of which the log of a job needs some."""

LONGEST_LIST = 160
"""Length from which on a list of languages in a message is written briefly, and then cut."""

Need = dict[str, dict[str, dict[str, int]]]
"""Task -> language -> the largest number of training sentences that any run uses, as source and as shots."""
Sizes = dict[str, int | None]
"""Language -> number of training sentences after the audit; None if it is not known before a download."""


class Checked(NamedTuple):
    """A valid study, its runs, and the sentences that they need from each corpus."""

    study: Study
    runs: list[Run]
    need: Need


def check_study(raw: Any, root: Path) -> Checked:
    """Return a checked study with its runs and the sentences that they need.

    raw: a study as isogloss.study.reading.yaml_file.read_config returns it. root: the folder that contains the study's
    results. The results of checking corpus files are cached there by the size and time of the files, so that planning
    again does not read them again.

    Raises UserError for every error that can be detected before a job starts.
    """
    try:
        return _check(raw, root)
    except OSError as error:
        raise UserError(
            f"{shorten(error.filename)} cannot be read ({error.strerror}); correct this path in the study file"
        ) from None


def _check(raw: Any, root: Path) -> Checked:
    study = parse_study(raw)
    # A grid with `n: max` can be planned only when the sizes of the corpora are known; other errors come first.
    runs = [] if _has_max(study) else _plan(study)
    sizes, notes = _check_corpora(study, root / study.root / ".checked.json")
    for name, model in study.models.items():
        if isinstance(model.origin, Local):
            notes += [f"models.{name}.path: {note}" for note in describe_folder(Path(model.origin.path))]
    if _has_max(study):
        study = dataclasses.replace(study, grids=_fill_max(study, sizes))
        runs = _plan(study)
    need = {task: count_need(runs, task) for task in study.tasks}
    shortages = [line for task in study.tasks for line in list_shortages(study, task, need[task], sizes[task])]
    if shortages:
        raise UserError("config: " + "; ".join(shortages))
    return Checked(dataclasses.replace(study, notes=(*study.notes, *notes)), runs, need)


def _plan(study: Study) -> list[Run]:
    runs = plan_runs(study)
    if not runs:
        lost = [f"tasks.{task}: {words}" for task in study.tasks if (words := describe_left_out(study, task))]
        for name, task in study.tasks.items():
            if task.tests_only:
                lost.append(f"tasks.{name}: {' '.join(task.tests_only)} have only a test split and cannot be sources")
        raise UserError(
            "; ".join(["config: transfer: this grid produces no runs; sources [none] needs shots above 0", *lost])
        )
    _check_folders(runs)
    return runs


def _check_corpora(study: Study, cache: Path) -> tuple[dict[str, Sizes], list[str]]:
    """Return task -> language -> number of training sentences after the audit, and notes on the corpora."""
    sizes, notes = {}, []
    for name, task in study.tasks.items():
        where = f"tasks.{name}"
        found = task.corpus.corpus.check(task.corpus.options, list_needed(study, name), task.annotation, cache) or {}
        sizes[name] = {language: one.train for language, one in found.items()}
        notes += [f"{where}.corpus: {note}" for one in found.values() for note in one.notes]
        if task.tests_only:
            notes.append(f"{where}: only a test split, so targets without shots: {' '.join(task.tests_only)}")
        for test, choice in task.test_corpora.items():
            languages = list(task.test_languages[test])
            found = choice.corpus.check(choice.options, languages, task.annotation, cache, ("test",)) or {}
            notes += [f"{where}.test_corpora.{test}: {note}" for one in found.values() for note in one.notes]
    return sizes, notes


def _has_max(study: Study) -> bool:
    return any(MAX in grid.n for grid in study.grids)


def _fill_max(study: Study, sizes: dict[str, Sizes]) -> tuple[Grid, ...]:
    """Return the grids with numbers in place of MAX, one for each task of a grid that has it."""
    filled = []
    for grid in study.grids:
        for tasks in [(task,) for task in grid.tasks] if MAX in grid.n else [grid.tasks]:
            n = tuple(dict.fromkeys(_find_n(study, grid, tasks[0], sizes) if one == MAX else one for one in grid.n))
            filled.append(dataclasses.replace(grid, tasks=tasks, n=n))
    return tuple(filled)


def _find_n(study: Study, grid: Grid, task: str, sizes: dict[str, Sizes]) -> int:
    sets = list_source_sets(grid, study.tasks[task].languages, study.like)
    unknown = sorted({code for sources in sets for code in sources if sizes[task].get(code) is None})
    if unknown:
        raise UserError(
            f"config: transfer.n: max needs the number of training sentences, but it is not known before the corpus of "
            f"tasks.{task} is downloaded ({' '.join(unknown)[:60]}); give a number"
        )
    return find_largest(sets, grid.budgets, sizes[task])


def _check_folders(runs: Iterable[Run]) -> None:
    """Raise UserError if a run has a folder whose name is too long for the file system."""
    for run in runs:
        longest = max(run.folder.split("/"), key=len)
        if len(longest) > LONGEST_NAME:
            raise UserError(
                f"config: transfer: the set of languages {shorten(longest)} makes the name of a folder too long "
                f"({len(longest)} characters, at most {LONGEST_NAME} are possible); use a smaller set"
            )


def _list_short(short: dict[str, tuple[int, int]]) -> str:
    """Return languages with how many sentences they have of those needed, briefly if they are many."""
    listed = ", ".join(f"{code} has {has} of {needed}" for code, (has, needed) in short.items())
    if len(listed) <= LONGEST_LIST:
        return listed
    parts = [f"{code} {has}/{needed}" for code, (has, needed) in short.items()]
    if len({needed for _, needed in short.values()}) == 1:
        parts = [f"{code} {has}" for code, (has, _) in short.items()]
        parts[0] = f"of {next(iter(short.values()))[1]} needed, {parts[0].replace(' ', ' has ')}"
    while len(", ".join(parts)) > LONGEST_LIST:
        parts.pop()
    return ", ".join(parts) + (f" and {len(short) - len(parts)} more" if len(parts) < len(short) else "")


def list_shortages(study: Study, task: str, need: dict[str, dict[str, int]], left: Sizes) -> list[str]:
    """Return one sentence for each use (sources, shots) of which runs need more than languages of a task have.

    need: language -> `source` and `shots`, the largest numbers that a run uses. A sentence names all languages with too
    few sentences, and the largest number that all of them have.
    """
    known = {language: size for language, size in left.items() if size is not None}
    sentences = []
    for use, key in (("source", "n"), ("shots", "shots")):
        short = {code: taken[use] for code, taken in sorted(need.items()) if taken[use] > known.get(code, taken[use])}
        if not short:
            continue
        lacking = _list_short({code: (known[code], needed) for code, needed in short.items()})
        grids = [grid for grid in study.grids if task in grid.tasks]
        if use == "source":
            languages = study.tasks[task].languages
            sets = [(list_source_sets(grid, languages, study.like), grid.budgets) for grid in grids]
            fit = min(find_largest([one for one in of_grid if set(one) <= set(known)], b, known) for of_grid, b in sets)
        else:
            fit = min(known[code] for code in short)
        advice = f"set {key} to {fit} or less{', or n: max' if use == 'source' else ''}" if fit else "leave these out"
        sentences.append(f"tasks.{task}: transfer.{key}: training sentences after the audit: {lacking}; {advice}")
    return sentences
