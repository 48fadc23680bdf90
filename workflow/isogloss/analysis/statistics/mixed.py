"""Mixed models with crossed random effects: variances and coefficients by REML."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from isogloss.analysis.statistics.additive import code_labels, take_out
from isogloss.analysis.statistics.conventions import NO_SHARE


@dataclass(frozen=True)
class MixedFit:
    """A fitted mixed model.

    `coefficients` are those of the fixed columns, in units of the values. `variances` are those of the random
    intercepts, one per grouping in the order given; a variance is 0 if the best fit lies on that bound. `residual` is
    the residual variance. Variances are in squared units of the values.
    """

    coefficients: np.ndarray
    variances: np.ndarray
    residual: float


def fit_mixed(values: np.ndarray, fixed: np.ndarray, groupings: Sequence[Sequence[str]]) -> MixedFit | None:
    """Fit a linear mixed model with a random intercept per label of each grouping, by REML.

    The model is values = fixed x coefficients + one random intercept per grouping + residual. `values` has length n.
    `fixed` is an n x p design matrix of full rank that includes the constant. `groupings` is a sequence of label lists
    of length n, for example the source and the target of each pair; groupings may cross.

    Returns an object with the attributes `coefficients` (length p, in units of the values), `variances` (of the random
    intercepts, one per grouping) and `residual` (the residual variance). Returns None if fixed columns and groupings
    fit the values exactly.

    The search is over the ratio of each grouping's standard deviation to the residual standard deviation, with a lower
    bound of 0. It can therefore reach a variance of exactly 0; a search over the variances stops short of it.

    Source: Bates, Maechler, Bolker & Walker 2015, "Fitting linear mixed-effects models using lme4", Journal of
    Statistical Software 67(1), sections 3.4 (REML criterion, profiled over coefficients and residual variance).
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
    # The search comes near a bound but does not reach it, so each bound is tried explicitly.
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
    """The data as the criterion needs them: Z'Z, Z'[X y], [X y]'[X y], the levels of each grouping, and n."""

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
    """Return -2 x the profiled REML log-likelihood, without its constant."""
    _, residual, determinants = _solve(ratios, products)
    freedom = products.n - (len(products.fixed) - 1)
    return freedom * np.log(residual) + determinants


def _solve(ratios: np.ndarray, products: _Products) -> tuple[np.ndarray, float, float]:
    """Return coefficients, residual variance, and log|V| + log|X'V^-1 X| for V = I + Z diag(ratios^2) Z'."""
    spread = np.repeat(ratios, products.levels)
    inner = np.eye(len(spread)) + spread[:, None] * products.random * spread
    # Use numpy's solver: scipy's triangular solver starts threads even for such small systems.
    lower = np.linalg.cholesky(inner)
    half = np.linalg.solve(lower, spread[:, None] * products.cross)
    weighted = products.fixed - half.T @ half
    normal, right = weighted[:-1, :-1], weighted[:-1, -1]
    coefficients = np.linalg.solve(normal, right)
    freedom = products.n - len(normal)
    residual = max((weighted[-1, -1] - right @ coefficients) / freedom, np.finfo(float).tiny)
    determinants = 2 * np.log(np.diag(lower)).sum() + np.linalg.slogdet(normal)[1]
    return coefficients, residual, float(determinants)
