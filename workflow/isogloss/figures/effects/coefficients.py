"""Coefficient plot: the coefficient of each feature in one regression, without and with source and target effects."""

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from isogloss.analysis.statistics.conventions import SIGNIFICANCE
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

_PANELS = (
    ("mrqap_coefficient", "p_mrqap", "standardised coefficient"),
    ("beyond_coefficient", "p_mrqap_beyond", "with source and target effects in the model"),
)
_CROSS = {"marker": "x", "color": "0.2"}
_ROW = 0.14
"""Height of a dot in inches."""


def draw_regression(subject: Subject) -> Figure:
    """Draw the coefficients of a task and model in regression.csv."""
    return draw_table(subject, "regression.csv", "coefficient", draw_coefficients, "no regression")


def draw_coefficients(table: pd.DataFrame, title: str, notice: str | None = None) -> Figure:
    """Draw the rows of regression.csv of one task and model: a line per feature, a dot per setting, with its MRQAP p.

    Filled dots have p < 0.05, hollow dots have p of 0.05 or more, crosses have no p. Features are in the order of the
    regression. Proxies are below a line; each is in a regression together with the features.
    """
    proxy = table["feature"] == table["with_proxy"]
    table = table[table["coefficient"].notna() & (table["with_proxy"].isna() | proxy)]
    plain = list(dict.fromkeys(table.loc[~proxy, "feature"]))
    names = [*plain, *dict.fromkeys(table.loc[proxy, "feature"])]
    settings = list(table.groupby(OWN_SETTING, sort=True))
    with matplotlib.rc_context(STYLE):
        figure = start_figure(7.6, len(names) * (_ROW * len(settings) + 0.12) + 1.35)
        panels = figure.subplots(1, 2, sharey=True, sharex=True)
        for axes, (value, p, label) in zip(panels, _PANELS, strict=True):
            for place, (_, rows) in enumerate(settings):
                _draw_setting(axes, rows.set_index("feature")[[value, p]].reindex(names), place, len(settings))
            axes.axvline(0, color="0.3", linewidth=0.7, zorder=0)
            for row in range(1, len(names)):
                axes.axhline(row - 0.5, color="0.85", linewidth=0.5, zorder=0)
            axes.set_xlabel(label)
            axes.tick_params(axis="y", length=0)
            axes.margins(x=0.22)
        panels[0].set_yticks(range(len(names)), names)
        panels[0].set_ylim(len(names) - 0.5, -0.5)
        if 0 < len(plain) < len(names):
            for axes in panels:
                axes.axhline(len(plain) - 0.5, color="black", linewidth=0.6)
        handles = _explain([name for name, _ in settings])
        add_legend(figure, handles, title, 4)
        add_notice(figure, notice)
    return figure


def _draw_setting(axes: Axes, rows: pd.DataFrame, place: int, count: int) -> None:
    colour, mark = COLOURS[place % len(COLOURS)], MARKS[place % len(MARKS)]
    for row, (value, p) in enumerate(rows.itertuples(index=False, name=None)):
        if np.isnan(value):
            continue
        y = row + (place - (count - 1) / 2) * 0.8 / count
        axes.plot([0, value], [y, y], color=colour, linewidth=0.9, zorder=1)
        look = {"marker": mark, "facecolors": colour if p < SIGNIFICANCE else "white", "edgecolors": colour}
        axes.scatter(value, y, s=17, linewidths=0.9, zorder=3, **(look if np.isfinite(p) else _CROSS))
        if np.isfinite(p):
            text = "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"
            aside, side = (4, "left") if value >= 0 else (-4, "right")
            axes.annotate(text, (value, y), (aside, 0), textcoords="offset points", ha=side, va="center", fontsize=5)


def _explain(settings: list[tuple]) -> list[Line2D]:
    lines = explain_settings(settings, linewidth=0.9)
    for label, fill in (("MRQAP p < 0.05", "0.2"), ("MRQAP p of 0.05 or more", "white")):
        look = {"marker": "o", "markersize": 4, "markeredgecolor": "0.2", "markerfacecolor": fill}
        lines.append(Line2D([], [], linestyle="none", label=label, **look))
    return lines
