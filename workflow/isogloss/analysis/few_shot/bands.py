"""The 95% band of a learning curve: its score at any number of shots, with an interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isogloss.analysis.few_shot.held_out import APART, NOT_MEASURED, ON_CURVE, Fitted
from isogloss.analysis.few_shot.laws import REACH, Fits, fit_law, measure_rise
from isogloss.analysis.few_shot.learning_curves import Curve
from isogloss.analysis.statistics.jackknife import find_half_width, jackknife

INTERPOLATION = "interpolation"

_POINTS = 500
_STEP = 1e-4


@dataclass(frozen=True)
class Band:
    """A curve at G increasing numbers of shots, with the score and its 95% interval at each.

    law: a key of LAWS, or `interpolation` (straight lines between measured scores, on ln(1 + shots)). low, high: NaN if
    the data allow no interval. basis: what the interval was computed from, in words. lower_gap: True if the first
    number of shots is 0 and the law begins only at the second one; the scores in between are unknown.
    """

    law: str
    zero_shots: str
    shots: np.ndarray
    score: np.ndarray
    low: np.ndarray
    high: np.ndarray
    basis: str
    lower_gap: bool


def draw_bands(curves: Sequence[Curve], fitted: Sequence[Sequence[Fitted]]) -> list[Band]:
    """Return the band of each curve: its chosen law up to 4 times its largest number of shots, or interpolation.

    fitted: as returned by compare_laws for the curves. A curve without a chosen law is interpolated, on ln(1 + shots).

    The variance at each number of shots is the sum of two parts. The first part is the jackknife variance over sources;
    for the mean over pairs, it is over languages. The second part is the variance of the runs: the jackknife variance
    over seeds, or the variance of the residuals of the law by linearisation (the delta method; the degrees of freedom
    are the number of scores minus the number of parameters), whichever results in the wider interval. The intervals do
    not include the uncertainty of the choice of the law.
    """
    chosen = [next((one for one in candidates if one.chosen), None) for candidates in fitted]
    refits = _refit(curves, chosen)
    return [_draw_band(*three) for three in zip(curves, chosen, refits, strict=True)]


def _refit(curves: Sequence[Curve], chosen: Sequence[Fitted | None]) -> list[dict[str, Fits]]:
    """Fit the chosen law of each curve to its leave-one-out versions; curves with the same law and shots together."""
    groups: dict[tuple, list[tuple[int, str]]] = {}
    for place, (curve, one) in enumerate(zip(curves, chosen, strict=True)):
        if one:
            groups.setdefault((one.law, tuple(curve.shots), tuple(one.used), curve.bounds), []).extend(
                (place, unit) for unit in curve.without
            )
    refits: list[dict[str, Fits]] = [{} for _ in curves]
    for (law, shots, used, bounds), members in groups.items():
        if members:
            versions = np.concatenate([curves[place].without[unit] for place, unit in members])
            fits = fit_law(law, np.array(shots), versions, np.tile(used, (len(versions), 1)), bounds)
            first = 0
            for place, unit in members:
                last = first + len(curves[place].without[unit])
                refits[place][unit] = fits.take(np.arange(first, last))
                first = last
    return refits


def _draw_band(curve: Curve, chosen: Fitted | None, refits: dict[str, Fits]) -> Band:
    grid = list_grid(curve.shots, chosen)
    zero_shots = chosen.zero_shots if chosen else ON_CURVE if curve.shots[0] == 0 else NOT_MEASURED
    score = _follow(curve, chosen, chosen.fit if chosen else None, curve.scores[None], grid)[0]
    variances = {
        unit: jackknife(_follow(curve, chosen, refits.get(unit), without, grid))
        for unit, without in curve.without.items()
    }
    half, basis = _combine(curve, variances, _vary_residuals(curve, chosen, grid))
    law = chosen.law if chosen else INTERPOLATION
    ends = [np.clip(score + sign * half, *curve.bounds) for sign in (-1, 1)]
    return Band(law, zero_shots, grid, score, *ends, basis, zero_shots == APART)


def list_grid(shots: np.ndarray, chosen: Fitted | None) -> np.ndarray:
    """Return the numbers of shots of a band: equally spaced on ln(1 + shots), and all measured ones."""
    first = shots[1] if chosen and chosen.zero_shots == APART else shots[0]
    last = shots[-1] * (REACH if chosen else 1)
    even = np.expm1(np.linspace(np.log1p(first), np.log1p(last), _POINTS))
    return np.unique(np.concatenate([shots, even[1:-1], [last]]))


def _follow(curve: Curve, chosen: Fitted | None, fits: Fits | None, scores: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Return the scores of versions of a curve at the shots of the grid (C x G).

    scores: C x m measured scores. fits: the fits of the versions if there is a law.
    """
    if chosen is None:
        return np.stack([np.interp(np.log1p(grid), np.log1p(curve.shots), one) for one in scores])
    drawn = fits.predict(grid)
    if chosen.zero_shots == APART:
        drawn[:, 0] = scores[:, 0]
    return drawn


def _vary_residuals(curve: Curve, chosen: Fitted | None, grid: np.ndarray) -> tuple[np.ndarray, float] | None:
    """Return the variance and degrees of freedom of the residuals of the law; None without a law or with 0 of them."""
    if chosen is None:
        return None
    at_sizes, at_grid = (_differentiate(chosen.fit, shots) for shots in (curve.shots[chosen.used], grid))
    freedom = int(chosen.used.sum()) - at_sizes.shape[1]
    if freedom < 1:
        return None
    residuals = (chosen.fit.predict(curve.shots)[0] - curve.scores)[chosen.used]
    noise = (residuals**2).sum() / freedom
    variance = noise * ((at_grid @ np.linalg.pinv(at_sizes)) ** 2).sum(axis=1)
    if chosen.zero_shots == APART:
        variance[0] = noise
    return variance, freedom


def _differentiate(fit: Fits, shots: np.ndarray) -> np.ndarray:
    """Return the derivatives of the scores of a fit by each parameter that is not at a bound (columns)."""
    rise = measure_rise(fit.law, shots, fit.shape)
    if fit.law == "log":
        return np.stack([np.ones_like(rise), rise], axis=1)
    if fit.gain[0] <= 0:
        return np.ones((len(shots), 1))
    columns = [rise - 1] if fit.capped[0] else [np.ones_like(rise), rise]
    if not fit.at_edge[0]:
        steeper = measure_rise(fit.law, shots, fit.shape * (1 + _STEP))
        columns.append(fit.gain[0] * (steeper - rise) / _STEP)
    return np.stack(columns, axis=1)


def _combine(
    curve: Curve, variances: dict[str, tuple[np.ndarray, float]], residuals: tuple[np.ndarray, float] | None
) -> tuple[np.ndarray, str]:
    """Return the half width of the interval at each number of shots, and its basis in words."""
    words = {unit: f"{len(curve.without[unit])} {unit}s" for unit in variances}
    groups = [unit for unit in ("language", "source") if unit in variances]
    choices = [(variances["seed"], words["seed"])] if "seed" in variances else []
    if residuals is not None:
        choices.append((residuals, f"residuals of {len(curve.shots)} sizes"))
    halves = []
    for choice in choices or [None]:
        parts = [variances[unit] for unit in groups] + ([choice[0]] if choice else [])
        if parts:
            halves.append(find_half_width(parts))
    basis = [words[unit] for unit in groups] + [" or ".join(word for _, word in choices)]
    return (np.max(halves, axis=0) if halves else np.array(np.nan)), ", ".join(filter(None, basis))
