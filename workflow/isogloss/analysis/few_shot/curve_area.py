"""Few-shot curves as one number: the area under a curve, and the target sentences that transfer saves."""

from collections.abc import Mapping

import numpy as np
from scipy.optimize import isotonic_regression


def measure_area(curve: Mapping[int, float]) -> float:
    """Return the area under a curve (shots -> score) by trapezoids over ln(1 + k), divided by the range: a mean score.

    NaN if there are fewer than two numbers of shots.
    """
    if len(curve) < 2:
        return np.nan
    shots = sorted(curve)
    x, y = np.log1p(shots), np.array([curve[k] for k in shots])
    return float(np.trapezoid(y, x) / (x[-1] - x[0]))


def find_worth(alone: Mapping[int, float], score: float) -> tuple[str, float]:
    """Return the number of shots with which target-only runs reach a score: (sign, shots).

    alone: number of shots -> score of target-only runs, at least one. The curve is made monotone (least squares, by
    pooling adjacent violators: Barlow et al. 1972) and joined by straight lines over ln(1 + k). If several numbers of
    shots reach the score, the smallest is returned. There is no extrapolation. If the largest measured number does not
    reach the score, the sign is `>` with this number. If the smallest one exceeds it, the sign is `<` with this number.
    Otherwise, the sign is empty.
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


def describe_saved(alone: Mapping[int, float], shots: int, score: float) -> str:
    """Return the shots that a score saves: the shots that target-only runs require for it, minus its own `shots`.

    `> 500` means that even the largest measured number of shots does not reach the score. Empty without target-only
    runs.
    """
    if not alone or not np.isfinite(score):
        return ""
    sign, worth = find_worth(alone, score)
    saved = f"{worth - shots:.6g}"
    return f"{sign} {saved}" if sign else saved
