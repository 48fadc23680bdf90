"""The scores table: collected from records or read from anywhere, checked, turned into transfer matrices."""

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, make_dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from isogloss.common.errors import UserError
from isogloss.common.files import complete_file
from isogloss.common.run import (
    AXES,
    DIRECT,
    GROUP_KEY,
    METRIC,
    NO_SOURCE,
    SCORE_KEY,
    SETTING_KEY,
    TEST_CORPUS,
    complete_identity,
    name_sources,
)
from isogloss.common.tables import find_line, read_numbers, read_text

KEY = [*SCORE_KEY]
COLUMNS = [*KEY, "score"]
UNNAMED = "unnamed"
"""Task, model and test corpus of a table that does not name them."""

_NUMBERS = tuple(axis.name for axis in AXES if axis.kind is int)
_DEFAULTS = {axis.name: str(axis.default) for axis in AXES if axis.default is not None}
"""Of axes that a table from before they existed does not have."""
_SHORT = ["source", "target", "score"]
_MAIN_METRICS = ("f1", "accuracy", "score")


SETTING = [*SETTING_KEY]
_KINDS = {axis.name: axis.kind for axis in AXES} | {TEST_CORPUS: str}


@dataclass(frozen=True, order=True)
class Setting(make_dataclass("_Setting", [(name, _KINDS[name]) for name in SETTING], frozen=True, order=True)):
    """One transfer matrix of a study: everything but its sources, targets and seeds; the fields are SETTING."""


GROUP = [*GROUP_KEY]
"""What a group of settings shares: they differ in labelled sentences, adaptation and shots."""


def collect_scores(records: Iterable[str | os.PathLike]) -> pd.DataFrame:
    """Return the scores table of `metrics.json` records: the columns COLUMNS, a row for each metric, sorted.

    Sources are joined by `+`; `none` stands for no source. What a record has under `test_corpora` are scores of the
    same model on other test sets; they differ in the column `test_corpus`. A metric without a value (null: no mention
    to count) has no row. Raises UserError naming a record that is not one.
    """
    rows = []
    for path in records:
        try:
            record = json.loads(Path(path).read_text(encoding="utf-8"))
            run, scores = complete_identity(record["run"]), record["scores"]
            sources = name_sources(run["sources"])
            blocks = {run[TEST_CORPUS]: scores}
            blocks |= {name: block["scores"] for name, block in record.get("test_corpora", {}).items()}
            tested = {name: {**run, "sources": sources, TEST_CORPUS: name} for name in blocks}
            keys = {name: [axes[key] for key in KEY if key != METRIC] for name, axes in tested.items()}
        except (KeyError, TypeError, ValueError) as problem:
            reason = f"{type(problem).__name__} {problem}"
            raise UserError(f"{path}: not a record of a run ({reason}); delete it and run again") from None
        for name, block in blocks.items():
            rows += [[*keys[name], metric, score] for metric, score in block.items() if score is not None]
    return pd.DataFrame(rows, columns=COLUMNS).sort_values(KEY, ignore_index=True)


def write_scores(records: Iterable[str | os.PathLike], out: str | os.PathLike) -> None:
    """Write collect_scores to a csv file, scores in full precision."""
    with complete_file(out) as beside:
        collect_scores(records).to_csv(beside, index=False)


def read_scores(
    path: str | os.PathLike, percent: bool = False, check_code: Callable[[str], object] | None = None
) -> pd.DataFrame:
    """Read a scores table: the columns COLUMNS, or the short form `source,target,score` and any others of them.

    In the short form, task and model become `unnamed`, n and shots 0, adaptation `direct`, metric `score` where
    they are not given. percent: scores are given in 0..100; they are returned in 0..1. check_code: what raises a
    UserError for a language's code that will not do.
    Raises UserError naming file, line and column for a missing column, a language that is not given, a cell that
    is no number, a score out of range, percentages that are not said to be any, or a row given twice.
    """
    path = Path(path)
    text = read_text(path, "scores")
    if "sources" not in text.columns and set(_SHORT) <= set(text.columns):
        text = _lengthen(text)
    text = text.assign(**{name: value for name, value in _DEFAULTS.items() if name not in text.columns})
    missing = [column for column in COLUMNS if column not in text.columns]
    if missing:
        raise UserError(
            f"{path}: no column {missing[0]!r}; a scores table has {','.join(COLUMNS)}, "
            "or for short source,target,score[,seed]"
        )
    if text.empty:
        raise UserError(f"{path}: no scores below the header; give at least one row")
    for column in ("sources", "target"):
        unnamed = text[column] == ""
        if unnamed.any():
            raise UserError(f"{path}:{find_line(unnamed)}: {column} is empty; give a language's code")
        if check_code:
            _check_codes(text[column], path, check_code)
    table = text[COLUMNS].copy()
    for column in _NUMBERS:
        numbers = read_numbers(text[column], path, "a whole number of 0 or more; correct it", "count")
        table[column] = numbers.astype(int)
    table["score"] = _read_score(text["score"], path, percent)
    repeated = table.duplicated(KEY)
    if repeated.any():
        line = find_line(repeated)
        raise UserError(f"{path}:{line}: this run and metric stand in an earlier row too; remove one")
    return table.sort_values(KEY, ignore_index=True)


