"""How far the mean over seeds can be trusted: reliability of a transfer matrix, and what its seeds share."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from isogloss.analysis.statistics.additive import code_languages, take_out
from isogloss.analysis.statistics.conventions import NO_SHARE

_MOST_SPLITS = 200
"""With more ways to split the seeds in halves, this many are drawn."""


@dataclass(frozen=True)
class CellMeans:
    """The cells of a transfer matrix, and the runs they are means of.

    pairs: source and target of each cell. means: over its seeds. grid: cells x seeds, NaN where a seed is missing.
    runs: seeds a cell, the harmonic mean. noise: variance between seeds within a cell, pooled over cells, of one run;
    NaN where no cell has two seeds. design: dummies of source and target. freedom: cells less effects of both.
    pair_noise: the part of noise that source and target effects of each seed's own matrix leave (all of a source's
    runs of one seed share a fine-tuned model); the same as noise where fewer than two seeds are common to all cells.
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
        """Make cells from source, target, seed, score."""
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
    """Return reliability, reliability_pair, split halves and what seeds share, and notes on what is missing.

    reliability: ICC(1,k) of cells over seeds; reliability_pair: the same of what source and target leave, with the
    mean square of the residuals and the pair_noise. seed draws the split halves where there are many.

    Source: Shrout & Fleiss 1979, "Intraclass correlations", Psychological Bulletin 86(2): (MSB - MSW) / MSB; with
    unequal numbers of seeds, their harmonic mean takes k's place. Below 0 it is given as 0.
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
        return found, ["no split halves: fewer than 2 seeds are common to all cells"]
    grid = cells.grid[:, shared]
    found["split_half"] = correlate_halves(grid, seed)
    found["split_half_pair"] = correlate_halves(take_out(cells.design, grid), seed)
    for role in ("source", "target"):
        found[f"seed_of_{role}"] = share_seeds(grid, cells.pairs[role].to_numpy())
    return found, []


def correlate_halves(grid: np.ndarray, seed: int) -> float:
    """Return the split-half reliability of the mean over all seeds (cells x seeds, complete).

    The mean over splits of the correlation r between the means of two halves of m = floor(seeds / 2) seeds each,
    stepped up from m to all k seeds by Spearman and Brown's formula, f r / (1 + (f - 1) r) with f = k / m. Every split
    is taken, or 200 drawn by `seed` where there are more. NaN where a half is constant.
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
    """Return the share of the variance between seeds that cells of one label and seed have in common.

    grid: cells x seeds, complete. With labels the sources, it is what one source's fine-tuned model carries into
    all its targets; with the targets, what one draw of shots does to all sources. It is the mean product of
    the deviations (from their cells' means) of two cells of one label and seed, over their mean square: an
    intraclass correlation, 0 where runs are independent. NaN without noise or without two cells of a label.
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
