"""Laws of few-shot learning, score = start + gain * u(shots; shape), and their least-squares fits, many at a time."""

from dataclasses import dataclass

import numpy as np

LAWS = {"log": 2, "power": 3, "saturating": 3}
"""Each law and its number of parameters. In a tie, the first law is chosen, so that the simplest comes first."""

REACH = 4
"""Limit of forecasts and of time constants, as a multiple of the largest number of shots."""

_STEEPNESS = (0.05, 3.0)
_GRID = 61
_ZOOM = 9
_ROUNDS = 8
_AT_ONCE = 2000
_EDGE = 1e-6

SHARES, UNBOUNDED = (0.0, 1.0), (-np.inf, np.inf)
"""The lowest and the highest possible score: of scores from 0 to 1, and of scores without a scale."""


@dataclass(frozen=True)
class Fits:
    """A law fitted to C curves; each array has C entries.

    start: score at 0 shots. gain: for the log law, the rise per unit of ln(1 + shots); for the others, asymptote minus
    start. shape: exponent (power) or time constant in sentences (saturating); NaN for log. at_edge: the shape is at the
    end of the search range, so that shape and asymptote are not determined. capped: the asymptote is limited to 1.
    bounds: the lowest and the highest possible score.
    """

    law: str
    start: np.ndarray
    gain: np.ndarray
    shape: np.ndarray
    at_edge: np.ndarray
    capped: np.ndarray
    bounds: tuple[float, float] = SHARES

    @property
    def asymptote(self) -> np.ndarray:
        """Score at an infinite number of shots; NaN if it does not exist (log) or is not determined."""
        known = (self.law != "log") & ~self.at_edge & ~self.capped & (self.gain > 0)
        return np.where(known, self.start + self.gain, np.nan)

    def take(self, rows: np.ndarray) -> "Fits":
        """Return the fits of the curves at `rows`."""
        numbers = (self.start, self.gain, self.shape, self.at_edge, self.capped)
        return Fits(self.law, *(number[rows] for number in numbers), bounds=self.bounds)

    def predict(self, shots: np.ndarray) -> np.ndarray:
        """Return the scores of each curve (rows) at each number of shots (columns), limited to the bounds."""
        rise = measure_rise(self.law, shots, self.shape[:, None])
        return np.clip(self.start[:, None] + self.gain[:, None] * rise, *self.bounds)


