"""Reliability of a transfer matrix whose cells are means over seeds, and the variance that runs of a seed share."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from isogloss.analysis.statistics.additive import code_languages, take_out
from isogloss.analysis.statistics.conventions import NO_SHARE

_MOST_SPLITS = 200
"""If the seeds can be split in more ways, this many splits are drawn at random."""


@dataclass(frozen=True)
class CellMeans:
    """The cells of a transfer matrix, and the runs whose means they are. Create it with CellMeans.from_runs.

    `pairs` is a data frame with the source and target of each cell. `means` has the mean over seeds of each cell, and
    `grid` (cells x seeds) the single scores, NaN if a seed is missing. `runs` is the number of seeds per cell, as a
    harmonic mean. `noise` is the variance between seeds within a cell, pooled over cells; it is NaN if no cell has two
    seeds. `design` has the dummy columns of sources and targets. `freedom` is the number of cells minus the number of
    source and target effects. `pair_noise` is the part of `noise` that remains after source and target effects are
    removed from the matrix of each seed. There are such effects because all runs of a source with one seed share one
    fine-tuned model. `pair_noise` equals `noise` if fewer than two seeds are common to all cells.
    """

    pairs: pd.DataFrame
    means: np.ndarray
    grid: np.ndarray
    runs: float
    noise: float
    design: np.ndarray
    freedom: int
    pair_noise: float

    @classmethod
    def from_runs(cls, runs: pd.DataFrame) -> "CellMeans":
        """Return the cells of a data frame of runs with the columns source, target, seed and score."""
        grid = runs.pivot_table(index=["source", "target"], columns="seed", values="score", aggfunc="mean")
        values = grid.to_numpy(dtype=float)
        counts, means = np.isfinite(values).sum(axis=1), np.nanmean(values, axis=1)
        repeats = (counts - 1).sum()
        noise = np.nansum((values - means[:, None]) ** 2) / repeats if repeats else np.nan
        pairs = grid.index.to_frame(index=False)
        design = code_languages(pairs["source"], pairs["target"])
        freedom = len(pairs) - int(np.linalg.matrix_rank(design))
        shared = values[:, np.isfinite(values).all(axis=0)]
        pair_noise = noise
        if shared.shape[1] > 1 and freedom:
            left = take_out(design, shared - shared.mean(axis=1, keepdims=True))
            pair_noise = (left**2).sum() / freedom / (shared.shape[1] - 1)
        runs = float(1 / (1 / counts).mean())
        return cls(pairs, means, values, runs, float(noise), design, freedom, float(pair_noise))


def measure_reliability(cells: CellMeans, seed: int) -> tuple[dict[str, float], list[str]]:
    """Return the reliability of cell means over seeds, as a dict of numbers and a list of notes on missing numbers.

    `cells` are the cells of a transfer matrix; `seed` determines the split halves that are drawn, if there are many.
    `reliability` is ICC(1,k) of the cells. `reliability_pair` is ICC(1,k) after source and target effects are removed,
    from the mean square of the residuals and `cells.pair_noise`. `split_half` and `split_half_pair` are the results of
    correlate_halves before and after source and target effects are removed. `seed_of_source` and `seed_of_target` are
    the shares of the variance between seeds that runs of one seed and source, or target, have in common. Numbers that
    cannot be computed are not in the dict.

    Source: Shrout & Fleiss 1979, "Intraclass correlations", Psychological Bulletin 86(2): (MSB - MSW) / MSB. If numbers
    of seeds differ, their harmonic mean replaces k. A negative value is returned as 0.
    """
    if np.isnan(cells.noise):
        return {}, ["no reliability: it needs at least 2 seeds"]
    between = cells.means.var(ddof=1)
    beyond = (take_out(cells.design, cells.means) ** 2).sum() / cells.freedom
    found = {"reliability": max(1 - cells.noise / cells.runs / between, 0.0)}
    if beyond > NO_SHARE * between:
        found["reliability_pair"] = max(1 - cells.pair_noise / cells.runs / beyond, 0.0)
    shared = np.isfinite(cells.grid).all(axis=0)
    if shared.sum() < 2:
        return found, ["no split halves: they need at least 2 seeds that all cells have"]
    grid = cells.grid[:, shared]
    found["split_half"] = correlate_halves(grid, seed)
    found["split_half_pair"] = correlate_halves(take_out(cells.design, grid), seed)
    for role in ("source", "target"):
        found[f"seed_of_{role}"] = share_seeds(grid, cells.pairs[role].to_numpy())
    return found, []


def correlate_halves(grid: np.ndarray, seed: int) -> float:
    """Return the split-half reliability of the mean over all seeds.

    `grid` is a cells x k array of scores, one column per seed, without missing values. Each split has two halves of
    m = floor(k / 2) seeds. r is the correlation over cells between the means of the two halves, averaged over splits.
    The Spearman-Brown formula extends it from m to k seeds: `f r / (1 + (f - 1) r)` with `f = k / m`. All splits are
    used, or 200 random ones, drawn with `seed`, if there are more. The result is NaN if a half is constant.
    """
    count = grid.shape[1]
    size = count // 2
    seeds = range(count)
    splits = []
    for one in combinations(seeds, size):
        rest = [place for place in seeds if place not in one]
        splits += [(one, other) for other in combinations(rest, size) if one < other]
        if len(splits) > _MOST_SPLITS:
            generator = np.random.default_rng(seed)
            orders = [generator.permutation(count) for _ in range(_MOST_SPLITS)]
            splits = [(order[:size], order[size : 2 * size]) for order in orders]
            break
    found = [_correlate(grid[:, list(a)].mean(axis=1), grid[:, list(b)].mean(axis=1)) for a, b in splits]
    r, factor = float(np.mean(found)), count / size
    return factor * r / (1 + (factor - 1) * r)


def _correlate(one: np.ndarray, other: np.ndarray) -> float:
    one, other = one - one.mean(), other - other.mean()
    size = np.sqrt((one**2).sum() * (other**2).sum())
    return float((one * other).sum() / size) if size > NO_SHARE**2 else np.nan


def share_seeds(grid: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of the variance between seeds that cells with one label and seed have in common.

    `grid` is a cells x seeds array without missing values; `labels` has one label per cell. If labels are sources, the
    share comes from the fine-tuned source model that all targets of a source use. If labels are targets, it comes from
    the draw of shots that all sources of a target use.

    The share is an intraclass correlation of deviations of scores from their cell means: the mean product of two cells
    with one label and seed, divided by the mean square. It is 0 if runs are independent. It is NaN without variance
    between seeds, and if no label has two cells.
    """
    deviations = grid - grid.mean(axis=1, keepdims=True)
    squares, products, pairs = (deviations**2).sum(), 0.0, 0
    for label in np.unique(labels):
        own = deviations[labels == label]
        products += (own.sum(axis=0) ** 2 - (own**2).sum(axis=0)).sum()
        pairs += len(own) * (len(own) - 1) * grid.shape[1]
    if squares <= NO_SHARE**2 or not pairs:
        return np.nan
    return float(products / pairs / (squares / grid.size))
