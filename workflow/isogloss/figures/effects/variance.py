"""Variance bars: the shares of sources, targets, their pairs and seeds in the variance of a transfer matrix."""

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from isogloss.figures.page import (
    OWN_SETTING,
    STYLE,
    Subject,
    add_legend,
    add_notice,
    draw_table,
    name_settings,
    start_figure,
)

_PARTS = {
    "component_source": ("source", "#0072B2", "", "white"),
    "component_target": ("target", "#56B4E9", "///", "black"),
    "component_pair": ("pair", "#E69F00", "", "black"),
    "component_seed": ("seed", "white", "...", "black"),
}
"""Name, colour, hatch and text colour of each part."""

_NARROW = 0.06
"""Parts with a smaller share have no number."""


def draw_shares(subject: Subject) -> Figure:
    """Draw the variance bars of a task and model in variance.csv."""
    return draw_table(subject, "variance.csv", "component_pair", draw_variance, "no shares of variance")


def draw_variance(table: pd.DataFrame, title: str, notice: str | None = None) -> Figure:
    """Draw the rows of variance.csv of one task and model: a bar per setting, from 0 to 100% of the variance of a run.

    Parts also differ in hatch. The diamond is the share of the variance of cells that source and target explain
    together by least squares. The text beside a bar is the reliability of the mean over several seeds.
    """
    table = table.dropna(subset="component_pair").sort_values(OWN_SETTING).reset_index(drop=True)
    seeds = table["component_seed"].notna()
    with matplotlib.rc_context(STYLE | {"hatch.linewidth": 0.4}):
        figure = start_figure(6.6, 0.36 * len(table) + 1.35)
        axes = figure.subplots()
        for place, row in table.iterrows():
            _draw_bar(axes, place, row)
        axes.set_yticks(range(len(table)), name_settings(list(table[OWN_SETTING].itertuples(index=False, name=None))))
        axes.set_ylim(len(table) - 0.4, -0.6)
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(matplotlib.ticker.PercentFormatter(1.0))
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("share of the variance over language pairs")
        handles = [_explain(column, seeds.all(), seeds.any()) for column in _PARTS]
        both = Line2D([], [], color="black", marker="D", markersize=4, linestyle="none")
        both.set_label("R2 of source and target")
        handles = [*filter(None, handles), both]
        add_legend(figure, handles, title, 5)
        add_notice(figure, notice)
    return figure


def _draw_bar(axes: Axes, place: int, row: pd.Series) -> None:
    left = 0.0
    for column, (_, colour, hatch, ink) in _PARTS.items():
        width = row[column]
        if np.isnan(width):
            continue
        axes.barh(place, width, 0.62, left=left, color=colour, hatch=hatch, edgecolor="black", linewidth=0.5)
        if width >= _NARROW:
            frame = {"boxstyle": "round,pad=0.15", "facecolor": colour, "edgecolor": "none"}
            look = {"ha": "center", "va": "center", "fontsize": 7, "color": ink, "bbox": frame}
            axes.text(left + width / 2, place, f"{width:.0%}", **look)
        left += width
    axes.plot(row["share_both"], place + 0.31, color="black", marker="D", markersize=4, clip_on=False, zorder=4)
    if np.isfinite(row["reliability"]):
        text = f"reliability {row['reliability']:.2f}"
        axes.text(1.01, place, text, transform=axes.get_yaxis_transform(), va="center", fontsize=6.5)


def _explain(column: str, all_seeds: bool, some_seeds: bool) -> Patch | None:
    name, colour, hatch, _ = _PARTS[column]
    if column == "component_seed" and not some_seeds:
        return None
    if column == "component_pair" and not all_seeds:
        name = "pair (and seed, if there is only one)" if some_seeds else "pair, with the noise of the single seed"
    return Patch(facecolor=colour, hatch=hatch, edgecolor="black", linewidth=0.5, label=name)
