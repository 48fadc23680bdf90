"""Ranking dot plot: how well each ranker finds the best sources of a target, with intervals over targets."""

from itertools import groupby

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from isogloss.figures.page import (
    COLOURS,
    MARKS,
    OWN_SETTING,
    STYLE,
    Subject,
    add_legend,
    add_notice,
    draw_table,
    explain_settings,
    start_figure,
)

_ROW = 0.11
"""Height of a dot in inches."""

_PANELS = (
    ("ndcg_at_3", "ndcg_low", "ndcg_high", "NDCG@3 (higher is better)"),
    ("regret_at_1", "regret_low", "regret_high", "regret@1: score lost (lower is better)"),
)
_GROUPS = ("baseline", "feature", "model", "needs target labels")


def draw_rankers(subject: Subject) -> Figure:
    """Draw the rankers of a task and model in ranking.csv."""
    return draw_table(subject, "ranking.csv", "ndcg_at_3", draw_ranking, "no ranking of sources")


def draw_ranking(table: pd.DataFrame, title: str, notice: str | None = None) -> Figure:
    """Draw the rows of ranking.csv of one task and model: a line per ranker, a dot with its 95% interval per setting.

    Rankers are sorted by kind, then by NDCG@3 from best to worst. Rankers without a value are left out. Hollow dots
    require labels of the target. Dashed lines are the mean over all orders of the sources, in the colour of a setting.
    """
    table = table.dropna(subset="ndcg_at_3")
    settings = list(table.groupby(OWN_SETTING, sort=True))
    rankers = _order_rankers(table)
    with matplotlib.rc_context(STYLE):
        figure = start_figure(7.6, len(rankers) * (_ROW * len(settings) + 0.09) + 1.3)
        panels = figure.subplots(1, 2, sharey=True)
        for axes, (value, low, high, label) in zip(panels, _PANELS, strict=True):
            for place, (_, rows) in enumerate(settings):
                _draw_setting(axes, rows[["ranker", value, low, high]], rankers, place, len(settings))
            axes.set_xlabel(label)
            axes.set_xlim(left=0)
        panels[0].set_yticks(range(len(rankers)), [name for name, _ in rankers])
        panels[0].set_ylim(len(rankers) - 0.5, -0.5)
        panels[0].tick_params(axis="y", length=0)
        panels[1].tick_params(axis="y", length=0, labelleft=False)
        _mark_groups(panels, rankers)
        handles = _explain([name for name, _ in settings])
        add_legend(figure, handles, title, 4)
        add_notice(figure, notice)
    return figure


def _order_rankers(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Return each ranker with its group, in the order of the lines."""
    needs = table["needs_target_labels"].astype(str).str.lower() == "true"
    groups = table["kind"].mask(needs, _GROUPS[-1])
    means = table.assign(group=groups).groupby(["ranker", "group"])["ndcg_at_3"].mean()
    names = sorted(means.index, key=lambda key: (_GROUPS.index(key[1]), -means[key], key[0]))
    return [(name, group) for name, group in names]


def _draw_setting(axes: Axes, rows: pd.DataFrame, rankers: list[tuple[str, str]], place: int, count: int) -> None:
    colour, mark = COLOURS[place % len(COLOURS)], MARKS[place % len(MARKS)]
    values = rows.set_index("ranker").reindex([name for name, _ in rankers]).to_numpy(dtype=float)
    y = np.arange(len(rankers)) + (place - (count - 1) / 2) * 0.75 / count
    axes.hlines(y, values[:, 1], values[:, 2], color=colour, linewidth=1.1)
    fill = ["white" if group == _GROUPS[-1] else colour for _, group in rankers]
    axes.scatter(values[:, 0], y, s=15, marker=mark, c=fill, edgecolors=colour, linewidths=0.9, zorder=3, clip_on=False)
    for (name, _), value in zip(rankers, values[:, 0], strict=True):
        if name == "random":
            axes.axvline(value, color=colour, linewidth=0.7, linestyle="--", zorder=0)


def _mark_groups(panels: np.ndarray, rankers: list[tuple[str, str]]) -> None:
    """Write the name of each group at the right of its lines, and draw a line between groups."""
    row = 0
    for group, members in groupby(rankers, key=lambda ranker: ranker[1]):
        count = len(list(members))
        right = panels[1].get_yaxis_transform()
        middle = row + (count - 1) / 2
        text = group if group == _GROUPS[-1] else f"{group}s"
        panels[1].text(1.02, middle, text.replace("target ", "target\n"), transform=right, va="center", fontsize=6.5)
        if row:
            for axes in panels:
                axes.axhline(row - 0.5, color="black", linewidth=0.6)
        row += count


def _explain(settings: list[tuple]) -> list[Line2D]:
    lines = explain_settings(settings, linewidth=1.1)
    return [*lines, Line2D([], [], color="0.25", linewidth=0.7, linestyle="--", label="sources in random order")]
