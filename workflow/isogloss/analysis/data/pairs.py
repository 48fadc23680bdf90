"""Ordered pairs of languages in one setting: their scores, and the features of their task and model."""

import pandas as pd

from isogloss.analysis.data.scores import Setting, transfer_matrix
from isogloss.common.run import NO_SOURCE


def tabulate_pairs(scores: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """Return the transfer scores of a setting, one row per ordered pair of different languages.

    `scores` is a scores table as read_scores returns it, and `setting` the transfer matrix. The columns of the result
    are source, target and score, the mean over seeds of the task's main metric. In-language runs and target-only runs
    are not included.
    """
    matrix = transfer_matrix(scores, setting)
    pairs = matrix.drop(index=NO_SOURCE, errors="ignore").rename_axis(columns="target").stack().dropna()
    pairs = pairs.rename("score").reset_index()
    return pairs[pairs["source"] != pairs["target"]].reset_index(drop=True)


def select_features(features: pd.DataFrame, task: str, model: str) -> pd.DataFrame:
    """Return the features of one task and model, one row per ordered pair of languages.

    `features` is a data frame with the columns source and target, and one column per feature. It can also have the
    columns task and model, which are empty in rows that are valid for all tasks or all models. `task` and `model` are
    names as in the scores table. The result has the columns source and target, and one numeric column per feature. Text
    columns are dropped, and so are columns without a value for this task and model.
    """
    chosen = features
    for column, wanted in (("task", task), ("model", model)):
        if column in chosen.columns:
            chosen = chosen[chosen[column].isna() | chosen[column].isin(["", wanted])]
    numbers = chosen.set_index(["source", "target"]).select_dtypes("number")
    return numbers.groupby(level=[0, 1]).first().dropna(axis="columns", how="all").reset_index()


def match_features(scores: pd.DataFrame, features: pd.DataFrame, setting: Setting) -> tuple[pd.DataFrame, list[str]]:
    """Return the pairs of a setting with one column per feature (NaN if it has no value), and the feature names."""
    own = select_features(features, setting.task, setting.model)
    names = [column for column in own.columns if column not in ("source", "target")]
    return tabulate_pairs(scores, setting).merge(own, on=["source", "target"], how="left"), names
