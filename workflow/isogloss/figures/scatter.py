"""Zero-shot transfer by a feature: one point per pair, labelled source-target."""

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from isogloss.analysis.data.languages import Languages
from isogloss.analysis.data.pairs import select_features, tabulate_pairs
from isogloss.analysis.data.scores import SETTING, Setting, find_main_metric, list_settings
from isogloss.analysis.statistics.transforms import RAW
from isogloss.figures.matrix import name_setting
from isogloss.figures.page import COLOURS, MARKS, STYLE, Subject, add_notice, draw_blank, name_metric, start_figure

_MOST_LABELS = 150
"""With more points than this, only one point per target is labelled, the one farthest from the line."""

_LEGEND_ROWS = 22

_SIZE = 5
"""Font size of the labels in points."""


def draw_scatter(
    pairs: pd.DataFrame,
    feature: str,
    title: str,
    found: str,
    metric: str = "f1",
    notice: str | None = None,
    languages: Languages | None = None,
) -> Figure:
    """Draw the scores of pairs (columns: source, target, score, and the feature) by a feature.

    Colour and mark identify the target. Each point is labelled `source-target` if there is room, with a thin line if
    the label is away from the point. With more than 150 points, only the point of each target farthest from the line is
    labelled. The line is the least-squares fit. found: the result of the table of correlations, for the title.
    """
    known = pairs.dropna(subset=[feature]).reset_index(drop=True)
    targets = (languages or Languages()).order(known["target"])
    with matplotlib.rc_context(STYLE):
        figure = start_figure(7.2, 5.4)
        axes = figure.subplots()
        for place, target in enumerate(targets):
            of_target = known[known["target"] == target]
            axes.scatter(
                of_target[feature],
                of_target["score"],
                s=13 if len(known) <= _MOST_LABELS else 7,
                marker=MARKS[place % len(MARKS)],
                color=COLOURS[place % len(COLOURS)],
                linewidths=0,
                label=target,
            )
        far = known["score"] - known["score"].mean()
        if len(known) > 1 and np.ptp(known[feature]) > 0:
            ends = np.array([known[feature].min(), known[feature].max()])
            slope, level = np.polyfit(known[feature], known["score"], 1)
            far = known["score"] - (slope * known[feature] + level)
            axes.plot(ends, slope * ends + level, color="0.5", linewidth=0.8, zorder=0)
        figure.suptitle(f"{title}\n{found}", fontsize=8.5)
        axes.set_xlabel(feature)
        axes.set_ylabel(f"{name_metric(metric)} on the target")
        axes.margins(0.08, 0.05)
        columns = -(-len(targets) // _LEGEND_ROWS)
        figure.legend(title="target", loc="outside right center", markerscale=1.4, ncols=columns, columnspacing=0.8)
        add_notice(figure, notice)
        figure.canvas.draw()
        many = len(known) > _MOST_LABELS
        if many:
            known = known.loc[far.abs().groupby(known["target"]).idxmax().sort_values()]
        _label_points(axes, known, feature, lines=not many)
    return figure


def describe_correlation(row: pd.Series) -> str:
    """Return a row of correlations.csv as text for a title: counts, r, its interval, the QAP p and the plain p."""
    counts = f"{row['n_pairs']:.0f} pairs of {row['n_languages']:.0f} languages"
    if not np.isfinite(row["pearson_r"]):
        return f"{counts}: {row['note']}"
    interval = f", 95% interval {row['low']:.2f} to {row['high']:.2f}" if np.isfinite(row["low"]) else ""
    qap = _show_p("QAP p", row["p_qap"]) if np.isfinite(row["p_qap"]) else "no QAP p"
    plain = f"{_show_p('plain p', row['p_plain'])} treats pairs as independent"
    return f"{counts}: r = {row['pearson_r']:.2f}{interval}\n{qap} ({plain})"


def _show_p(name: str, p: float) -> str:
    return f"{name} < 0.0001" if p < 0.0001 else f"{name} = {p:.2g}"


def _label_points(axes: Axes, pairs: pd.DataFrame, feature: str, lines: bool) -> None:
    """Write the label of each pair at the nearest free place around its point; leave it out if there is none.

    lines: whether a label may be away from its point, with a line to it.
    """
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
            if inside and (lines or not far) and not _overlaps(box, taken):
                taken = np.vstack([taken, box])
                corner = axes.transData.inverted().transform((box[0], y + dy))
                axes.text(*corner, text, fontsize=_SIZE, va="center_baseline", ha="left", color="0.15")
                if far:
                    nearest = [x + dx if dx > 0 else x + dx + width, y + dy]
                    line = axes.transData.inverted().transform([[x, y], nearest])
                    axes.plot(*line.T, color="0.6", linewidth=0.3, zorder=0)
                break


def _list_offsets(width: float, height: float, per_point: float) -> list[tuple[float, float, bool]]:
    """Return the offsets of the left middle of a label in pixels, from near to far, and whether it requires a line."""
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


def draw_feature(subject: Subject) -> Figure:
    """Draw the zero-shot scores of a task and model by a feature (the value of the subject).

    If there are several zero-shot settings, the one on the test corpus of the task with the most source sentences is
    drawn.
    """
    feature = subject.value
    features = select_features(subject.features, subject.task, subject.model)
    setting = choose_zero_shot(subject.scores, subject.task, subject.model)
    if setting is None or feature not in features.columns:
        return draw_blank(f"{subject.title}: no zero-shot transfer runs, or no values of {feature}", subject.notice)
    pairs = tabulate_pairs(subject.scores, setting)
    pairs = pairs.merge(features[["source", "target", feature]], on=["source", "target"], how="left")
    found = describe_correlation(_find_row(subject.read("correlations.csv"), setting, feature))
    metric = find_main_metric(subject.scores, subject.task)
    return draw_scatter(pairs, feature, name_setting(setting), found, metric, subject.notice, subject.languages)


def choose_zero_shot(scores: pd.DataFrame, task: str, model: str) -> Setting | None:
    """Return the zero-shot setting of a task and model on the own test corpus, with the most source sentences."""
    zero_shot = [s for s in list_settings(scores) if (s.task, s.model, s.shots) == (task, model, 0)]
    return min(zero_shot, key=lambda setting: (setting.test_corpus != task, -setting.n), default=None)


def _find_row(correlations: pd.DataFrame, setting: Setting, feature: str) -> pd.Series:
    chosen = (correlations["feature"] == feature) & (correlations["transform"] == RAW)
    for column in SETTING:
        chosen &= correlations[column] == getattr(setting, column)
    return correlations[chosen].iloc[0]
