"""Multiple regression of one matrix on others (MRQAP), with p-values that account for languages shared by pairs."""

from dataclasses import dataclass

import numpy as np

from isogloss.analysis.statistics.conventions import NO_SHARE, RIDGE
from isogloss.analysis.statistics.qap import draw_orders
from isogloss.analysis.statistics.transforms import DOUBLE_CENTRED, RAW, transform

_TIE_OF_T = 1e-9
"""Values of t this close, relative to t, are equal, so that rounding errors cannot break a tie."""


def mrqap(
    scores: np.ndarray, features: np.ndarray, permutations: int = 10000, seed: int = 0, centring: str = RAW
) -> tuple[np.ndarray, np.ndarray]:
    """Regress a score matrix on several features, and test each coefficient by double semi-partialling (MRQAP).

    `scores` is an L x L array and `features` an F x L x L array. Rows are sources and columns are targets, for the same
    L languages in the same order. The diagonal is ignored; a cell that is NaN in any matrix is missing. `permutations`
    is the number of random permutations of the languages, drawn with `seed`. `centring` is `raw` (the mean is removed
    from all matrices first) or `double-centred` (source and target effects are removed first).

    Returns two arrays of length F: t of each coefficient and its p-value, which is
    `(1 + #{|t_perm| >= |t|}) / (1 + permutations)`. Values of t that differ by less than 1e-9 of t are tied. Both are
    NaN if nothing is left to test.

    For each feature, its residuals on the other features are permuted, rows and columns together, and replace the
    feature in the regression. The test compares t, because t is pivotal and the coefficient is not. With missing cells,
    each permutation is refitted, including the effects, on the cells that the scores and the permuted residuals share.

    Source: Dekker, Krackhardt & Snijders 2007, "Sensitivity of MRQAP tests to collinearity and autocorrelation
    conditions", Psychometrika 72(4), the method that they call DSP.
    """
    languages, count_features = len(scores), len(features)
    there = np.isfinite(scores) & np.isfinite(features).all(axis=0) & ~np.eye(languages, dtype=bool)
    variables = np.where(there, np.concatenate([features, scores[None]]), 0.0)
    size = (transform(variables, there.astype(float), RAW) ** 2).sum(axis=(1, 2))
    variables = transform(variables, there.astype(float), centring)
    variables[(variables**2).sum(axis=(1, 2)) <= NO_SHARE * size] = 0.0
    # A permutation of a complete matrix permutes its effects too, so a centred matrix stays centred.
    complete = there.sum() == languages * (languages - 1)
    products, freedom = _multiply(variables, variables), _count_freedom(there, count_features, centring)
    observed = np.array([_find_t(_move_last(products, place), freedom) for place in range(count_features)])
    residuals = [_take_out_others(variables[:-1], place).reshape(-1) for place in range(count_features)]
    exceeding = np.zeros(count_features, dtype=int)
    for order in draw_orders(languages, permutations, seed):
        cells = order[:, :, None] * languages + order[:, None, :]
        effects = None
        if not complete:
            both = there & there.reshape(-1)[cells]
            effects = _Effects.from_cells(both, variables, centring)
            products, freedom = effects.products, _count_freedom(both, count_features, centring)
        for place, residual in enumerate(residuals):
            cross, own = _multiply_permuted(residual[cells], variables, effects)
            t = _find_t(_substitute(products, place, cross, own), freedom)
            # A permutation that leaves nothing to fit counts against the feature.
            exceeding[place] += (~(np.abs(t) < np.abs(observed[place]) * (1 - _TIE_OF_T))).sum()
    p_values = (1 + exceeding) / (1 + permutations)
    return observed, np.where(np.isnan(observed), np.nan, p_values)


def _count_freedom(there: np.ndarray, features: int, centring: str) -> np.ndarray:
    """Return the residual degrees of freedom for each matrix in a stack of masks of known cells."""
    effects = np.ones(there.shape[:-2])
    if centring == DOUBLE_CENTRED:
        effects = there.any(axis=-1).sum(axis=-1) + there.any(axis=-2).sum(axis=-1) - 1
    return there.sum(axis=(-2, -1)) - effects - features


def _take_out_others(features: np.ndarray, place: int) -> np.ndarray:
    """Return the residuals of one centred feature matrix on the other centred feature matrices."""
    flat = features.reshape(len(features), -1).T
    others = np.delete(flat, place, axis=1)
    left = flat[:, place] - others @ np.linalg.lstsq(others, flat[:, place], rcond=None)[0]
    return left.reshape(features.shape[1:])


