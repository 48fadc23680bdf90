"""Every figure of an analysis, a folder for each task and model."""

import os
from pathlib import Path

import pandas as pd

from isogloss.analysis.data.scores import list_settings
from isogloss.analysis.pairs.correlation import select_features
from isogloss.figures.coefficients import draw_coefficients
from isogloss.figures.few_shot import write_few_shot
from isogloss.figures.matrix import write_matrices
from isogloss.figures.multi_source import write_multi_source
from isogloss.figures.page import draw_blank, read_table, save_figure
from isogloss.figures.ranking import draw_ranking
from isogloss.figures.scatter import choose_zero_shot, write_scatters
from isogloss.figures.variance import draw_variance

EFFECTS = {
    "variance-bars": ("variance.csv", "component_pair", draw_variance, "no shares of variance"),
    "coefficients": ("regression.csv", "coefficient", draw_coefficients, "no regression"),
    "ranking": ("ranking.csv", "ndcg_at_3", draw_ranking, "no ranking of sources"),
}
"""Figures drawn of one table: file, the column without which nothing can be drawn, how, and what to say instead."""


def write_figures(
    scores: pd.DataFrame,
    features: pd.DataFrame,
    tables: str | os.PathLike,
    out: str | os.PathLike,
    notice: str | None = None,
) -> None:
    """Draw whatever the data allow into `out`/{task}/{model}/.

    scores: as read_scores returns them. features: as select_features takes them. tables: the folder that analyse
    wrote from both. A `/` in a name (`google/mt5-base`) becomes `-` in the folder's.
    """
    settings = list_settings(scores)
    for task, model in dict.fromkeys((setting.task, setting.model) for setting in settings):
        folder = Path(out) / task.replace("/", "-") / model.replace("/", "-")
        shots = sorted({one.shots for one in settings if (one.task, one.model) == (task, model)})
        write_matrices(scores, task, model, shots, folder, notice)
        if choose_zero_shot(scores, task, model):
            names = [name for name in select_features(features, task, model) if name not in ("source", "target")]
            correlations = read_table(Path(tables) / "correlations.csv", task, model)
            write_scatters(scores, features, correlations, task, model, names, folder, notice)
        if len(shots) > 1:
            write_few_shot(scores, task, model, folder, notice)
        write_effects(tables, task, model, folder, notice)
    compared = pd.read_csv(Path(tables) / "multi_source_means.csv", dtype=str).dropna(subset="sense")
    for task, model, sense in compared[["task", "model", "sense"]].drop_duplicates().itertuples(index=False):
        folder = Path(out) / task.replace("/", "-") / model.replace("/", "-")
        write_multi_source(tables, task, model, folder, notice, sense)


def write_effects(
    tables: str | os.PathLike, task: str, model: str, out_folder: str | os.PathLike, notice: str | None = None
) -> None:
    """Write every figure of EFFECTS; tables: the folder that analyse wrote."""
    for stem in EFFECTS:
        write_effect(stem, tables, task, model, out_folder, notice)


def write_effect(
    stem: str,
    tables: str | os.PathLike,
    task: str,
    model: str,
    out_folder: str | os.PathLike,
    notice: str | None = None,
) -> None:
    """Write one figure of EFFECTS as .svg and .png; a page that says so where its table holds nothing to draw."""
    file, needed, draw, nothing = EFFECTS[stem]
    table = read_table(Path(tables) / file, task, model)
    title = f"{task}, {model}"
    some = table[needed].notna().any()
    figure = draw(table, title, notice) if some else draw_blank(f"{title}: {nothing}", notice)
    save_figure(figure, Path(out_folder) / stem)
