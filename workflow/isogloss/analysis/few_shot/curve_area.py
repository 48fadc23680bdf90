"""Few-shot curves as one number: the area under a curve, and the target sentences that transfer saves."""

from collections.abc import Mapping

import numpy as np
from scipy.optimize import isotonic_regression


def measure_area(curve: Mapping[int, float]) -> float:
    """Return the area under scores by shots, trapezoids over ln(1 + k), divided by its range: a mean score.

    NaN with fewer than two numbers of shots.
    """
    if len(curve) < 2:
        return np.nan
    shots = sorted(curve)
    x, y = np.log1p(shots), np.array([curve[k] for k in shots])
    return float(np.trapezoid(y, x) / (x[-1] - x[0]))


def find_worth(alone: Mapping[int, float], score: float) -> tuple[str, float]:
    """Return how many shots alone, without a source, give a score: (sign, shots).

    alone: scores of the shots alone by their number, one at least. They are made monotone (least squares, by pooling
    adjacent violators: Barlow et al. 1972) and joined by lines over ln(1 + k); where the score is reached at many
    numbers of shots, the smallest counts. Nothing is extrapolated: sign is `>` with the most shots measured where
    they do not reach the score, `<` with the fewest where they pass it, else empty.
    """
    shots = np.array(sorted(alone), dtype=float)
    rising = isotonic_regression([alone[k] for k in sorted(alone)]).x
    if score > rising[-1]:
        return ">", float(shots[-1])
    if score < rising[0]:
        return "<", float(shots[0])
    upper = int(np.argmax(rising >= score))
    if rising[upper] == score or upper == 0:
        return "", float(shots[upper])
    share = (score - rising[upper - 1]) / (rising[upper] - rising[upper - 1])
    low, high = np.log1p(shots[upper - 1 : upper + 1])
    return "", float(np.expm1(low + share * (high - low)))


def tell_saved(alone: Mapping[int, float], shots: int, score: float) -> str:
    """Return the shots that a score saves: those alone that it is worth, less its own; `> 500` beyond the last.

    Empty where the shots alone were not measured.
    """
    if not alone or not np.isfinite(score):
        return ""
    sign, worth = find_worth(alone, score)
    saved = f"{worth - shots:.6g}"
    return f"{sign} {saved}" if sign else saved