def _multiply(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the sums of products over cells, a x b, of an a x L x L and a b x L x L array."""
    return one.reshape(len(one), -1) @ other.reshape(len(other), -1).T


@dataclass(frozen=True)
class _Effects:
    """The part of the variables (V x L x L) that the effects explain on the cells of each permutation (P x L x L).

    Variables are written in coordinates whose inner products equal those of the fitted effects. Least squares on P
    different sets of cells then requires only the small matrices in `inverse`.

    in_row: P x L, the number of cells in each row. inverse: P x L x L, the inverse Cholesky factor of the column normal
    equations after the rows are eliminated, or None if the mean is the only effect. coordinates: P x V x K. products:
    P x V x V, the inner products of the residuals.
    """

    weights: np.ndarray
    in_row: np.ndarray
    inverse: np.ndarray | None
    coordinates: np.ndarray
    products: np.ndarray

    @classmethod
    def from_cells(cls, both: np.ndarray, variables: np.ndarray, centring: str) -> "_Effects":
        weights = both.astype(float)
        in_row, inverse = np.maximum(weights.sum(axis=2), 1), None
        if centring == DOUBLE_CENTRED:
            normal = -np.swapaxes(weights, 1, 2) @ (weights / in_row[..., None])
            places = np.arange(weights.shape[-1])
            normal[:, places, places] += weights.sum(axis=1) + RIDGE
            inverse = np.linalg.inv(np.linalg.cholesky(normal))
        rows = np.einsum("pij,vij->pvi", weights, variables, optimize=True)
        columns = np.einsum("pij,vij->pvj", weights, variables, optimize=True)
        coordinates = _locate(rows, columns, weights, in_row, inverse)
        squares = (variables[:, None] * variables[None]).reshape(len(variables) ** 2, -1)
        products = (weights.reshape(len(weights), -1) @ squares.T).reshape(-1, len(variables), len(variables))
        products -= coordinates @ np.swapaxes(coordinates, 1, 2)
        return cls(weights, in_row, inverse, coordinates, products)

    def locate(self, matrices: np.ndarray) -> np.ndarray:
        """Return the coordinates (P x K) of one matrix per permutation (P x L x L), which is 0 in missing cells."""
        rows, columns = matrices.sum(axis=2)[:, None], matrices.sum(axis=1)[:, None]
        return _locate(rows, columns, self.weights, self.in_row, self.inverse)[:, 0]


def _locate(
    rows: np.ndarray, columns: np.ndarray, weights: np.ndarray, in_row: np.ndarray, inverse: np.ndarray | None
) -> np.ndarray:
    """Return the coordinates of variables from their sums over rows and over columns (P x V x L each)."""
    if inverse is None:
        total = np.maximum(weights.sum(axis=(1, 2)), 1)
        return rows.sum(axis=2, keepdims=True) / np.sqrt(total)[:, None, None]
    left = columns - (rows / in_row[:, None]) @ weights
    return np.concatenate([rows / np.sqrt(in_row)[:, None], left @ np.swapaxes(inverse, 1, 2)], axis=2)


def _multiply_permuted(
    permuted: np.ndarray, variables: np.ndarray, effects: _Effects | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the products of permuted residuals (P x L x L) with the variables (P x V) and with themselves (P).

    The effects are removed first.
    """
    if effects is None:
        return _multiply(permuted, variables), (permuted * permuted).sum(axis=(1, 2))
    permuted = permuted * effects.weights
    place = effects.locate(permuted)
    cross = _multiply(permuted, variables) - (effects.coordinates @ place[..., None])[..., 0]
    return cross, (permuted * permuted).sum(axis=(1, 2)) - (place * place).sum(axis=1)


def _substitute(products: np.ndarray, place: int, cross: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return the products (P x V x V) with the variable at `place` replaced and moved to the end."""
    moved = _move_last(products, place)
    moved = np.array(np.broadcast_to(moved, (len(cross), *moved.shape[-2:])))
    cross = np.delete(cross, place, axis=1)
    moved[:, -1, :-1] = moved[:, :-1, -1] = cross
    moved[:, -1, -1] = own
    return moved


def _move_last(products: np.ndarray, place: int) -> np.ndarray:
    order = [*(other for other in range(products.shape[-1]) if other != place), place]
    return products[..., order, :][..., order]


def _find_t(products: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    """Return t of the last variable as a predictor of the last but one, given all earlier ones, from V x V products."""
    size = np.sqrt(np.diagonal(products, axis1=-2, axis2=-1))
    size = np.where(size > 0, size, 1.0)
    left = products / size[..., :, None] / size[..., None, :]
    for _ in range(products.shape[-1] - 2):
        # Sweep the first variable out of the others. A variable without remaining variance removes nothing.
        pivot = np.where(left[..., 0, 0] > RIDGE, left[..., 0, 0], np.inf)[..., None, None]
        left = left[..., 1:, 1:] - left[..., 1:, :1] * left[..., :1, 1:] / pivot
    with np.errstate(invalid="ignore", divide="ignore"):
        partial = left[..., 0, 1] / np.sqrt(left[..., 0, 0] * left[..., 1, 1])
        t = partial * np.sqrt(freedom / (1 - partial**2))
    return np.where((freedom > 0) & (left[..., 1, 1] > RIDGE), t, np.nan)
