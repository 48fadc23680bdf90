"""Several sources: differences to the predicted best source, few-shot curves by arm, score by number of sources."""

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from isogloss.analysis.data.languages import Languages
from isogloss.analysis.multi_source.arms import (
    EQUAL_PER_SOURCE,
    IN_LANGUAGE_ARM,
    NONE_ARM,
    SELF_SUPERVISED,
    SUPERVISED,
    rank_arm,
)
from isogloss.analysis.multi_source.comparison import CASES_ONLY
from isogloss.common.languages import ENGLISH
from isogloss.common.run import ADDED_KEY, DIRECT
from isogloss.figures.page import COLOURS, STYLE, Subject, add_legend, add_notice, draw_blank, name_metric, start_figure

_SETTING_KEY = ["n", "adaptation", "shots", "test_corpus", *ADDED_KEY, "held"]
_PANEL_KEY = [*_SETTING_KEY, "reference"]
_TOLD = ["n", "test_corpus", *ADDED_KEY, "held"]
"""Columns of _SETTING_KEY that the name of a setting contains if they differ between settings."""
_REFERENCES = {SUPERVISED: "the predicted best source", SELF_SUPERVISED: "a reference arm"}
_ALONE_NAMES = {SUPERVISED: "target-only (no source)", SELF_SUPERVISED: "no pre-training"}
_ACROSS = 5
_MARKS = "osD^vP<>X"
_BOUND = {"color": "0.25", "linewidth": 0.8, "linestyle": ":"}
_TARGET = {"color": "0.65", "linestyle": "none", "marker": ".", "markersize": 3}
_ALONE = {"color": "0.25", "linewidth": 0.8, "linestyle": "-.", "marker": "s", "markersize": 2.2}
_TEXT = ("task", "model", "test_corpus", "adaptation", "metric", "arm", "budget", "target", "sources", "one_source")
_TEXT += ("sense", "held", "reference")


def draw_arms(
    means: pd.DataFrame,
    rows: pd.DataFrame,
    title: str,
    notice: str | None = None,
    languages: Languages | None = None,
) -> Figure:
    """Draw the difference of each arm to a reference arm, one panel per setting and reference.

    means: multi_source_means.csv. rows: multi_source.csv. Both contain one task, model, sense and metric. Black: mean
    over targets and 95% interval over languages. Grey: each target. Hollow: the low-resource cases. Target-only runs
    and in-language training with labels, whose differences are large, are only in the figure of the curves.
    """
    languages, sense = languages or Languages(), means["sense"].iloc[0]
    means = _list_compared(means)
    settings = list(means.groupby(_PANEL_KEY, sort=True))
    arms = sorted({(arm, budget) for arm, budget in means[["arm", "budget"]].itertuples(index=False)}, key=_order)
    cases = languages.order(rows.loc[rows["case"] == "yes", "target"])
    with matplotlib.rc_context(STYLE):
        figure = start_figure(2.0 + 2.1 * len(settings), 0.26 * len(arms) + 1.5)
        panels = figure.subplots(1, len(settings), sharex=True, sharey=True, squeeze=False)[0]
        for axes, (setting, own) in zip(panels, settings, strict=True):
            of_setting = rows[(rows[_PANEL_KEY] == pd.Series(setting, index=_PANEL_KEY)).all(axis=1)]
            of_setting = of_setting[of_setting["arm"] != setting[-1]]
            for place, arm in enumerate(arms):
                _draw_differences(axes, place, own[_is(own, arm)], of_setting[_is(of_setting, arm)], cases)
            axes.axvline(0, color="0.25", linewidth=0.6)
            axes.set_title(_name_setting(setting[:-1], [one[:-1] for one, _ in settings]), fontsize=7.5)
            to = "" if sense == SUPERVISED else f" to {setting[-1]}"
            axes.set_xlabel(f"{name_metric(means['metric'].iloc[0])}, difference{to}")
        panels[0].xaxis.set_major_locator(MaxNLocator(4))  # in narrow panels, more labels would overlap
        panels[0].set_yticks(range(len(arms)), [_name_arm(*arm) for arm in arms])
        panels[0].set_ylim(len(arms) - 0.5, -0.5)
        mean = Line2D([], [], color="black", marker="o", markersize=3.5, label="mean over targets, 95% interval")
        handles = [mean] if means["difference"].notna().any() else []  # cases have no mean
        handles += [Line2D([], [], label="one target", **_TARGET)] if set(rows["target"]) - set(cases) else []
        handles += [
            Line2D([], [], label=languages.find_name(case) or case, **_look_case(place))
            for place, case in enumerate(cases)
        ]
        head = f"{title}: difference to {_REFERENCES[sense]}"
        add_legend(figure, handles, head, 4)
        add_notice(figure, notice)
    return figure


