"""Mixed models with crossed random effects: variances by REML, and the coefficients that go with them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from isogloss.analysis.statistics.additive import code_labels, take_out
from isogloss.analysis.statistics.conventions import NO_SHARE


@dataclass(frozen=True)
class MixedFit:
    """A fitted mixed model.

    coefficients: of the fixed columns. variances: of each grouping's random intercepts, in the order given, 0
    where the best fit lies on that bound. residual: variance that no grouping holds. All in units of the
    values, and their squares.
    """

    coefficients: np.ndarray
    variances: np.ndarray
    residual: float


def fit_mixed(values: np.ndarray, fixed: np.ndarray, groupings: Sequence[Sequence[str]]) -> MixedFit | None:
    """Fit values = fixed x coefficients + a random intercept for the label of each grouping + residual, by REML.

    values: n. fixed: n x p, of full rank, with the constant. groupings: for each, n labels; they may cross.
    None where fixed columns and groupings leave nothing for the residual.

    Source: Bates, Maechler, Bolker & Walker 2015, "Fitting linear mixed-effects models using lme4", Journal of
    Statistical Software 67(1), sections 3.4 (REML criterion, profiled over coefficients and residual variance). The
    parameters are the ratios of a grouping's standard deviation to the residual's, bounded by 0: a variance of 0 is
    an ordinary answer here, where a search over the variances themselves stops short of it.
    """
    blocks = [code_labels(labels) for labels in groupings]
    random = np.hstack(blocks)
    scale = values.std()
    left = take_out(np.hstack([fixed, random]), values)
    if scale == 0 or (left**2).mean() <= NO_SHARE * scale**2:
        return None
    levels = [block.shape[1] for block in blocks]
    both = np.column_stack([fixed, values / scale])
    products = _Products(random.T @ random, random.T @ both, both.T @ both, levels, len(values))
    starts = [np.full(len(levels), start) for start in (0.3, 2.0)]
    found = [_search(products, start) for start in starts]
    best = min(found, key=lambda result: result.fun)
    # A bound is tried for itself: the search comes near it, not onto it.
    for place in range(len(levels)):
        onto = best.x.copy()
        onto[place] = 0.0
        if _criterion(onto, products) <= best.fun + 1e-9:
            best.x = onto
    coefficients, residual, _ = _solve(best.x, products)
    residual *= scale**2
    return MixedFit(coefficients * scale, best.x**2 * residual, float(residual))


@dataclass(frozen=True)
class _Products:
    """All that the criterion needs of the data: Z'Z, Z'[X y], [X y]'[X y]; levels of each grouping; n."""

    random: np.ndarray
    cross: np.ndarray
    fixed: np.ndarray
    levels: list[int]
    n: int


def _search(products: _Products, start: np.ndarray) -> optimize.OptimizeResult:
    return optimize.minimize(
        _criterion,
        start,
        args=(products,),
        method="Nelder-Mead",
        bounds=[(0, 1e4)] * len(start),
        options={"xatol": 1e-6, "fatol": 1e-9, "maxfev": 2000},
    )


def _criterion(ratios: np.ndarray, products: _Products) -> float:
    """-2 x the profiled REML log-likelihood, without its constant."""
    _, residual, determinants = _solve(ratios, products)
    freedom = products.n - (len(products.fixed) - 1)
    return freedom * np.log(residual) + determinants


def _solve(ratios: np.ndarray, products: _Products) -> tuple[np.ndarray, float, float]:
    """Return coefficients, residual variance, and log|V| + log|X'V^-1 X| for V = I + Z diag(ratios^2) Z'."""
    spread = np.repeat(ratios, products.levels)
    inner = np.eye(len(spread)) + spread[:, None] * products.random * spread
    # numpy's solver, not scipy's triangular one: that starts threads for systems as small as these.
    lower = np.linalg.cholesky(inner)
    half = np.linalg.solve(lower, spread[:, None] * products.cross)
    weighted = products.fixed - half.T @ half
    normal, right = weighted[:-1, :-1], weighted[:-1, -1]
    coefficients = np.linalg.solve(normal, right)
    freedom = products.n - len(normal)
    residual = max((weighted[-1, -1] - right @ coefficients) / freedom, np.finfo(float).tiny)
    determinants = 2 * np.log(np.diag(lower)).sum() + np.linalg.slogdet(normal)[1]
    return coefficients, residual, float(determinants)
