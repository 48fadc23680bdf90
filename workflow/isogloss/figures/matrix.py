"""The transfer matrix as a heat map: sources in rows, targets in columns, sorted by family or by clustering."""

from collections.abc import Sequence
from itertools import groupby

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from isogloss.analysis.data.languages import Languages
from isogloss.analysis.data.scores import (
    NO_SCALE,
    UNNAMED,
    Setting,
    find_main_metric,
    list_settings,
    transfer_matrix,
)
from isogloss.analysis.pairs.clusters import Clusters, cluster_languages
from isogloss.common.run import ADDED_KEY, NO_SOURCE
from isogloss.figures.page import STYLE, Subject, add_notice, draw_blank, name_metric, start_figure

_LARGE = 16
"""Number of languages from which on cells are small."""

_CELL = {False: 0.42, True: 0.27}
"""Size of a cell in inches, by whether cells are small."""

_TYPE = {False: 6.5, True: 4.5}
"""Font size of the numbers in cells in points, by whether cells are small."""

_GAP = 0.3
"""Distance between the rows of languages and the row without a source, in cells."""

_BESIDE = {False: 0.85, True: 1.5}
"""Width of the part beside a matrix, in inches: names of families, or the tree if it is clustered."""


def draw_matrices(
    matrices: dict[str, pd.DataFrame],
    metric: str,
    notice: str | None = None,
    clustered: bool = False,
    limits: tuple[float, float] = (0.0, 1.0),
    languages: Languages | None = None,
) -> Figure:
    """Draw transfer matrices (as returned by transfer_matrix) below each other, each with its title.

    Languages are sorted by family, then by name. If clustered, they are ordered by cluster_languages for each matrix,
    with the tree beside it. Cells with a dashed frame are in-language, not transfer. The row `none` is separate. The
    colours range from 0 to 1 in every figure, so that figures can be compared. limits: the ends of the colours for
    other scores. languages: names, families and scripts.
    """
    languages, colours = languages or Languages(), ScalarMappable(Normalize(*limits), "cividis")
    with matplotlib.rc_context(STYLE):
        across = max(matrix.shape[1] for matrix in matrices.values())
        down = sum(len(matrix) + 2.5 for matrix in matrices.values())
        cell = _CELL[across >= _LARGE]
        figure = start_figure(cell * across + _BESIDE[clustered] + 2.6, cell * down + 0.7)
        heights = [len(matrix) for matrix in matrices.values()]
        axes = figure.subplots(len(matrices), 1, squeeze=False, height_ratios=heights)[:, 0]
        for place, (title, matrix) in zip(axes, matrices.items(), strict=True):
            clusters = cluster_languages(matrix, languages) if clustered else None
            _draw_matrix(place, matrix, title, clusters, colours, languages)
        figure.colorbar(colours, ax=list(axes), shrink=0.6, aspect=30, label=name_metric(metric), pad=0.02)
        add_notice(figure, notice)
    return figure


def _draw_matrix(
    axes: Axes,
    matrix: pd.DataFrame,
    title: str,
    clusters: Clusters | None,
    colours: ScalarMappable,
    languages: Languages,
) -> None:
    order = clusters.order if clusters else languages.order({*matrix.index, *matrix.columns} - {NO_SOURCE})
    targets = [language for language in order if language in matrix.columns]
    sources = [language for language in order if language in matrix.index]
    small = len(targets) >= _LARGE
    for row, source in enumerate(sources):
        for column, target in enumerate(targets):
            _draw_cell(axes, column, row, matrix.loc[source, target], source == target, _TYPE[small], colours)
    places, names = list(range(len(sources))), [_name_row(source, languages) for source in sources]
    if NO_SOURCE in matrix.index:
        row = len(sources) + _GAP
        for column, target in enumerate(targets):
            _draw_cell(axes, column, row, matrix.loc[NO_SOURCE, target], False, _TYPE[small], colours)
        places, names = [*places, row], [*names, "target-only (no source)"]
    beside = _BESIDE[clusters is not None] / _CELL[small]
    axes.set_xlim(-0.5, len(targets) - 0.5 + beside)
    axes.set_ylim(places[-1] + 0.5, -0.5)
    axes.set_aspect("equal")
    axes.set_yticks(places, names)
    axes.set_xticks(range(len(targets)), targets)
    axes.tick_params(length=0, labeltop=True, labelbottom=False, labelsize=6 if small else 7)
    axes.spines[:].set_visible(False)
    diagonal = any(language in sources and np.isfinite(matrix.loc[language, language]) for language in targets)
    frames = "dashed frame: in-language, 0 shots, not transfer" if diagonal else ""
    by = "languages by clustering of transfer, source and target effects removed" if clusters else ""
    axes.set_title("\n".join([title, *filter(None, [by, frames]), ""]), fontsize=8, loc="left")
    axes.set_xlabel("target (tested on)", loc="left")
    axes.xaxis.set_label_position("top")
    axes.set_ylabel("source (trained on)")
    if clusters is None:
        _mark_families(axes, [languages.find_family(source) for source in sources], len(targets))
    elif sources[: clusters.joined] == list(clusters.order[: clusters.joined]):
        _draw_tree(axes, clusters, len(targets), beside - 0.6)