def _draw_differences(axes: Axes, place: int, mean: pd.DataFrame, targets: pd.DataFrame, cases: list[str]) -> None:
    targets = targets.dropna(subset="difference")
    axes.plot(targets["difference"], [place] * len(targets), zorder=1, **_TARGET)
    for row in mean.itertuples():
        axes.hlines(place, row.low, row.high, color="black", linewidth=1.2)
        axes.plot(row.difference, place, "o", color="black", markersize=3.5, zorder=3)
    for number, case in enumerate(cases):
        own = targets[targets["target"] == case]
        axes.plot(own["difference"], [place] * len(own), zorder=4, **_look_case(number))


def _look_case(number: int) -> dict:
    look = {"linestyle": "none", "markerfacecolor": "white", "markersize": 4, "markeredgewidth": 0.9}
    return {**look, "color": COLOURS[number % len(COLOURS)], "marker": "sD^v"[number % 4]}


def draw_curves(
    rows: pd.DataFrame, title: str, notice: str | None = None, languages: Languages | None = None
) -> Figure:
    """Draw the score of each arm by number of shots, one panel per target.

    rows: multi_source.csv of one task, model, sense, held arm, test corpus, metric, n and reference. Dash-dotted:
    target-only runs, or runs without pre-training. Dotted: in-language training without shots. Each curve starts at the
    zero-shot score of the same source models.
    """
    languages, sense = languages or Languages(), rows["sense"].iloc[0]
    targets = languages.order(rows["target"])
    ways = sorted(set(rows["adaptation"]) - {DIRECT}) or [DIRECT]
    lines = (IN_LANGUAGE_ARM,) if sense == SELF_SUPERVISED else ()
    shown = rows[rows["arm"].map(lambda arm: rank_arm(arm)[0] > 1 or arm in (ENGLISH, *lines))]
    arms = sorted({(arm, budget) for arm, budget in shown[["arm", "budget"]].itertuples(index=False)}, key=_order)
    lines = [(arm, way) for arm in arms for way in ways]
    across = min(_ACROSS, len(targets))
    with matplotlib.rc_context(STYLE):
        figure = start_figure(1.6 * across + 0.6, 1.8 * -(-len(targets) // across) + 1.2)
        grid = figure.subplots(-(-len(targets) // across), across, sharex=True, sharey=True, squeeze=False)
        for place, axes in enumerate(grid.flat):
            if place >= len(targets):
                axes.set_axis_off()
                continue
            own = rows[rows["target"] == targets[place]]
            for number, (arm, way) in enumerate(lines):
                _draw_curve(axes, own[_is(own, arm) & own["adaptation"].isin([DIRECT, way])], _look(number))
            _draw_curve(axes, own[own["arm"] == NONE_ARM].drop_duplicates("shots"), _ALONE)
            for bound in own.loc[(own["arm"] == IN_LANGUAGE_ARM) & (sense == SUPERVISED), "score"].head(1):
                axes.axhline(bound, **_BOUND)
            axes.set_title(languages.find_name(targets[place]) or targets[place], fontsize=7.5)
        shots = sorted(rows["shots"].unique())
        grid[0, 0].set_xticks(np.log1p(shots), [str(k) for k in shots])
        figure.supylabel(f"{name_metric(rows['metric'].iloc[0])} on the target", fontsize=8)
        for axes in grid[-1]:
            axes.set_xlabel("shots k, on ln(1 + k)")
        names = [f"{_name_arm(*arm)}{'' if len(ways) == 1 else f', {way}'}" for arm, way in lines]
        handles = [Line2D([], [], label=name, **_look(number)) for number, name in enumerate(names)]
        handles += [Line2D([], [], label=_ALONE_NAMES[sense], **_ALONE)]
        handles += [Line2D([], [], label="in-language, 0 shots", **_BOUND)] if sense == SUPERVISED else []
        add_legend(figure, handles, title, 4)
        add_notice(figure, notice)
    return figure


def _draw_curve(axes: Axes, points: pd.DataFrame, look: dict) -> None:
    points = points.sort_values("shots")
    axes.plot(np.log1p(points["shots"]), points["score"], **look)


def _look(number: int) -> dict:
    mark = _MARKS[number % len(_MARKS)]
    return {"color": COLOURS[number % len(COLOURS)], "linewidth": 1.1, "marker": mark, "markersize": 3}


def draw_sizes(sizes: pd.DataFrame, title: str, notice: str | None = None) -> Figure:
    """Draw the mean score by number of languages at an equal total, one panel per setting.

    sizes: multi_source_sizes.csv of one task, model and sense. Bars: 95% interval over languages of the difference to
    one language, added to the mean of this language, which is the dashed line.
    """
    sense = sizes["sense"].iloc[0]
    settings = list(sizes.groupby(_SETTING_KEY, sort=True))
    arms = sorted(sizes["arm"].unique(), key=rank_arm)
    looks = {arm: _look(place) for place, arm in enumerate(arm for arm in arms if arm != NONE_ARM)}
    looks[NONE_ARM] = _ALONE  # as in the curves, so that all other arms have the same colours there
    counts = sorted(sizes["n_sources"].astype(int).unique())
    with matplotlib.rc_context(STYLE):
        figure = start_figure(1.2 + 2.0 * len(settings), 3.0)
        panels = figure.subplots(1, len(settings), sharex=True, squeeze=False)[0]
        for axes, (setting, own) in zip(panels, settings, strict=True):
            for row in own.itertuples():
                alike = sorted(own.loc[own["n_sources"] == row.n_sources, "arm"], key=rank_arm)
                x = row.n_sources + 0.02 * counts[-1] * (alike.index(row.arm) - (len(alike) - 1) / 2)
                look = {**looks[row.arm], "linewidth": 0, "markersize": 4}
                axes.plot(x, row.score, **look)
                if np.isfinite(row.low):
                    base = row.score - row.difference
                    axes.vlines(x, base + row.low, base + row.high, color=look["color"], linewidth=1.1)
            for one in own["one_source"].dropna().unique()[:1]:
                axes.axhline(own.loc[own["arm"] == one, "score"].iloc[0], color="0.4", linewidth=0.7, linestyle="--")
            axes.set_title(_name_setting(setting, [one for one, _ in settings]), fontsize=7.5)
            axes.set_xticks(counts)
            axes.set_xlabel("number of sources" if sense == SUPERVISED else "number of languages")
        total = "total" if sense == SUPERVISED else "tokens"
        panels[0].set_ylabel(f"mean {name_metric(sizes['metric'].iloc[0])}, equal {total}")
        handles = [Line2D([], [], **{**looks[arm], "linewidth": 0, "label": arm}) for arm in arms]
        add_legend(figure, handles, title, 5)
        add_notice(figure, notice)
    return figure


def _is(table: pd.DataFrame, arm: tuple[str, str]) -> pd.Series:
    return (table["arm"] == arm[0]) & (table["budget"] == arm[1])


def _order(arm: tuple[str, str]) -> tuple:
    return rank_arm(arm[0]), arm[1]


def _list_compared(means: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the arms that are compared with a reference arm: all except single languages by name."""
    bounds = {SUPERVISED: (NONE_ARM, IN_LANGUAGE_ARM), SELF_SUPERVISED: ()}
    shown = [
        (rank_arm(arm)[0] != 1 or arm == ENGLISH) and arm not in (reference, *bounds[sense])
        for sense, reference, arm in zip(means["sense"], means["reference"], means["arm"], strict=True)
    ]
    compared = means["difference"].notna() | (means["note"] == CASES_ONLY)
    return means[compared & np.array(shown, dtype=bool)]


def _name_arm(arm: str, budget: str) -> str:
    return f"{arm}, equal per source" if budget == EQUAL_PER_SOURCE else arm


def _name_setting(setting: tuple, settings: list[tuple]) -> str:
    own = dict(zip(_SETTING_KEY, setting, strict=True))
    names = [f"n = {own['n']}", own["test_corpus"], *(f"{axis} {own[axis]}" for axis in ADDED_KEY), own["held"]]
    differ = [len({one[_SETTING_KEY.index(column)] for one in settings}) > 1 for column in _TOLD]
    shots = "zero-shot" if own["shots"] == 0 else f"{own['shots']} shots, {own['adaptation']}"
    return ", ".join([shots, *(name for name, shown in zip(names, differ, strict=True) if shown)])


def draw_arms_of(subject: Subject) -> Figure:
    """Draw the arms of a task, model and sense of pre-training (the value of the subject)."""
    rows, means = (_read_table(subject, name) for name in ("multi_source.csv", "multi_source_means.csv"))
    means = means[means["metric"] == _find_metric(rows)]
    if not len(_list_compared(means)):
        return _draw_nothing(subject)
    return draw_arms(
        means, rows[rows["metric"] == _find_metric(rows)], _title(subject), subject.notice, subject.languages
    )


def draw_curves_of(subject: Subject) -> Figure:
    """Draw the curves of a task, model and sense, for the first test corpus, n, held arm and reference."""
    rows = _read_table(subject, "multi_source.csv")
    rows = rows[rows["metric"] == _find_metric(rows)]
    if not len(rows):
        return _draw_nothing(subject)
    one = ["test_corpus", "n", "held", "reference"]
    first = rows[(rows[one] == rows[one].iloc[0]).all(axis=1)]
    return draw_curves(first, _title(subject), subject.notice, subject.languages)


def draw_sizes_of(subject: Subject) -> Figure:
    """Draw the scores of a task, model and sense by number of languages."""
    sizes = _read_table(subject, "multi_source_sizes.csv")
    return draw_sizes(sizes, _title(subject), subject.notice) if len(sizes) else _draw_nothing(subject)


def _find_metric(rows: pd.DataFrame) -> str:
    return rows["metric"].iloc[0] if len(rows) else ""


def _title(subject: Subject) -> str:
    return f"{subject.title}, {subject.value}"


def _draw_nothing(subject: Subject) -> Figure:
    nothing = f"{_title(subject)}: no runs with several sources to compare, or only low-resource cases"
    return draw_blank(nothing, subject.notice)


def _read_table(subject: Subject, name: str) -> pd.DataFrame:
    """Return the rows of a task, model and sense from a table of multi_source*.csv."""
    table = pd.read_csv(subject.tables[name], keep_default_na=False, na_values=[""])
    texts = [column for column in _TEXT if column in table.columns]
    table = table.astype(dict.fromkeys(texts, object)).fillna(dict.fromkeys(["budget", "metric", "held"], ""))
    own = (table["task"] == subject.task) & (table["model"] == subject.model) & table["arm"].notna()
    return table[own & (table["sense"] == subject.value)]
