"""What target sentences add: mean transfer by number of shots, beside training on the shots alone."""

import numpy as np
import pandas as pd

from isogloss.analysis.scores import NO_SOURCE, find_main_metric, mark_kinds

_ARM = ["task", "model", "test_corpus", "n", "adaptation"]
COLUMNS = [*_ARM, "target", "shots", "metric", "n_sources", "mean_score", "min_score", "max_score"]
COLUMNS += ["none_score", "in_language_score", "gain", "slope"]
DIRECT = "direct"


def tabulate_few_shot(scores: pd.DataFrame) -> pd.DataFrame:
    """Return, for each target and number of shots, how single-source transfer does (columns: COLUMNS).

    An arm is a (task, model, test corpus, n, adaptation); its zero-shot scores are those of the same source
    models used directly. Means are over the sources that have a score at every number of shots of the arm,
    so that a curve always speaks of the same sources. docs/analysis.md defines the columns.
    """
    rows = []
    for task in sorted(scores["task"].unique()):
        metric = find_main_metric(scores, task)
        rows += _tabulate_task(scores[(scores["task"] == task) & (scores["metric"] == metric)], metric)
    return pd.DataFrame(rows, columns=COLUMNS)


def _tabulate_task(scores: pd.DataFrame, metric: str) -> list[list]:
    kinds = mark_kinds(scores)
    transfer, none = scores[kinds == "transfer"], scores[kinds == NO_SOURCE]
    inside = scores[scores["sources"] == scores["target"]]
    arms = transfer[_ARM].drop_duplicates().sort_values(_ARM)
    adapted = set(map(tuple, arms.loc[arms["adaptation"] != DIRECT, _ARM[:-1]].to_numpy()))
    rows = []
    for arm in arms.itertuples(index=False, name=None):
        if arm[-1] == DIRECT and arm[:-1] in adapted:
            continue  # the zero-shot end of an adapted arm
        own = transfer[_match(transfer, _ARM[:-1], arm) & transfer["adaptation"].isin([DIRECT, arm[-1]])]
        alone = none[_match(none, _ARM[:-2], arm)]
        bound = inside[_match(inside, _ARM[:-1], arm)]
        for target in sorted(own["target"].unique()):
            curve = _draw_curve(own, alone, bound, target)
            rows += [[*arm, target, shots, metric, *values] for shots, values in curve]
    return rows


def _match(table: pd.DataFrame, columns: list[str], values: tuple) -> pd.Series:
    wanted = pd.Series(dict(zip(columns, values, strict=False)))
    return (table[columns] == wanted).all(axis=1)


def _draw_curve(own: pd.DataFrame, alone: pd.DataFrame, bound: pd.DataFrame, target: str) -> list[tuple]:
    """Return (shots, [n_sources, ..., slope]) of a target."""
    of_target = own[own["target"] == target]
    grid = of_target.pivot_table(index="sources", columns="shots", values="score", aggfunc="mean").dropna()
    if grid.empty:
        return []
    mean = grid.mean()
    none = alone[alone["target"] == target].groupby("shots")["score"].mean()
    upper = bound.loc[bound["target"] == target, "score"].mean()
    slope = fit_slope(mean.index.to_numpy(), mean.to_numpy())
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
                slope,
            ],
        )
        for shots in grid.columns
    ]


def fit_slope(shots: np.ndarray, scores: np.ndarray) -> float:
    """Return the least-squares slope of scores on ln(1 + shots); NaN with fewer than two numbers of shots."""
    if len(shots) < 2:
        return float("nan")
    return float(np.polyfit(np.log1p(shots), scores, 1)[0])