def measure_rise(law: str, shots: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """Return u(shots; shape), which is 0 at 0 shots.

    log: ln(1 + k). power: 1 - (1 + k)^-shape, which tends to the log law as shape tends to 0. saturating:
    1 - exp(-k / shape). These are the usual power and exponential laws (Viering & Loog 2023, "The shape of learning
    curves: a review", IEEE TPAMI 45, section 4) with 1 + k instead of k. So 0 shots have a value, and the power law
    has no offset that would have to be separated from its exponent.
    """
    if law == "log":
        return np.log1p(shots) + np.zeros_like(shape)
    if law == "power":
        return -np.expm1(-shape * np.log1p(shots))
    return -np.expm1(-shots / shape)


def fit_law(
    law: str, shots: np.ndarray, scores: np.ndarray, used: np.ndarray, bounds: tuple[float, float] = SHARES
) -> Fits:
    """Fit a law to C curves by least squares.

    shots: m increasing numbers of shots. scores: C x m. used: C x m booleans; scores that are not used are ignored.
    bounds: the lowest and the highest possible score, SHARES or UNBOUNDED. The log law has no bounds. The power and
    saturating laws do not fall (gain >= 0) and do not exceed the highest score (asymptote <= 1 with SHARES). The
    exponent is in 0.05..3. The time constant is between a quarter of the smallest number of shots above 0 and 4
    times the largest number of shots.

    The method is variable projection (Golub & Pereyra 1973, SIAM J. Numer. Anal. 10). For a given shape, the best start
    and gain have a closed form (linear least squares). So only the shape is searched, on a grid that is then narrowed.
    """
    scores = np.where(used, scores, 0.0)
    weights = used.astype(float)
    chunks = [slice(first, first + _AT_ONCE) for first in range(0, len(scores), _AT_ONCE)]
    parts = [_fit_chunk(law, shots, scores[chunk], weights[chunk], bounds[1]) for chunk in chunks]
    return Fits(law, *(np.concatenate(numbers) for numbers in zip(*parts, strict=True)), bounds=bounds)


def _fit_chunk(
    law: str, shots: np.ndarray, scores: np.ndarray, weights: np.ndarray, ceiling: float
) -> tuple[np.ndarray, ...]:
    rows = np.arange(len(scores))
    if law == "log":
        rise = np.broadcast_to(np.log1p(shots), (len(scores), 1, len(shots)))
        start, gain, _ = _solve(rise, scores, weights, None)
        no = np.zeros(len(scores), dtype=bool)
        return start[:, 0], gain[:, 0], np.full(len(scores), np.nan), no, no
    low, high = np.log(_STEEPNESS if law == "power" else (shots[shots > 0].min() / 4, REACH * shots.max()))
    grid = np.tile(np.linspace(low, high, _GRID), (len(scores), 1))
    step = (high - low) / (_GRID - 1)
    for _ in range(_ROUNDS + 1):
        shape = np.exp(np.clip(grid, low, high))
        start, gain, loss = _solve(measure_rise(law, shots, shape[:, :, None]), scores, weights, ceiling)
        best = loss.argmin(axis=1)
        centre = np.clip(grid[rows, best], low, high)
        grid = centre[:, None] + np.linspace(-step, step, _ZOOM)
        step *= 2 / (_ZOOM - 1)
    start, gain, shape = start[rows, best], gain[rows, best], shape[rows, best]
    at_edge = (gain > 0) & ((centre <= low + _EDGE) | (centre >= high - _EDGE))
    return start, gain, shape, at_edge, (gain > 0) & (start + gain >= ceiling - _EDGE)


def _solve(
    rise: np.ndarray, scores: np.ndarray, weights: np.ndarray, ceiling: float | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return start, gain and loss (C x G each) for rise (C x G x m), scores and weights (C x m).

    With a ceiling, which can be infinite, gain >= 0 and start + gain <= ceiling. If the unbounded optimum violates a
    bound, the bounded optimum lies on a bound, because the loss is convex. In this case, the better of the optima on
    the two bounds is returned.
    """
    scores, weights = scores[:, None, :], weights[:, None, :]
    count = weights.sum(axis=2)
    mean, level = (weights * scores).sum(axis=2) / count, (weights * rise).sum(axis=2) / count
    centred = weights * (rise - level[:, :, None])
    spread = (centred**2).sum(axis=2)
    gain = (centred * scores).sum(axis=2) / np.where(spread > 0, spread, 1.0)
    start = mean - gain * level
    if ceiling is not None:
        flat_start, flat_gain = np.minimum(mean, ceiling) + 0 * gain, 0 * gain
        broken = (gain < 0) | (start + gain > ceiling)
        if np.isfinite(ceiling):
            below = weights * (1 - rise)
            size = (below**2).sum(axis=2)
            capped_gain = np.maximum((below * (ceiling - scores)).sum(axis=2) / np.where(size > 0, size, 1.0), 0.0)
            capped_start = ceiling - capped_gain
            flat_loss = _measure_loss(flat_start, flat_gain, rise, scores, weights)
            capped_better = _measure_loss(capped_start, capped_gain, rise, scores, weights) < flat_loss
            flat_start = np.where(capped_better, capped_start, flat_start)
            flat_gain = np.where(capped_better, capped_gain, flat_gain)
        start = np.where(broken, flat_start, start)
        gain = np.where(broken, flat_gain, gain)
    return start, gain, _measure_loss(start, gain, rise, scores, weights)


def _measure_loss(
    start: np.ndarray, gain: np.ndarray, rise: np.ndarray, scores: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    return (weights * (start[:, :, None] + gain[:, :, None] * rise - scores) ** 2).sum(axis=2)
