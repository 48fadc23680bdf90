"""Pairs of languages in one setting: their scores, and the features of their task and model."""

import pandas as pd

from isogloss.analysis.data.scores import Setting, transfer_matrix
from isogloss.common.run import NO_SOURCE


def tabulate_pairs(scores: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """Return a setting's transfer scores: source, target, score (mean over seeds); in-language left out."""
    matrix = transfer_matrix(scores, setting)
    pairs = matrix.drop(index=NO_SOURCE, errors="ignore").rename_axis(columns="target").stack().dropna()
    pairs = pairs.rename("score").reset_index()
    return pairs[pairs["source"] != pairs["target"]].reset_index(drop=True)


def select_features(features: pd.DataFrame, task: str, model: str) -> pd.DataFrame:
    """Return the features of a task and model: `source,target,<numeric columns>`, a row for each pair.

    features: the same, or with columns `task` and `model` before, which are empty in rows that hold for all.
    Columns of text are left out, and those without any value for this task and model.
    """
    chosen = features
    for column, wanted in (("task", task), ("model", model)):
        if column in chosen.columns:
            chosen = chosen[chosen[column].isna() | chosen[column].isin(["", wanted])]
    numbers = chosen.set_index(["source", "target"]).select_dtypes("number")
    return numbers.groupby(level=[0, 1]).first().dropna(axis="columns", how="all").reset_index()


def match_features(scores: pd.DataFrame, features: pd.DataFrame, setting: Setting) -> tuple[pd.DataFrame, list[str]]:
    """Return the setting's pairs with a column for each feature (NaN where it has no value), and their names."""
    own = select_features(features, setting.task, setting.model)
    names = [column for column in own.columns if column not in ("source", "target")]
    return tabulate_pairs(scores, setting).merge(own, on=["source", "target"], how="left"), names