def _draw_cell(
    axes: Axes, column: float, row: float, score: float, in_language: bool, size: float, colours: ScalarMappable
) -> None:
    corner = (column - 0.5, row - 0.5)
    if np.isnan(score):
        axes.add_patch(Rectangle(corner, 1, 1, facecolor="0.95", edgecolor="white", linewidth=0.8))
        return
    shade = float(colours.norm(score))
    colour, ink = colours.cmap(shade), "black" if shade > 0.5 else "white"
    axes.add_patch(Rectangle(corner, 1, 1, facecolor=colour, edgecolor="white", linewidth=0.8))
    if in_language:
        look = {"fill": False, "edgecolor": ink, "linewidth": 0.9, "linestyle": "--"}
        axes.add_patch(Rectangle((column - 0.44, row - 0.44), 0.88, 0.88, **look))
    axes.text(column, row, show_score(score), ha="center", va="center", fontsize=size, color=ink)


def show_score(score: float) -> str:
    """Return a score for a cell: two decimals below 10, and four characters or so above."""
    return f"{score:.2f}" if abs(score) < 10 else f"{score:.1f}" if abs(score) < 100 else f"{score:.3g}"


def _name_row(code: str, languages: Languages) -> str:
    name, script = languages.find_name(code), languages.find_script(code)
    named = f"{name} ({script})" if name and script else name or (f"({script})" if script else "")
    return f"{named}  {code}" if named else code


def _mark_families(axes: Axes, families: Sequence[str], right: int) -> None:
    """Write the name of each family beside its rows, and draw a line between families."""
    row = 0
    for family, members in groupby(families):
        count = len(list(members))
        axes.text(right - 0.35, row + (count - 1) / 2, family, va="center", ha="left", fontsize=6.5, color="0.3")
        if row:
            axes.plot([-0.5, right - 0.5], [row - 0.5, row - 0.5], color="black", linewidth=0.8)
        row += count


def _draw_tree(axes: Axes, clusters: Clusters, right: int, width: float) -> None:
    """Draw the tree beside the rows, with its leaves at the rows and its root at the right, `width` cells away."""
    tallest = max((corners[:, 1].max() for corners in clusters.tree), default=0)
    for corners in clusters.tree:
        reach = corners[:, 1] / tallest * width if tallest > 0 else corners[:, 1]
        axes.plot(right - 0.3 + reach, corners[:, 0], color="0.3", linewidth=0.7)


def draw_by_family(subject: Subject) -> Figure:
    """Draw the transfer matrices at a number of shots (the value of the subject), with languages sorted by family."""
    return _draw_shots(subject, clustered=False)


def draw_by_clustering(subject: Subject) -> Figure:
    """Draw the same matrices, with languages ordered by clustering."""
    return _draw_shots(subject, clustered=True)


def _draw_shots(subject: Subject, clustered: bool) -> Figure:
    """Draw all settings (n, adaptation, test corpus) with this number of shots in one figure."""
    scores, shots = subject.scores, int(subject.value)
    settings = [s for s in list_settings(scores) if (s.task, s.model, s.shots) == (subject.task, subject.model, shots)]
    if not settings:
        return draw_blank(f"{subject.title}: no single-source transfer runs at {shots} shots", subject.notice)
    matrices = {name_setting(setting): transfer_matrix(scores, setting) for setting in settings}
    metric = find_main_metric(scores, subject.task)
    limits = find_limits(scores, subject.task, metric) if subject.scale == NO_SCALE else (0.0, 1.0)
    return draw_matrices(matrices, metric, subject.notice, clustered, limits, subject.languages)


def find_limits(scores: pd.DataFrame, task: str, metric: str) -> tuple[float, float]:
    """Return the lowest and the highest score of a task, so that all its figures have the same colours."""
    own = scores.loc[(scores["task"] == task) & (scores["metric"] == metric), "score"]
    low, high = float(own.min()), float(own.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def name_setting(setting: Setting) -> str:
    """Return a title for a setting: `ner, tiny-mt5: 20 shots (sequential), n = 600`."""
    how = "zero-shot" if setting.shots == 0 else f"{setting.shots} shots ({setting.adaptation})"
    n = f", n = {setting.n}" if setting.n else ""
    on = "" if setting.test_corpus in (setting.task, UNNAMED) else f", tested on {setting.test_corpus}"
    added = "".join(f", {name} {getattr(setting, name)}" for name in ADDED_KEY)
    return f"{setting.task}, {setting.model}: {how}{n}{on}{added}"
