"""A feature against zero-shot transfer: one point a pair, each labelled source-target."""

import os
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from isogloss.analysis.correlation import correlate_pairs, select_features, tabulate_pairs
from isogloss.analysis.scores import find_main_metric, list_settings, read_scores
from isogloss.figures.matrix import name_setting
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

_MARKS = "os^DvP<"
"""One fewer than the colours, so that mark and colour together tell 56 targets apart."""

_SIZE = 5
"""Points: of the labels' type."""


def draw_scatter(
    pairs: pd.DataFrame,
    feature: str,
    title: str,
    metric: str = "f1",
    notice: str | None = None,
) -> Figure:
    """Draw the scores of pairs (source, target, score, feature's column) against a feature.

    Colour and mark tell the target; each point is labelled `source-target` where there is room, with a thin
    line if the label had to move. The line is least squares; r, n and the plain p stand in the title, and the
    p is called plain.
    """
    n_pairs, n_languages, r, p, note = correlate_pairs(pairs, feature)
    found = f"r = {r:.2f}, plain p = {p:.2g} (takes pairs as independent)" if np.isfinite(r) else note
    known = pairs.dropna(subset=[feature])
    with matplotlib.rc_context(STYLE):
        figure = start_figure(7.2, 5.4)
        axes = figure.subplots()
        for place, target in enumerate(order_languages(known["target"])):
            of_target = known[known["target"] == target]
            axes.scatter(
                of_target[feature],
                of_target["score"],
                s=13,
                marker=_MARKS[place % len(_MARKS)],
                color=COLOURS[place % len(COLOURS)],
                linewidths=0,
                label=target,
            )
        if np.isfinite(r):
            ends = np.array([known[feature].min(), known[feature].max()])
            slope, level = np.polyfit(known[feature], known["score"], 1)
            axes.plot(ends, slope * ends + level, color="0.5", linewidth=0.8, zorder=0)
        axes.set_title(f"{title}\n{n_pairs} pairs of {n_languages} languages: {found}")
        axes.set_xlabel(feature)
        axes.set_ylabel(f"{name_metric(metric)} on the target")
        axes.margins(0.08, 0.05)
        figure.legend(title="target", loc="outside right center", markerscale=1.4)
        add_notice(figure, notice)
        figure.canvas.draw()
        _label_points(axes, known, feature)
    return figure


def _label_points(axes: Axes, pairs: pd.DataFrame, feature: str) -> None:
    """Set each pair's label at the nearest free place around its point; leave out what finds none."""
    per_point = axes.figure.dpi / 72
    points = axes.transData.transform(pairs[[feature, "score"]].to_numpy(dtype=float))
    frame = axes.get_window_extent()
    taken = np.column_stack([points - 2 * per_point, points + 2 * per_point])
    for (x, y), source, target in zip(points, pairs["source"], pairs["target"], strict=True):
        text = f"{source}-{target}"
        width, height = 0.62 * _SIZE * len(text) * per_point, 1.05 * _SIZE * per_point
        for dx, dy, far in _list_offsets(width, height, per_point):
            box = np.array([x + dx, y + dy - height / 2, x + dx + width, y + dy + height / 2])
            inside = frame.x0 <= box[0] and box[2] <= frame.x1 and frame.y0 <= box[1] and box[3] <= frame.y1
            if inside and not _overlaps(box, taken):
                taken = np.vstack([taken, box])
                corner = axes.transData.inverted().transform((box[0], y + dy))
                axes.text(*corner, text, fontsize=_SIZE, va="center_baseline", ha="left", color="0.15")
                if far:
                    nearest = [x + dx if dx > 0 else x + dx + width, y + dy]
                    line = axes.transData.inverted().transform([[x, y], nearest])
                    axes.plot(*line.T, color="0.6", linewidth=0.3, zorder=0)
                break


def _list_offsets(width: float, height: float, per_point: float) -> list[tuple[float, float, bool]]:
    """Places for a label's left middle, from near to far, in pixels; and whether it needs a line."""
    right, left = 3 * per_point, -3 * per_point - width
    near = [(right, 0.0), (left, 0.0), (-width / 2, 1.3 * height), (-width / 2, -1.3 * height)]
    far = [
        (side + sign * shift * width, step * height)
        for sign, side in ((1, right), (-1, left))
        for shift in (0.15, 0.4, 0.8, 1.2, 1.6, 2.0, 2.5)
        for step in (0, 0.5, -0.5, 1, -1, 1.5, -1.5, 2, -2)
    ]
    far.sort(key=lambda offset: np.hypot(offset[0] + width / 2, 2 * offset[1]))
    return [(dx, dy, False) for dx, dy in near] + [(dx, dy, True) for dx, dy in far]


def _overlaps(box: np.ndarray, taken: np.ndarray) -> bool:
    apart = (taken[:, 2] <= box[0]) | (taken[:, 0] >= box[2]) | (taken[:, 3] <= box[1]) | (taken[:, 1] >= box[3])
    return not apart.all()


def write_scatters(
    scores_csv: str | os.PathLike,
    features_csv: str | os.PathLike,
    task: str,
    model: str,
    columns: Sequence[str],
    out_folder: str | os.PathLike,
    notice: str | None = None,
) -> None:
    """Write scatter-{feature}.svg and .png into `out_folder` for the zero-shot scores of a task and model.

    features_csv: a table as select_features takes it. columns: the features to draw. Of several zero-shot
    settings the one on the task's own test corpus and with most source sentences is drawn.
    """
    scores = read_scores(scores_csv)
    metric = find_main_metric(scores, task)
    features = pd.read_csv(features_csv, keep_default_na=False, na_values=[""])
    features = select_features(features, task, model)
    zero_shot = [s for s in list_settings(scores) if (s.task, s.model, s.shots) == (task, model, 0)]
    zero_shot.sort(key=lambda setting: (setting.test_corpus != task, -setting.n))
    for feature in columns:
        figure = draw_blank(f"{task}, {model}: no zero-shot transfer, or no values of {feature}", notice)
        if zero_shot and feature in features.columns:
            pairs = tabulate_pairs(scores, zero_shot[0])
            pairs = pairs.merge(features[["source", "target", feature]], on=["source", "target"], how="left")
            figure = draw_scatter(pairs, feature, name_setting(zero_shot[0]), metric, notice)
        save_figure(figure, Path(out_folder) / f"scatter-{feature}")
