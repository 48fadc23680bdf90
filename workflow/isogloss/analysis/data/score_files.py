"""Read a file of scores in any of its forms, and check it."""

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from isogloss.analysis.data.layouts import check_labels, read_layout
from isogloss.analysis.data.score_cells import SCALES, UNIT, read_score_cells
from isogloss.analysis.data.scores import COLUMNS, KEY, UNNAMED
from isogloss.common.errors import UserError
from isogloss.common.run import AXES, DIRECT
from isogloss.common.tables import find_line, read_numbers

_NUMBERS = tuple(axis.name for axis in AXES if axis.kind is int)
_DEFAULTS = {axis.name: str(axis.default) for axis in AXES if axis.default is not None}
"""Values of axes that older tables do not have as columns."""
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
    text = layout.text if "sources" in layout.text.columns else _lengthen(layout.text)
    text = text.assign(**{name: value for name, value in _DEFAULTS.items() if name not in text.columns})
    missing = [column for column in COLUMNS if column not in text.columns]
    if missing:
        raise UserError(
            f"{path}: no column {missing[0]!r}; a scores table requires {','.join(COLUMNS)}, "
            "or in the short form source,target,score[,seed]"
        )
    if text.empty:
        raise UserError(f"{path}: no scores below the header; add at least one row")
    check_labels(text, path)
    table = text[COLUMNS].copy()
    for column in _NUMBERS:
        numbers = read_numbers(text[column], path, "a whole number of 0 or more; correct it", "count")
        table[column] = numbers.astype(int)
    table["score"] = read_score_cells(text["score"], path, scale, layout.separator)
    given = table["score"].notna()
    if not given.any():
        raise UserError(f"{path}: all {len(table)} scores are missing; write at least one score")
    left_out = table.loc[~given, KEY]
    if layout.square:
        left_out = left_out[left_out["sources"] != left_out["target"]]
    table = table[given]
    left_out = left_out[~pd.MultiIndex.from_frame(left_out).isin(pd.MultiIndex.from_frame(table[KEY]))]
    _refuse_repeated(table, path)
    _refuse_losses(table, path)
    return ScoresFile(table.sort_values(KEY, ignore_index=True), left_out.sort_values(KEY, ignore_index=True))


def _refuse_repeated(table: pd.DataFrame, path: Path) -> None:
    repeated = table.duplicated(KEY)
    if not repeated.any():
        return
    row = table[repeated.to_numpy()].iloc[0]
    same = (table[KEY] == row[KEY]).all(axis=1).to_numpy()
    earlier, value = find_line(pd.Series(same, index=table.index)), table["score"][same].iloc[0]
    raise UserError(
        f"{path}:{find_line(repeated)}: an earlier row has the same run and metric, {row['sources']} to "
        f"{row['target']}: score {value:g} in line {earlier}, here {row['score']:g} ({repeated.sum()} such rows); "
        "remove one of the two, or number repeated runs in a column seed"
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
