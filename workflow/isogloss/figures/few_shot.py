"""Few-shot curves: for each target, transfer against the number of target sentences on a log axis."""

import os
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from isogloss.analysis.few_shot import tabulate_few_shot
from isogloss.analysis.scores import read_scores
from isogloss.figures.page import (
    COLOURS,
    STYLE,
    add_notice,
    draw_blank,
    name_metric,
    order_languages,
    save_figure,
    start_figure,
)
from isogloss.languages import LANGUAGES

_ARM = ["test_corpus", "n", "adaptation"]
_ACROSS = 5


def draw_few_shot(table: pd.DataFrame, title: str, notice: str | None = None) -> Figure:
    """Draw the few-shot curves of one task and model (rows of tabulate_few_shot), a panel for each target.

    Line: mean over sources. Band: lowest to highest source. Dashed: the shots alone. Dotted: in-language
    training, 0 shots. Arms (n, adaptation, test corpus) differ in colour. The axis is ln(1 + shots).
    """
    targets = order_languages(table["target"])
    rows = -(-len(targets) // _ACROSS)
    arms = list(table.groupby(_ARM, sort=True))
    with matplotlib.rc_context(STYLE):
        figure = start_figure(8.0, 1.9 * rows + 1.0)
        grid = figure.subplots(rows, _ACROSS, sharex=True, sharey=True, squeeze=False)
        for place, axes in enumerate(grid.flat):
            if place < len(targets):
                _draw_target(axes, [arm[arm["target"] == targets[place]] for _, arm in arms], targets[place])
            else:
                axes.set_axis_off()
        shots = sorted(table["shots"].unique())
        grid[0, 0].set_xticks(np.log1p(shots), [str(k) for k in shots])
        grid[0, 0].set_ylim(0, 1)
        figure.supylabel(f"{name_metric(table['metric'].iloc[0])} on the target", fontsize=8)
        for axes in grid[-1]:
            axes.set_xlabel("shots k, on ln(1 + k)")
        handles = _explain([name for name, _ in arms])
        figure.legend(handles=handles, title=title, title_fontsize=9, loc="outside upper center", ncols=4)
        add_notice(figure, notice)
    return figure


def _draw_target(axes: Axes, arms: list[pd.DataFrame], target: str) -> None:
    for place, arm in enumerate(arms):
        colour = COLOURS[place % len(COLOURS)]
        arm = arm.sort_values("shots")
        x = np.log1p(arm["shots"])
        axes.fill_between(x, arm["min_score"], arm["max_score"], color=colour, alpha=0.18, linewidth=0)
        axes.plot(x, arm["mean_score"], color=colour, linewidth=1.2, marker="o", markersize=2.5)
        axes.plot(x, arm["none_score"], color="0.25", linewidth=0.9, linestyle="--", marker="s", markersize=2)
        bound = arm["in_language_score"].iloc[0] if len(arm) else np.nan
        if np.isfinite(bound):
            axes.axhline(bound, color="0.25", linewidth=0.8, linestyle=":")
    language = LANGUAGES.get(target)
    axes.set_title(target if language is None else f"{language.name} ({target})", fontsize=7.5)


def _explain(arms: list[tuple]) -> list:
    names = [f"mean over sources: n = {n}, {adaptation}, {corpus}" for corpus, n, adaptation in arms]
    if len(arms) == 1:
        names = ["mean over sources"]
    lines = [
        Line2D([], [], color=COLOURS[place % len(COLOURS)], linewidth=1.2, marker="o", markersize=2.5, label=name)
        for place, name in enumerate(names)
    ]
    alone = {"color": "0.25", "linewidth": 0.9, "linestyle": "--", "marker": "s", "markersize": 2}
    return [
        *lines,
        Patch(color=COLOURS[0], alpha=0.18, label="lowest to highest source"),
        Line2D([], [], label="the shots alone", **alone),
        Line2D([], [], color="0.25", linewidth=0.8, linestyle=":", label="in-language, 0 shots"),
    ]


def write_few_shot(
    scores_csv: str | os.PathLike,
    task: str,
    model: str,
    out_folder: str | os.PathLike,
    notice: str | None = None,
) -> None:
    """Write few-shot.svg and .png into `out_folder` for a task and model."""
    table = tabulate_few_shot(read_scores(scores_csv))
    table = table[(table["task"] == task) & (table["model"] == model)]
    blank = f"{task}, {model}: no single-source transfer"
    figure = draw_few_shot(table, f"{task}, {model}", notice) if len(table) else draw_blank(blank, notice)
    save_figure(figure, Path(out_folder) / "few-shot")
