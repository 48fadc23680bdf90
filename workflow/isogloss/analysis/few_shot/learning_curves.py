"""Learning curves: score by number of target sentences, and the same curve without each source, language or seed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from isogloss.analysis.data.scores import NO_SCALE, UNIT, find_main_metric, mark_kinds
from isogloss.analysis.few_shot.laws import SHARES, UNBOUNDED
from isogloss.common.run import DIRECT, GROUP_KEY, NO_SOURCE

CONDITION = [*GROUP_KEY, "n", "adaptation"]
EACH_SOURCE = "each"
"""Value of `sources` for all single sources, as in a study file."""

CURVE = [*CONDITION, "kind", "sources", "target", "metric", "n_sources", "n_seeds", "n_sizes"]
"""The columns that identify a curve in a table."""

_FEWEST_FOR_INTERVAL = 4


@dataclass(frozen=True)
class Curve:
    """Mean scores by number of shots, and the leave-one-out curves for their intervals.

    condition: the values of CONDITION. kind: `all` (mean over pairs), `target` (mean over single sources), `pair`,
    `multi-source` or `none` (target-only). shots: m increasing numbers. scores: m. without: a dict with the keys
    `language`, `source` and `seed`, if there are several units of this kind; the values are the curves with one unit
    left out (units x m). bounds: the lowest and the highest possible score.
    """

    condition: tuple
    kind: str
    sources: str
    target: str
    metric: str
    n_sources: int
    n_seeds: int
    shots: np.ndarray
    scores: np.ndarray
    without: dict[str, np.ndarray]
    bounds: tuple[float, float] = SHARES

    @property
    def name(self) -> list:
        """The values of CURVE."""
        key = [*self.condition, self.kind, self.sources, self.target, self.metric]
        return [*key, self.n_sources, self.n_seeds, len(self.shots)]


@dataclass(frozen=True)
class _Cells:
    """Scores of a condition: sources x targets x seeds x shots, NaN without a run."""

    sources: list[str]
    targets: list[str]
    shots: np.ndarray
    scores: np.ndarray


def list_conditions(scores: pd.DataFrame) -> list[tuple]:
    """Return the sorted conditions (values of CONDITION) of scores, without those that are only a start of others."""
    conditions = [
        tuple(row)
        for row in scores[CONDITION].drop_duplicates().sort_values(CONDITION).itertuples(index=False, name=None)
    ]
    adapted = {condition[:-1] for condition in conditions if condition[-1] != DIRECT}
    return [condition for condition in conditions if condition[-1] != DIRECT or condition[:-1] not in adapted]


def select_condition(scores: pd.DataFrame, condition: tuple) -> pd.DataFrame:
    """Return the scores of a condition, and the zero-shot scores of the same source models, where its curves start."""
    same = np.logical_and.reduce(
        [scores[column] == value for column, value in zip(CONDITION[:-1], condition, strict=False)]
    )
    return scores[same & scores["adaptation"].isin([DIRECT, condition[-1]])]


def list_curves(scores: pd.DataFrame, scale: str = UNIT) -> list[Curve]:
    """Return every learning curve of the scores by the main metric of the task, for at least two numbers of shots.

    The curves are sorted by condition, and within a condition by kind: `all`, targets, pairs, multi-source, `none`. A
    mean is over the sources (or pairs) that have a score at every number of shots of the condition, so that all points
    of a curve have the same sources. A pair has only its own numbers of shots. Scores are means over seeds.
    `scale` is the scale of the file of the scores; with `none`, scores have no bounds.
    """
    bounds = UNBOUNDED if scale == NO_SCALE else SHARES
    curves = []
    for task in sorted(scores["task"].unique()):
        metric = find_main_metric(scores, task)
        own = scores[(scores["task"] == task) & (scores["metric"] == metric)]
        kinds = mark_kinds(own)
        for kind in ("transfer", "multi-source", NO_SOURCE):
            rows = own[kinds == kind]
            for condition in list_conditions(rows):
                curves += _list_condition(_arrange(select_condition(rows, condition)), condition, kind, metric)
    return [replace(curve, bounds=bounds) for curve in curves]


def _list_condition(cells: _Cells, condition: tuple, kind: str, metric: str) -> Iterator[Curve]:
    if len(cells.shots) < 2:
        return
    if kind == "transfer":
        languages = sorted({*cells.sources, *cells.targets})
        yield from _average(cells, condition, metric, "all", range(len(cells.targets)), languages)
        for column in range(len(cells.targets)):
            yield from _average(cells, condition, metric, "target", [column], cells.sources)
    for row, source in enumerate(cells.sources):
        for column, target in enumerate(cells.targets):
            block = cells.scores[row : row + 1, column : column + 1]
            measured = np.isfinite(block).any(axis=(0, 1, 2))
            if measured.any():
                without, seeds = _leave_out_seeds(block[..., measured])
                mean = _mean_seeds(block[..., measured])[0, 0]
                name = (
                    condition,
                    "pair" if kind == "transfer" else kind,
                    source,
                    target,
                    metric,
                    int(kind != NO_SOURCE),
                )
                yield Curve(*name, seeds, cells.shots[measured], mean, without)


def _average(
    cells: _Cells, condition: tuple, metric: str, kind: str, columns: range | list[int], units: list[str]
) -> Iterator[Curve]:
    """Yield the mean curve over the complete pairs of some targets, if there are any."""
    columns = list(columns)
    block = cells.scores[:, columns]
    means = _mean_seeds(block)
    whole = np.isfinite(means).all(axis=-1)
    if not whole.any():
        return
    row_names, column_names = np.array(cells.sources), np.array(cells.targets)[columns]
    present = [u for u in units if whole[row_names == u].any() or (kind == "all" and whole[:, column_names == u].any())]
    without, seeds = _leave_out_seeds(block, whole)
    keep = [whole & (row_names != unit)[:, None] for unit in present]
    if kind == "all":
        keep = [kept & (column_names != unit)[None] for kept, unit in zip(keep, present, strict=True)]
    fewest = _FEWEST_FOR_INTERVAL if kind == "all" else 2
    if len(present) >= fewest and all(kept.any() for kept in keep):
        unit = "language" if kind == "all" else "source"
        without[unit] = np.stack([means[kept].mean(axis=0) for kept in keep])
    target = "all" if kind == "all" else cells.targets[columns[0]]
    n_sources = int(whole.any(axis=1).sum())
    yield Curve(
        condition, kind, EACH_SOURCE, target, metric, n_sources, seeds, cells.shots, means[whole].mean(axis=0), without
    )


def _leave_out_seeds(block: np.ndarray, whole: np.ndarray | None = None) -> tuple[dict[str, np.ndarray], int]:
    """Return the mean curve without each seed, and the number of seeds.

    The curves are returned only if every cell has all its shots without any one seed. whole: mask of the cells that the
    curve averages; by default, all cells.
    """
    whole = np.ones(block.shape[:2], dtype=bool) if whole is None else whole
    seeds = np.flatnonzero(np.isfinite(block[whole]).any(axis=(0, 2)))
    if len(seeds) < 2:
        return {}, len(seeds)
    curves = np.stack([_mean_seeds(np.delete(block, seed, axis=2))[whole].mean(axis=0) for seed in seeds])
    return ({"seed": curves} if np.isfinite(curves).all() else {}), len(seeds)


def _mean_seeds(block: np.ndarray) -> np.ndarray:
    """Return the mean of the finite values over the third axis; NaN if there are none."""
    there = np.isfinite(block)
    count = there.sum(axis=2)
    return np.where(count > 0, np.where(there, block, 0.0).sum(axis=2) / np.maximum(count, 1), np.nan)


def _arrange(rows: pd.DataFrame) -> _Cells:
    axes = [sorted(rows[column].unique()) for column in ("sources", "target", "seed", "shots")]
    scores = np.full([len(axis) for axis in axes], np.nan)
    places = [
        np.searchsorted(axis, rows[column])
        for axis, column in zip(axes, ("sources", "target", "seed", "shots"), strict=True)
    ]
    scores[tuple(places)] = rows["score"].to_numpy(dtype=float)
    return _Cells(axes[0], axes[1], np.array(axes[3], dtype=float), scores)
