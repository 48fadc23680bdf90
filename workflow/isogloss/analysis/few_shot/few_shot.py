"""The few-shot table: mean transfer by number of shots, compared with target-only and in-language runs."""

import numpy as np
import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import find_main_metric, mark_kinds
from isogloss.analysis.few_shot.learning_curves import CONDITION, Curve, list_conditions, list_curves, select_condition
from isogloss.analysis.statistics.jackknife import find_half_width, jackknife
from isogloss.common.run import NO_SOURCE

COLUMNS = [*CONDITION, "target", "shots", "metric", "n_sources", "mean_score", "min_score", "max_score"]
COLUMNS += ["none_score", "in_language_score", "gain", "slope", "slope_low", "slope_high", "slope_above_zero", "note"]


def tabulate_few_shot(evidence: Evidence) -> pd.DataFrame:
    """Return the scores of single-source transfer by target and number of shots (few_shot.csv).

    `evidence.scores` is the only input that is used. A condition is a (task, model, test corpus, n, adaptation). Each
    curve starts at the zero-shot score of the same source models. Means are over the sources that have a score at every
    number of shots of the condition, so that all points of a curve have the same sources.
    docs/reference/tables/few_shots.md defines the columns.
    """
    scores = evidence.scores
    of_targets = [curve for curve in list_curves(scores, evidence.scale) if curve.kind == "target"]
    curves = {(curve.condition, curve.target): curve for curve in of_targets}
    rows = []
    for task in sorted(scores["task"].unique()):
        metric = find_main_metric(scores, task)
        rows += _tabulate_task(scores[(scores["task"] == task) & (scores["metric"] == metric)], metric, curves)
    return pd.DataFrame(rows, columns=COLUMNS)


def _tabulate_task(scores: pd.DataFrame, metric: str, curves: dict[tuple, Curve]) -> list[list]:
    kinds = mark_kinds(scores)
    transfer, none = scores[kinds == "transfer"], scores[kinds == NO_SOURCE]
    inside = scores[scores["sources"] == scores["target"]]
    rows = []
    for condition in list_conditions(transfer):
        own = select_condition(transfer, condition)
        alone = none[_match(none, CONDITION[:-2], condition)]
        bound = inside[_match(inside, CONDITION[:-1], condition)]
        for target in sorted(own["target"].unique()):
            points = _draw_curve(own, alone, bound, target)
            slope = measure_slope(curves.get((condition, target)))
            rows += [[*condition, target, shots, metric, *values, *slope] for shots, values in points]
    return rows


def _match(table: pd.DataFrame, columns: list[str], values: tuple) -> pd.Series:
    wanted = pd.Series(dict(zip(columns, values, strict=False)))
    return (table[columns] == wanted).all(axis=1)


def _draw_curve(own: pd.DataFrame, alone: pd.DataFrame, bound: pd.DataFrame, target: str) -> list[tuple]:
    """Return a list of (shots, [n_sources, ..., gain]) for a target."""
    of_target = own[own["target"] == target]
    grid = of_target.pivot_table(index="sources", columns="shots", values="score", aggfunc="mean").dropna()
    if grid.empty:
        return []
    mean = grid.mean()
    none = alone[alone["target"] == target].groupby("shots")["score"].mean()
    upper = bound.loc[bound["target"] == target, "score"].mean()
    return [
        (
            shots,
            [
                len(grid),
                mean[shots],
                grid[shots].min(),
                grid[shots].max(),
                none.get(shots, np.nan),
                upper,
                mean[shots] - mean[0] if 0 in mean.index else np.nan,
            ],
        )
        for shots in grid.columns
    ]


def fit_slope(shots: np.ndarray, scores: np.ndarray) -> float:
    """Return the least-squares slope of scores on ln(1 + shots); NaN if there are fewer than two numbers of shots."""
    if len(shots) < 2:
        return float("nan")
    return float(np.polyfit(np.log1p(shots), scores, 1)[0])


def measure_slope(curve: Curve | None) -> tuple[float, float, float, float, str]:
    """Return the slope by fit_slope, the ends of its 95% interval, the slope without 0 shots, and a note.

    The interval uses Student's t and the jackknife over sources and, if there are several, over seeds. curve: None if
    there is only one number of shots.
    """
    if curve is None:
        return np.nan, np.nan, np.nan, np.nan, "no slope: only one number of shots"
    slope, above = fit_slope(curve.shots, curve.scores), curve.shots > 0
    slope_above = fit_slope(curve.shots[above], curve.scores[above])
    versions = [np.array([fit_slope(curve.shots, one) for one in rows]) for rows in curve.without.values()]
    if not versions:
        return slope, np.nan, np.nan, slope_above, "no interval: only one source and one seed"
    half = float(find_half_width([jackknife(version) for version in versions]))
    seeds = "one seed" if curve.n_seeds < 2 else "numbers of shots have different seeds"
    note = (
        "" if "seed" in curve.without else f"the interval of the slope does not include the sampling of shots: {seeds}"
    )
    if "source" not in curve.without:
        note = "only one source: the interval of the slope is over seeds"
    return slope, slope - half, slope + half, slope_above, note
