"""Few-shot curves: the transfer score of each target by number of target sentences, with the law and its band."""

from collections.abc import Mapping

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.languages import Languages
from isogloss.analysis.data.scores import NO_SCALE, UNIT
from isogloss.analysis.few_shot.bands import Band, draw_bands
from isogloss.analysis.few_shot.few_shot import tabulate_few_shot
from isogloss.analysis.few_shot.held_out import compare_laws
from isogloss.analysis.few_shot.learning_curves import CONDITION, list_curves
from isogloss.figures.page import COLOURS, STYLE, Subject, add_notice, draw_blank, name_metric, start_figure

_ACROSS = 5
_MARKS = "oD^vP<>"
"""One fewer than the colours. The mark of target-only runs is not used, so that marks identify conditions in print."""

_APART = 1.5
"""Distance between the whiskers of two conditions, in points."""

_NEAREST = 0.14
"""Smallest distance of two tick labels, as a share of the axis."""

_ALONE = {"color": "0.25", "linewidth": 0.8, "linestyle": "-.", "marker": "s", "markersize": 2.2}
_BOUND = {"color": "0.25", "linewidth": 0.8, "linestyle": ":"}


def draw_few_shot(
    table: pd.DataFrame,
    bands: Mapping[tuple, Band],
    title: str,
    notice: str | None = None,
    scale: str = UNIT,
    languages: Languages | None = None,
) -> Figure:
    """Draw the few-shot curves of one task and model (rows of tabulate_few_shot), one panel per target.

    bands: (condition, target) -> band, as returned by draw_bands; without a band, only the points are drawn. Marks:
    measured means over sources, with a whisker from the lowest to the highest source. Line and band: the chosen law and
    its 95% interval, dashed beyond the measured range, with the name of the law in the corner. Dash-dotted: target-only
    runs. Dotted: in-language training, 0 shots. Conditions differ in colour and mark. The axis is ln(1 + shots).
    Scores are drawn from 0 to 1; if the scale is `none`, over their own range. languages: their names and families.
    """
    languages = languages or Languages()
    targets = languages.order(table["target"])
    rows = -(-len(targets) // _ACROSS)
    conditions = dict(iter(table.groupby(CONDITION, sort=True)))
    with matplotlib.rc_context(STYLE):
        figure = start_figure(8.0, 1.9 * rows + 1.0)
        grid = figure.subplots(rows, _ACROSS, sharex=True, sharey=True, squeeze=False)
        for place, axes in enumerate(grid.flat):
            if place < len(targets):
                own = {
                    condition: points[points["target"] == targets[place]] for condition, points in conditions.items()
                }
                _draw_target(axes, own, bands, targets[place])
                name = languages.find_name(targets[place])
                axes.set_title(f"{name} ({targets[place]})" if name else targets[place], fontsize=7.5)
            else:
                axes.set_axis_off()
        _mark_shots(grid[0, 0], sorted(table["shots"].unique()))
        if scale != NO_SCALE:
            grid[0, 0].set_ylim(0, 1)
        figure.supylabel(f"{name_metric(table['metric'].iloc[0])} on the target", fontsize=8)
        for axes in grid[-1]:
            axes.set_xlabel("shots k, on ln(1 + k)")
        handles = _explain(list(conditions), any(band.shots[-1] > table["shots"].max() for band in bands.values()))
        figure.legend(
            handles=handles, title=title, title_fontsize=9, loc="outside upper center", ncols=4, handlelength=3
        )
        add_notice(figure, notice)
    return figure


def _mark_shots(axes: Axes, shots: list[int]) -> None:
    """Label the measured numbers of shots, from the largest down, if there is room for a label."""
    low, high = axes.get_xlim()
    labelled: list[int] = []
    for k in reversed(shots):
        if not labelled or np.log1p(labelled[-1]) - np.log1p(k) >= _NEAREST * (high - low):
            labelled.append(k)
    axes.set_xticks(np.log1p(shots), [str(k) if k in labelled else "" for k in shots])


def _draw_target(
    axes: Axes, conditions: Mapping[tuple, pd.DataFrame], bands: Mapping[tuple, Band], target: str
) -> None:
    names = []
    for place, (condition, points) in enumerate(conditions.items()):
        if points.empty:
            continue
        colour, points = COLOURS[place % len(COLOURS)], points.sort_values("shots")
        aside = matplotlib.transforms.ScaledTranslation(_APART * place / 72, 0, axes.figure.dpi_scale_trans)
        x, mean = np.log1p(points["shots"]), points["mean_score"]
        # By rounding, the mean of equal scores may differ from them; the length of a whisker must not be negative.
        reach = np.maximum(0, [mean - points["min_score"], points["max_score"] - mean])
        whiskers = {"ecolor": colour, "elinewidth": 0.6, "alpha": 0.6, "transform": axes.transData + aside}
        axes.errorbar(x, mean, reach, fmt="none", **whiskers)
        mark = _MARKS[place % len(_MARKS)]
        axes.plot(x, mean, linestyle="none", color=colour, marker=mark, markersize=3)
        axes.plot(x, points["none_score"], **_ALONE)
        if (condition, target) in bands:
            _draw_band(axes, bands[condition, target], points["shots"].max(), colour)
            names.append(bands[condition, target].law)
        bound = points["in_language_score"].iloc[0]
        if np.isfinite(bound):
            axes.axhline(bound, **_BOUND)
    axes.text(0.97, 0.03, ", ".join(names), transform=axes.transAxes, ha="right", va="bottom", fontsize=6, color="0.3")


def _draw_band(axes: Axes, band: Band, most: int, colour: str) -> None:
    """Draw a law and its interval; a band with a lower gap has no line between 0 shots and the next number."""
    first = 1 if band.lower_gap else 0
    x, measured = np.log1p(band.shots), band.shots <= most
    inside = slice(first, int(measured.sum()))
    axes.plot(x[inside], band.score[inside], color=colour, linewidth=1.2)
    if not measured.all():
        beyond = slice(inside.stop - 1, None)
        axes.plot(x[beyond], band.score[beyond], color=colour, linewidth=1.0, linestyle=(0, (3, 2)))
    if np.isfinite(band.low).all():
        axes.fill_between(x[first:], band.low[first:], band.high[first:], color=colour, alpha=0.18, linewidth=0)


def _explain(conditions: list[tuple], forecast: bool) -> list:
    names = ["law, or line, of means over sources"]
    if len(conditions) > 1:
        names = [f"n = {n}, {adaptation}, {corpus}" for _, _, corpus, n, adaptation in conditions]
    lines = [
        Line2D(
            [],
            [],
            color=COLOURS[place % len(COLOURS)],
            linewidth=1.2,
            marker=_MARKS[place % len(_MARKS)],
            markersize=3,
            label=name,
        )
        for place, name in enumerate(names)
    ]
    beyond = [Line2D([], [], color=COLOURS[0], linewidth=1.0, linestyle=(0, (3, 2)), label="forecast")]
    return [
        *lines,
        *(beyond if forecast else []),
        Patch(color=COLOURS[0], alpha=0.18, label="95% interval"),
        Line2D([], [], color=COLOURS[0], alpha=0.6, linestyle="none", marker="|", label="lowest to highest source"),
        Line2D([], [], label="target-only (no source)", **_ALONE),
        Line2D([], [], label="in-language, 0 shots", **_BOUND),
    ]


def draw_curves_of(subject: Subject) -> Figure:
    """Draw the few-shot curves of a task and model."""
    scores = subject.scores
    scores = scores[(scores["task"] == subject.task) & (scores["model"] == subject.model)]
    table = tabulate_few_shot(Evidence(scores, scale=subject.scale))
    if not len(table):
        return draw_blank(f"{subject.title}: no single-source transfer", subject.notice)
    curves = [curve for curve in list_curves(scores, subject.scale) if curve.kind == "target"]
    drawn = draw_bands(curves, compare_laws(curves))
    bands = {(curve.condition, curve.target): band for curve, band in zip(curves, drawn, strict=True)}
    return draw_few_shot(table, bands, subject.title, subject.notice, subject.scale, subject.languages)
