"""Forecast of the number of target sentences that a score requires, from learning curves, with an interval."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import NO_SCALE
from isogloss.analysis.few_shot.bands import INTERPOLATION, Band, draw_bands
from isogloss.analysis.few_shot.held_out import APART, NOT_MEASURED, ON_CURVE, Fitted, compare_laws
from isogloss.analysis.few_shot.laws import REACH
from isogloss.analysis.few_shot.learning_curves import CURVE, Curve, list_curves
from isogloss.analysis.statistics.conventions import TIE

LADDER = (0.5, 0.6, 0.7, 0.8, 0.9)
"""The default scores of the forecast. For scores without a scale, these are shares of the range of the scores."""

_FIGURES = 3
"""Significant figures of a wanted score without a scale."""

COLUMNS = [*CURVE, "score_wanted", "status", "shots_needed", "shots_low", "shots_high", "interval_from"]
COLUMNS += ["law", "zero_shots", "by_law", "note"]

WITHIN, BEYOND, AT_ZERO, NOT_REACHED = "within", "beyond", "at 0 shots", "not reached"

_WHOLE = 1e-6
"""Tolerance: a forecast that exceeds a whole number of sentences by less than this is rounded down to it."""


def tabulate_forecast(evidence: Evidence, wanted: Sequence[float] | None = None) -> pd.DataFrame:
    """Return the number of target sentences that each learning curve requires for each wanted score (forecast.csv).

    `evidence.scores` and `evidence.scale` are the only parts of the evidence that are used. By default, the wanted
    scores are 0.5 to 0.9. For scores without a scale, they are 50% to 90% of the range from the lowest to the highest
    score of the task. docs/reference/tables/few_shots.md defines the columns. A value that cannot be determined is NaN,
    with the reason in `note`.
    """
    curves = [curve for curve in list_curves(evidence.scores, evidence.scale) if len(curve.shots) > 1]
    fitted = compare_laws(curves)
    rows = []
    for curve, candidates, band in zip(curves, fitted, draw_bands(curves, fitted), strict=True):
        scores = _list_wanted(evidence, curve) if wanted is None else wanted
        rows += [[*curve.name, score, *_describe(curve, candidates, band, score)] for score in scores]
    return pd.DataFrame(rows, columns=COLUMNS)


def _list_wanted(evidence: Evidence, curve: Curve) -> Sequence[float]:
    if evidence.scale != NO_SCALE:
        return LADDER
    scores = evidence.scores
    own = scores.loc[(scores["task"] == curve.condition[0]) & (scores["metric"] == curve.metric), "score"]
    low, high = own.min(), own.max()
    return [float(f"{low + share * (high - low):.{_FIGURES}g}") for share in LADDER]


def find_shots(band: Band, score: float) -> tuple[float, float, float]:
    """Return the number of shots that a score requires, and its 95% interval (whole sentences, NaN if not reached).

    The interval starts where the upper end of the band first reaches the score, and ends where the lower end does. It
    contains the numbers of shots at which the band includes the score. If it would start at the beginning of the band
    and nothing is known below, it starts at the smallest number of shots that was not measured (0, or 1 if 0 shots were
    measured).
    """
    needed, low, high = (_cross(band, line, score) for line in (band.score, band.high, band.low))
    begin = int(band.lower_gap)
    if low == np.ceil(band.shots[begin]) and band.zero_shots != ON_CURVE and (begin == 0 or band.high[0] < score):
        low = float(begin)
    return needed, low, high


def _cross(band: Band, line: np.ndarray, score: float) -> float:
    """Return the smallest whole number of shots at which a line of the band reaches the score."""
    above = np.flatnonzero(line >= score - TIE)
    if not len(above):
        return float("nan")
    first = above[0]
    if first == 0 or (first == 1 and band.lower_gap):
        return _round_up(band.shots[first])
    before, after = np.log1p(band.shots[first - 1]), np.log1p(band.shots[first])
    share = (score - line[first - 1]) / (line[first] - line[first - 1])
    return _round_up(np.expm1(before + min(share, 1.0) * (after - before)))


def _round_up(shots: float) -> float:
    """Return the number of shots rounded up, with tolerance _WHOLE; 0 is returned as 0, not as -0."""
    return max(0.0, float(np.ceil(shots - _WHOLE)))


def _describe(curve: Curve, candidates: Sequence[Fitted], band: Band, score: float) -> list:
    """Return the values of COLUMNS from `status` on."""
    needed, low, high = find_shots(band, score)
    smallest, largest, limit = band.shots[1 if band.lower_gap else 0], curve.shots[-1], band.shots[-1]
    status = WITHIN if needed <= largest else BEYOND
    notes = []
    if band.law == INTERPOLATION:
        notes.append(f"interpolated between {len(curve.shots)} measured numbers of shots, without a comparison of laws")
    if np.isnan(needed):
        status = NOT_REACHED
        notes.append(_explain_unreached(candidates, band, score, limit))
    elif needed == 0:
        status = AT_ZERO
    elif needed == np.ceil(smallest) and band.zero_shots in (APART, NOT_MEASURED):
        notes.append(f"{smallest:.0f} shots, the smallest measured number above 0, are enough; fewer may be enough")
    if band.law == INTERPOLATION and band.zero_shots == ON_CURVE and 0 < needed < curve.shots[1]:
        notes.append(
            f"below {curve.shots[1]:.0f} shots, a straight line from the zero-shot score, which has no adaptation"
        )
    if band.law == INTERPOLATION and "seed" not in curve.without:
        reason = "one seed" if curve.n_seeds < 2 else "numbers of shots have different seeds"
        notes.append(
            f"{'the interval does not include the sampling of shots' if band.basis else 'no interval'}: {reason}"
        )
    if np.isnan(high) and not np.isnan(low):
        notes.append(f"the interval has no upper end within {limit:.0f} shots")
    by_law = _describe_by_law(curve, candidates, band, score)
    return [status, needed, low, high, band.basis, band.law, band.zero_shots, by_law, "; ".join(notes)]


def _explain_unreached(candidates: Sequence[Fitted], band: Band, score: float, limit: float) -> str:
    chosen = next((one for one in candidates if one.chosen), None)
    if chosen is None:
        return f"not reached within the {limit:.0f} measured shots"
    asymptote = chosen.fit.asymptote[0]
    if asymptote < score:
        return f"the {band.law} law has its asymptote at {asymptote:.3f}"
    return f"not reached within {limit:.0f} shots, {REACH} times the largest measured number"


def _describe_by_law(curve: Curve, candidates: Sequence[Fitted], band: Band, score: float) -> str:
    """Return the forecast of each law, with zero shots treated as in the chosen law: `log 320, power 410`."""
    answers = []
    for one in candidates:
        if band.law != INTERPOLATION and one.zero_shots == band.zero_shots:
            line = one.fit.predict(band.shots)[0]
            if band.lower_gap:
                line[0] = curve.scores[0]
            shots = _cross(band, line, score)
            answers.append(f"{one.law} {NOT_REACHED if np.isnan(shots) else format(shots, '.0f')}")
    return ", ".join(answers)
