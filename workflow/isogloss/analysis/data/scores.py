"""The scores table: collect it from run records or read it from a file, check it, and build transfer matrices."""

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
"""The task, model and test corpus of a table that does not have these columns."""

_NUMBERS = tuple(axis.name for axis in AXES if axis.kind is int)
_DEFAULTS = {axis.name: str(axis.default) for axis in AXES if axis.default is not None}
"""Values of axes that older tables do not have as columns."""
_SHORT = ["source", "target", "score"]
_MAIN_METRICS = ("f1", "accuracy", "score")


SETTING = [*SETTING_KEY]
_KINDS = {axis.name: axis.kind for axis in AXES} | {TEST_CORPUS: str}


@dataclass(frozen=True, order=True)
class Setting(make_dataclass("_Setting", [(name, _KINDS[name]) for name in SETTING], frozen=True, order=True)):
    """One transfer matrix: all that identifies a run except its sources, target and seed.

    The fields are task, model, test_corpus, n (the number of labelled source sentences in total), adaptation (`direct`,
    `sequential` or `joint`) and shots (the number of labelled target sentences).
    """


GROUP = [*GROUP_KEY]
"""The columns that a group of settings shares. Settings of a group differ in n, adaptation and shots."""


def collect_scores(records: Iterable[str | os.PathLike]) -> pd.DataFrame:
    """Return the scores table of `metrics.json` records: the columns COLUMNS, one row per metric, sorted.

    Sources are joined by `+`; `none` means no source. The entry `test_corpora` of a record has scores of the same model
    on other test sets. They become rows that differ in the column `test_corpus`. A metric without a value (null: there
    was no mention to count) has no row. Raises UserError with the path of a file that is not a record.
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
            raise UserError(f"{path}: not a record of a run ({reason}); delete the file and run again") from None
        for name, block in blocks.items():
            rows += [[*keys[name], metric, score] for metric, score in block.items() if score is not None]
    return pd.DataFrame(rows, columns=COLUMNS).sort_values(KEY, ignore_index=True)


def write_scores(records: Iterable[str | os.PathLike], out: str | os.PathLike) -> None:
    """Write the table of collect_scores to a csv file, with scores in full precision."""
    with complete_file(out) as beside:
        collect_scores(records).to_csv(beside, index=False)


def read_scores(
    path: str | os.PathLike, percent: bool = False, check_code: Callable[[str], object] | None = None
) -> pd.DataFrame:
    """Read a scores table from a csv file: one row per run and metric, sorted by all columns but the score.

    The file at `path` has the columns task, model, sources, n, target, test_corpus, shots, adaptation, seed, metric and
    score, or the short form: source, target, score and any of the other columns. Columns that the short form does not
    have are filled: task, model and test_corpus with `unnamed`, n, shots and seed with 0, adaptation with `direct`,
    metric with `score`. Sources are language codes joined by `+`, or `none`. Scores are in 0..1; set `percent` if the
    file has them in 0..100. `check_code` is a function that raises UserError for an unknown language code.

    Returns a data frame with the columns of the long form, and scores in 0..1. Raises UserError with the file, and the
    line and column if there is one, for a missing column, a missing language, a cell that is not a number, a score out
    of range, percentages without `percent`, an unknown language code, and a row that is given twice.
    """
    path = Path(path)
    text = read_text(path, "scores")
    if "sources" not in text.columns and set(_SHORT) <= set(text.columns):
        text = _lengthen(text)
    text = text.assign(**{name: value for name, value in _DEFAULTS.items() if name not in text.columns})
    missing = [column for column in COLUMNS if column not in text.columns]
    if missing:
        raise UserError(
            f"{path}: no column {missing[0]!r}; a scores table requires {','.join(COLUMNS)}, "
            "or in the short form source,target,score[,seed]"
        )
    if text.empty:
        raise UserError(f"{path}: no scores below the header; add at least one row")
    for column in ("sources", "target"):
        unnamed = text[column] == ""
        if unnamed.any():
            raise UserError(f"{path}:{find_line(unnamed)}: {column} is empty; add a language code")
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
        raise UserError(f"{path}:{line}: an earlier row has the same run and metric; remove one of the two")
    return table.sort_values(KEY, ignore_index=True)


def _check_codes(cells: pd.Series, path: Path, check_code: Callable[[str], object]) -> None:
    for code in dict.fromkeys(code for cell in cells.unique() for code in cell.split("+")):
        try:
            if code != NO_SOURCE:
                check_code(code)
        except UserError:
            line = find_line(pd.Series([code in cell.split("+") for cell in cells], index=cells.index))
            raise UserError(
                f"{path}:{line}: {cells.name} is {code!r}, which is neither in languages.py nor in lang2vec; correct "
                "the code, or set --features to a table of your own features"
            ) from None


def _lengthen(text: pd.DataFrame) -> pd.DataFrame:
    """Return a table in the short form with the missing columns added."""
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
            raise UserError(f"{path}: no score is above 1, so the scores are not percentages; remove --percent")
        return scores / 100
    loose = pd.to_numeric(cells, errors="coerce")
    above = loose > 1
    if above.any() and loose.between(0, 100).all():
        line = find_line(above)
        raise UserError(f"{path}:{line}: score is {loose[above].iloc[0]:g}, probably a percentage; add --percent")
    return read_numbers(cells, path, "a number in 0..1; correct it", "share")


def list_languages(scores: pd.DataFrame) -> list[str]:
    """Return every language that is a source or a target, sorted."""
    sources = {code for name in scores["sources"].unique() for code in name.split("+")}
    return sorted((sources | set(scores["target"])) - {NO_SOURCE})


def find_main_metric(scores: pd.DataFrame, task: str) -> str:
    """Return the main metric of a task: `f1` if the scores have it, else `accuracy`, else `score`, else the first.

    `scores` is a scores table as read_scores returns it, `task` a value of its column task. Metrics other than the
    three are ordered by name.
    """
    metrics = sorted(scores.loc[scores["task"] == task, "metric"].unique())
    return next((metric for metric in _MAIN_METRICS if metric in metrics), metrics[0])


def mark_kinds(scores: pd.DataFrame) -> pd.Series:
    """Return the kind of each row: `transfer` (one source, not the target), `in-language`, `none` or `multi-source`.

    A run with its target among its sources is `in-language`, for any number of sources.
    """
    sources = scores["sources"].str.split("+", regex=False)
    inside = [target in names for target, names in zip(scores["target"], sources, strict=True)]
    kinds = np.where(sources.str.len() > 1, "multi-source", "transfer")
    kinds = np.where(inside, "in-language", kinds)
    return pd.Series(np.where(scores["sources"] == NO_SOURCE, NO_SOURCE, kinds), index=scores.index)


def list_settings(scores: pd.DataFrame) -> list[Setting]:
    """Return every Setting of a scores table that has at least one run with one source, not the target, sorted.

    `scores` is a scores table as read_scores returns it. One setting is one transfer matrix.
    """
    found = scores.loc[mark_kinds(scores) == "transfer", SETTING].drop_duplicates()
    return sorted(Setting(*row) for row in found.itertuples(index=False, name=None))


def select_cells(scores: pd.DataFrame, setting: Setting, metric: str | None = None) -> pd.DataFrame:
    """Return the rows of a scores table that form the transfer matrix of a setting, one row per run.

    `scores` is a scores table as read_scores returns it, `setting` the transfer matrix, and `metric` the metric, by
    default the main metric of the task. The result has the runs with one source at the setting, the in-language runs
    with the same n (always with 0 shots), and the target-only runs with the shots of the setting.
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
    """Return the transfer matrix of a setting as a data frame: mean scores over seeds, by source and target.

    `scores`, `setting` and `metric` are those of select_cells. Rows are sources and columns are targets, sorted by
    code; the row `none` (target-only runs) comes last, if there is one. Cells without a run are NaN.
    """
    cells = select_cells(scores, setting, metric)
    matrix = cells.pivot_table(index="sources", columns="target", values="score", aggfunc="mean")
    matrix = matrix.reindex(sorted(matrix.index, key=lambda source: (source == NO_SOURCE, source)))
    return matrix.rename_axis(index="source")
