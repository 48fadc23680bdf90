"""Common parts of figures: style, notice at the bottom, legends, and saving."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from isogloss.analysis.data.languages import Languages
from isogloss.analysis.data.scores import UNIT
from isogloss.common.files import complete_file
from isogloss.common.run import ADDED_KEY

STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "svg.hashsalt": "isogloss",
    "savefig.dpi": 200,
}
"""Style for print: small font, thin lines. The salt makes the names inside an SVG reproducible."""

OWN_SETTING = ["shots", "n", "adaptation", "test_corpus", *ADDED_KEY]
"""The columns that distinguish the settings of a task and model, in the order of drawing."""

MARKS = "osD^vP<"
"""One fewer than the colours, so that marks and colours together distinguish 56 items."""

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#8C8C00")
"""Colours that colour-blind readers can distinguish (Okabe & Ito 2008, with a darker yellow for white paper)."""


def name_metric(metric: str) -> str:
    """Return a metric's name for an axis: `F1` for f1."""
    return {"f1": "F1"}.get(metric, metric)


def read_table(path: str | os.PathLike, task: str, model: str) -> pd.DataFrame:
    """Return the rows of a task and model from a table of analyse; empty cells are NaN."""
    names = dict.fromkeys(("task", "model", "test_corpus", "adaptation"), str)
    table = pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=names)
    return table[(table["task"] == task) & (table["model"] == model)].reset_index(drop=True)


def name_settings(settings: Sequence[tuple]) -> list[str]:
    """Return a name for each setting (OWN_SETTING): `20 shots (sequential)`, and more if this name is not unique."""
    names = []
    for shots, n, adaptation, corpus, *added in settings:
        name = "zero-shot" if shots == 0 else f"{shots} shots ({adaptation})"
        alike = [one for one in settings if one[0] == shots]
        more = "".join(f", {axis} {value}" for axis, value in zip(ADDED_KEY, added, strict=True))
        names.append(name + (f", n = {n}, {corpus}{more}" if len(alike) > 1 else ""))
    return names


def explain_settings(settings: Sequence[tuple], linewidth: float) -> list[Line2D]:
    """Return the legend line of each setting, with the colour and mark of its place."""
    lines = []
    for place, name in enumerate(name_settings(settings)):
        look = {"marker": MARKS[place % len(MARKS)], "markersize": 4, "linewidth": linewidth}
        lines.append(Line2D([], [], color=COLOURS[place % len(COLOURS)], label=name, **look))
    return lines


def start_figure(width: float, height: float) -> Figure:
    """Return an empty figure of a size in inches, with constrained layout."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def add_legend(figure: Figure, handles: Sequence[Line2D], title: str, columns: int) -> None:
    """Add a legend with a title above a figure, in at most `columns` columns.

    A figure with few panels is narrow. It is widened to the width of the title, the legend has as many columns as fit,
    and the figure becomes higher by the additional rows. Call this function in the style in which the figure is saved.
    """
    look = {"title": title, "title_fontsize": 9, "loc": "outside upper center"}

    def measure(legend: Legend) -> tuple[float, float]:
        extent = legend.get_window_extent(figure.canvas.get_renderer())
        return extent.width / figure.dpi, extent.height / figure.dpi

    bare = figure.legend(handles=handles[:1], **look)
    figure.set_figwidth(max(figure.get_figwidth(), measure(bare)[0]))
    bare.remove()
    heights = []
    for ncols in range(columns, 0, -1):
        legend = figure.legend(handles=handles, ncols=ncols, **look)
        width, height = measure(legend)
        heights.append(height)
        if width <= figure.get_figwidth() or ncols == 1:
            break
        legend.remove()
    figure.set_figheight(figure.get_figheight() + heights[-1] - heights[0])


def draw_blank(reason: str, notice: str | None = None) -> Figure:
    """Return a figure that contains only the reason why there is nothing to draw."""
    with matplotlib.rc_context(STYLE):
        figure = start_figure(5.0, 1.2)
        figure.text(0.5, 0.5, reason, ha="center", va="center", fontsize=8)
        add_notice(figure, notice)
    return figure


def add_notice(figure: Figure, notice: str | None) -> None:
    """Print a small line at the bottom of a figure, if there is a notice."""
    if notice:
        figure.supxlabel(notice, fontsize=6, color="0.35", style="italic", wrap=True)


def save_figure(figure: Figure, stem: str | os.PathLike) -> None:
    """Write `stem`.svg and `stem`.png atomically; the same figure results in the same bytes."""
    for ending, metadata in (("svg", {"Date": None}), ("png", {"Software": None})):
        with (
            complete_file(Path(f"{stem}.{ending}")) as beside,
            matplotlib.rc_context(STYLE),
        ):
            figure.savefig(beside, format=ending, metadata=metadata)
            figure.set_layout_engine(
                "none"
            )  # keeps the layout for the second file; computing it is a third of the work


@dataclass(frozen=True)
class Subject:
    """The data of one figure.

    value: the number of shots, the feature or the sense of pre-training, depending on the scope of the figure;
    otherwise "". notice: a line at the bottom. scores: as returned by read_scores, for all tasks and models. features:
    as select_features takes them. tables: file name -> path of the tables of the analysis. scale: the
    scale of the file of the scores. languages: names, families and scripts. Data that the entry of the figure does not
    read can be missing.
    """

    task: str
    model: str
    value: str = ""
    notice: str | None = None
    scores: pd.DataFrame | None = None
    features: pd.DataFrame | None = None
    tables: Mapping[str, Path] = field(default_factory=dict)
    scale: str = UNIT
    languages: Languages = field(default_factory=Languages)

    @property
    def title(self) -> str:
        """The task and model, as in the titles of figures."""
        return f"{self.task}, {self.model}"

    def read(self, name: str) -> pd.DataFrame:
        """Return the rows of the task and model from a table of the analysis, by file name."""
        return read_table(self.tables[name], self.task, self.model)


def draw_table(
    subject: Subject,
    name: str,
    needed: str,
    draw: Callable[[pd.DataFrame, str, str | None], Figure],
    nothing: str,
) -> Figure:
    """Draw one table of the analysis; if its column `needed` has no values, return a figure with the text `nothing`."""
    table = subject.read(name)
    if table[needed].notna().any():
        return draw(table, subject.title, subject.notice)
    return draw_blank(f"{subject.title}: {nothing}", subject.notice)
