"""Read a file of scores in any of its forms, and check it."""

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from isogloss.analysis.data.scores import COLUMNS, KEY, SCALES, UNIT, UNNAMED
from isogloss.analysis.files.labels import check_labels
from isogloss.analysis.files.layouts import Layout, read_layout
from isogloss.analysis.files.numbers import read_numbers
from isogloss.analysis.files.text import show
from isogloss.common import tables
from isogloss.common.errors import UserError
from isogloss.common.run import AXES, DIRECT, name_sources
from isogloss.common.tables import find_line

_NUMBERS = tuple(axis.name for axis in AXES if axis.kind is int)
_DEFAULTS = {axis.name: str(axis.default) for axis in AXES if axis.default is not None}
"""Values of axes that older tables do not have as columns."""
_SHORT = {"task": UNNAMED, "model": UNNAMED, "n": "0", "test_corpus": UNNAMED, "shots": "0"}
_SHORT |= {"adaptation": DIRECT, "seed": "0", "metric": "score"}
"""Values of columns that the short form does not have."""

_LOSSES = {"perplexity", "ppl", "loss", "nll", "bpc", "error", "error_rate", "wer", "cer", "ter", "mae", "mse", "rmse"}
"""Metrics of which lower values are better."""


def read_scores(path: str | os.PathLike, scale: str = UNIT) -> pd.DataFrame:
    """Read a scores table from a csv file: one row per run and metric, sorted by all columns but the score.

    The file at `path` has the columns task, model, sources, n, target, test_corpus, shots, adaptation, seed, metric and
    score, or the short form: source, target, score and any of the other columns. Columns that the short form does not
    have are filled: task, model and test_corpus with `unnamed`, n, shots and seed with 0, adaptation with `direct`,
    metric with `score`. Sources are language codes joined by `+`, or `none`. The file can also be a matrix with a row
    for each source and a column for each target. docs/reference/analysis.md defines what is accepted. `scale` says
    which scores the file has: `unit` from 0 to 1, `percent` from 0 to 100, and `none` any numbers of which higher ones
    are better. Percentages are divided by 100.

    Returns a data frame with the columns of the long form. Rows without a score are left out. Raises UserError with the
    file, and the line and column if there is one, for a missing column, a missing language, a cell that is not a
    number, a score outside the scale, percentages without `percent`, and a row that is given twice.
    """
    return read_scores_file(path, scale).scores


@dataclass(frozen=True)
class ScoresFile:
    """A scores table as read_scores returns it, and the rows of its file that have no score (columns: KEY)."""

    scores: pd.DataFrame
    missing: pd.DataFrame


def read_scores_file(path: str | os.PathLike, scale: str = UNIT) -> ScoresFile:
    """Read a scores table as read_scores does, and keep the rows without a score."""
    path = Path(path)
    if scale not in SCALES:
        raise UserError(f"--scale: {scale!r} is unknown; choose from {', '.join(SCALES)}")
    layout = read_layout(path)
    text = _complete(layout.text, path)
    check_labels(text, path)
    table = text[COLUMNS].copy()
    for column in _NUMBERS:
        counts = tables.read_numbers(text[column], path, "a whole number of 0 or more; correct it", "count")
        table[column] = counts.astype(int)
    table["score"] = read_numbers(text["score"], path, scale, layout.separator)
    given = table["score"].notna()
    if not given.any():
        raise UserError(f"{path}: all {len(table)} scores are missing; write at least one score")
    missing = table.loc[~given, KEY]
    if layout.square:
        missing = missing[missing["sources"] != missing["target"]]
    table = table[given]
    missing = missing[~pd.MultiIndex.from_frame(missing).isin(pd.MultiIndex.from_frame(table[KEY]))]
    _refuse_repeated(table, path, layout)
    _refuse_losses(table, path)
    return ScoresFile(table.sort_values(KEY, ignore_index=True), missing.sort_values(KEY, ignore_index=True))


def _complete(text: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return a table with all columns of the long form, and with the sources of each row in order."""
    known = _DEFAULTS if "sources" in text.columns else _SHORT | _DEFAULTS
    text = text.rename(columns={"source": "sources"})
    text = text.assign(**{name: value for name, value in known.items() if name not in text.columns})
    missing = [column for column in COLUMNS if column not in text.columns]
    if missing:
        raise UserError(
            f"{path}: no column {missing[0]!r}; a scores table requires {','.join(COLUMNS)}, "
            "or in the short form source,target,score[,seed]"
        )
    if text.empty:
        raise UserError(f"{path}: no scores below the header; add at least one row")
    return text.assign(sources=[name_sources([code.strip() for code in cell.split("+")]) for cell in text["sources"]])


def _refuse_repeated(table: pd.DataFrame, path: Path, layout: Layout) -> None:
    repeated = table.duplicated(KEY)
    if not repeated.any():
        return
    row = table[repeated.to_numpy()].iloc[0]
    same = (table[KEY] == row[KEY]).all(axis=1)
    ignored = f" (not read: {show(','.join(layout.ignored), 40)})" if layout.ignored else ""
    raise UserError(
        f"{path}:{find_line(repeated)}: an earlier row has the same run and metric, {row['sources']} to "
        f"{row['target']}: score {table['score'][same.to_numpy()].iloc[0]:g} in line {find_line(same)}, here "
        f"{row['score']:g} ({repeated.sum()} such rows); remove one of the two, or number repeated runs in a column "
        f"seed{ignored}"
    )


def _refuse_losses(table: pd.DataFrame, path: Path) -> None:
    """Raise UserError for a metric of which lower values are better, because all tables take higher ones as better."""
    wrong = table["metric"].str.casefold().isin(_LOSSES) & (table["score"] > 0)
    if wrong.any():
        metric = table["metric"][wrong.to_numpy()].iloc[0]
        raise UserError(
            f"{path}:{find_line(wrong)}: lower values of {metric!r} are better, but the analysis takes higher scores "
            "as better; change the sign of these scores and set --scale none"
        )