def _check_codes(cells: pd.Series, path: Path, check_code: Callable[[str], object]) -> None:
    for code in dict.fromkeys(code for cell in cells.unique() for code in cell.split("+")):
        try:
            if code != NO_SOURCE:
                check_code(code)
        except UserError:
            line = find_line(pd.Series([code in cell.split("+") for cell in cells], index=cells.index))
            raise UserError(
                f"{path}:{line}: {cells.name} is {code!r}, which neither languages.py nor lang2vec knows; correct it "
                "or give features of your own by --features"
            ) from None


def _lengthen(text: pd.DataFrame) -> pd.DataFrame:
    """Give the short form the columns that it lacks."""
    fixed = {
        "task": UNNAMED,
        "model": UNNAMED,
        "n": "0",
        "test_corpus": UNNAMED,
        "shots": "0",
        "adaptation": DIRECT,
        "seed": "0",
        "metric": "score",
    }
    lacking = {column: value for column, value in fixed.items() if column not in text.columns}
    return text.rename(columns={"source": "sources"}).assign(**lacking)


def _read_score(cells: pd.Series, path: Path, percent: bool) -> pd.Series:
    if percent:
        scores = read_numbers(cells, path, "a percentage in 0..100; correct it", "percent")
        if scores.max() <= 1:
            raise UserError(f"{path}: no score is above 1, so these are no percentages; leave out --percent")
        return scores / 100
    loose = pd.to_numeric(cells, errors="coerce")
    above = loose > 1
    if above.any() and loose.between(0, 100).all():
        line = find_line(above)
        raise UserError(f"{path}:{line}: score is {loose[above].iloc[0]:g}, in percent it seems; give --percent")
    return read_numbers(cells, path, "a number in 0..1; correct it", "share")


def list_languages(scores: pd.DataFrame) -> list[str]:
    """Return every language that is a source or a target, sorted."""
    sources = {code for name in scores["sources"].unique() for code in name.split("+")}
    return sorted((sources | set(scores["target"])) - {NO_SOURCE})


def find_main_metric(scores: pd.DataFrame, task: str) -> str:
    """Return the metric a task is judged by: f1, else accuracy, else score, else the first by name."""
    metrics = sorted(scores.loc[scores["task"] == task, "metric"].unique())
    return next((metric for metric in _MAIN_METRICS if metric in metrics), metrics[0])


def mark_kinds(scores: pd.DataFrame) -> pd.Series:
    """Return what each row is: `transfer` (one other language), `in-language`, `none` or `multi-source`.

    A run with its target among its sources is in-language however many sources it has.
    """
    sources = scores["sources"].str.split("+", regex=False)
    inside = [target in names for target, names in zip(scores["target"], sources, strict=True)]
    kinds = np.where(sources.str.len() > 1, "multi-source", "transfer")
    kinds = np.where(inside, "in-language", kinds)
    return pd.Series(np.where(scores["sources"] == NO_SOURCE, NO_SOURCE, kinds), index=scores.index)


def list_settings(scores: pd.DataFrame) -> list[Setting]:
    """Return every setting that has single-source transfer, sorted."""
    found = scores.loc[mark_kinds(scores) == "transfer", SETTING].drop_duplicates()
    return sorted(Setting(*row) for row in found.itertuples(index=False, name=None))


def select_cells(scores: pd.DataFrame, setting: Setting, metric: str | None = None) -> pd.DataFrame:
    """Return the scores that a setting's transfer matrix is made of, a row a run.

    Runs of one source at the setting; in-language runs of the same n, which have 0 shots at any setting; and those
    without a source, of the setting's shots. metric: by default the task's main one.
    """
    metric = metric or find_main_metric(scores, setting.task)
    same = scores["metric"] == metric
    for column in GROUP_KEY:
        same &= scores[column] == getattr(setting, column)
    own = scores[same]
    kinds = mark_kinds(own)
    at_n, at_shots = own["n"] == setting.n, own["shots"] == setting.shots
    transfer = (kinds == "transfer") & at_n & at_shots & (own["adaptation"] == setting.adaptation)
    diagonal = (own["sources"] == own["target"]) & at_n & (own["shots"] == 0)
    return own[transfer | diagonal | ((kinds == NO_SOURCE) & at_shots)]


def transfer_matrix(scores: pd.DataFrame, setting: Setting, metric: str | None = None) -> pd.DataFrame:
    """Return the mean over seeds of each source (rows, `none` last if there) and target (columns), by code.

    Of the runs that select_cells returns. NaN where there is no run.
    """
    cells = select_cells(scores, setting, metric)
    matrix = cells.pivot_table(index="sources", columns="target", values="score", aggfunc="mean")
    matrix = matrix.reindex(sorted(matrix.index, key=lambda source: (source == NO_SOURCE, source)))
    return matrix.rename_axis(index="source")
