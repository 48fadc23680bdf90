"""The whole analysis of a scores table: every table and the summary, into one folder."""

import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from isogloss.analysis.correlation import correlate_features
from isogloss.analysis.few_shot import tabulate_few_shot
from isogloss.analysis.scores import (
    NO_SOURCE,
    SETTING,
    find_main_metric,
    list_settings,
    read_scores,
    transfer_matrix,
)
from isogloss.analysis.summary import compose_summary
from isogloss.files import complete_file

TABLES = ("matrices.csv", "correlations.csv", "few_shot.csv")
"""What analyse writes beside summary.md."""


def analyse(
    scores: str | os.PathLike,
    features: pd.DataFrame,
    out: str | os.PathLike,
    permutations: int = 10000,
    seed: int = 0,
    primary: Mapping[str, object] | None = None,
    notice: str | None = None,
) -> None:
    """Analyse a scores table: write TABLES and summary.md into the folder `out`.

    scores: a file as read_scores takes it. features: as select_features takes them. permutations, seed: of
    the QAP. primary: the declared hypothesis (task, model, shots, feature). notice: a line for the top of
    the summary. The same input gives the same output, byte for byte. Raises UserError for a bad scores file.
    """
    table = read_scores(scores)
    correlations = correlate_features(table, features, permutations, seed)
    few_shot = tabulate_few_shot(table)
    for name, result in zip(TABLES, (list_matrices(table), correlations, few_shot), strict=True):
        with complete_file(Path(out) / name) as beside:
            result.to_csv(beside, index=False, float_format="%.6g")
    with complete_file(Path(out) / "summary.md") as beside:
        text = compose_summary(table, correlations, few_shot, primary, notice)
        beside.write_text(text, encoding="utf-8")


def list_matrices(scores: pd.DataFrame) -> pd.DataFrame:
    """Return every transfer matrix of the scores, a row a cell.

    Columns: those of a Setting, metric, source, target, kind (transfer, in-language, none), score (mean over
    seeds). An in-language cell stands at every number of shots and always holds the 0-shot run.
    """
    rows = []
    for setting in list_settings(scores):
        key = [getattr(setting, column) for column in SETTING]
        matrix = transfer_matrix(scores, setting).rename_axis(columns="target")
        for (source, target), score in matrix.stack().dropna().items():
            kind = "in-language" if source == target else NO_SOURCE if source == NO_SOURCE else "transfer"
            rows.append([*key, find_main_metric(scores, setting.task), source, target, kind, score])
    return pd.DataFrame(rows, columns=[*SETTING, "metric", "source", "target", "kind", "score"])
