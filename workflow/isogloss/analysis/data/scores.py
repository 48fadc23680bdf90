"""The scores table and the transfer matrices in it."""

from dataclasses import dataclass, make_dataclass

import numpy as np
import pandas as pd

from isogloss.common.run import (
    AXES,
    GROUP_KEY,
    NO_SOURCE,
    SCORE_KEY,
    SETTING_KEY,
    TEST_CORPUS,
)

KEY = [*SCORE_KEY]
COLUMNS = [*KEY, "score"]
UNNAMED = "unnamed"
"""The task, model and test corpus of a table that does not have these columns."""

UNIT, PERCENT, NO_SCALE = "unit", "percent", "none"
SCALES = (UNIT, PERCENT, NO_SCALE)
"""The scales of a file of scores: from 0 to 1, percentages from 0 to 100, and any numbers, taken as they are."""
SEEN_ITEMS = {"f1": "mentions", "accuracy": "words"}
"""Metric -> what is seen or unseen in training in the metrics `f1_seen`, `accuracy_unseen` and so on."""

MAIN_METRICS = ("f1", "accuracy", "score")

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
    return next((metric for metric in MAIN_METRICS if metric in metrics), metrics[0])


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
