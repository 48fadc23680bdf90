"""The law of a learning curve: log, power and saturating laws compared on held-out numbers of shots."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.few_shot.laws import LAWS, Fits, fit_law
from isogloss.analysis.few_shot.learning_curves import CURVE, Curve, list_curves
from isogloss.analysis.statistics.conventions import TIE

FEWEST_SIZES = 5
"""The number of measured numbers of shots that a comparison of laws requires; with fewer, only a slope is fitted."""

ON_CURVE, APART, NOT_MEASURED = "on the curve", "apart", "not measured"

COLUMNS = [*CURVE, "zero_shots", "law", "start", "gain", "shape", "asymptote", "jump", "rmse"]
COLUMNS += ["interpolation_rmse", "extrapolation_error", "held_out_rmse", "chosen", "note"]

_DIGITS = 12
"""Errors are rounded to this many digits, so that the error of an exact fit is 0."""

_SAME = 1e-9
"""Held-out errors that differ by less than this are ties, so that rounding does not decide between laws."""

_CLEARLY = 0.75
"""Zero shots are treated apart, which adds a parameter, if the held-out error falls to this share or less."""


@dataclass(frozen=True)
class Fitted:
    """One law fitted to one curve, with one treatment of zero shots.

    zero_shots: `on the curve`, `apart` (the 0-shot score has a separate term, and the law is fitted to the other
    scores) or `not measured`. used: mask of the m scores of the curve to which the law was fitted. fit: one row.
    held_out: predicted minus measured score, each number of shots left out in turn, from the second smallest above 0 to
    the largest; empty with fewer than FEWEST_SIZES numbers of shots. chosen: True for the smallest held-out error.
    """

    law: str
    zero_shots: str
    used: np.ndarray
    fit: Fits
    held_out: np.ndarray
    chosen: bool = False


def compare_laws(curves: Sequence[Curve]) -> list[list[Fitted]]:
    """Fit every law to every curve and choose one law by its held-out error (root mean square).

    Zero shots are on the curve, unless treating them apart lowers the error by at least a quarter. In a tie, the first
    law of LAWS is chosen. Curves with fewer than 5 numbers of shots have only the log law, for its slope, and no law is
    chosen. Constant curves and curves with one number of shots have no law.
    """
    fitted: list[list[Fitted]] = [[] for _ in curves]
    for places, shots, scores in _group(curves):
        bounds = curves[places[0]].bounds
        for law, zero_shots, used, held in _list_candidates(shots):
            masks = np.tile(used, (1 + len(held), 1))
            masks[np.arange(1, 1 + len(held)), held] = False
            every = np.repeat(scores, len(masks), axis=0), np.tile(masks, (len(scores), 1))
            fits = fit_law(law, shots, *every, bounds)
            rows = np.arange(len(scores)) * len(masks)
            errors = np.empty((len(scores), len(held)))
            for turn, size in enumerate(held):
                errors[:, turn] = fits.take(rows + 1 + turn).predict(shots[[size]])[:, 0] - scores[:, size]
            for row, place in enumerate(places):
                one = fits.take(rows[row : row + 1])
                fitted[place].append(Fitted(law, zero_shots, used, one, errors[row]))
    return [_choose(candidates) for candidates in fitted]


def _group(curves: Sequence[Curve]) -> list[tuple[list[int], np.ndarray, np.ndarray]]:
    """Return places, shots and scores (C x m) of each group of curves with the same shots and bounds."""
    groups: dict[tuple, list[int]] = {}
    for place, curve in enumerate(curves):
        if len(curve.shots) > 1 and np.ptp(curve.scores) > TIE:
            groups.setdefault((tuple(curve.shots), curve.bounds), []).append(place)
    return [
        (places, np.array(shots), np.stack([curves[place].scores for place in places]))
        for (shots, _), places in groups.items()
    ]


def _list_candidates(shots: np.ndarray) -> list[tuple[str, str, np.ndarray, np.ndarray]]:
    """Return a list of (law, treatment of zero shots, mask of the used scores, places held out in turn)."""
    above = np.flatnonzero(shots > 0)
    whole = np.ones(len(shots), dtype=bool)
    if len(shots) < FEWEST_SIZES:
        return [("log", ON_CURVE if shots[0] == 0 else NOT_MEASURED, whole, above[:0])]
    treatments = [(NOT_MEASURED, whole)] if shots[0] > 0 else [(ON_CURVE, whole), (APART, shots > 0)]
    return [(law, name, used, above[1:]) for law in LAWS for name, used in treatments]


def _choose(candidates: list[Fitted]) -> list[Fitted]:
    errors = {place: measure_rmse(one.held_out) for place, one in enumerate(candidates)}
    if not candidates or np.isnan(list(errors.values())).any():
        return candidates
    apart = {place: error for place, error in errors.items() if candidates[place].zero_shots == APART}
    joined = {place: error for place, error in errors.items() if place not in apart}
    kept = apart if apart and min(apart.values()) <= _CLEARLY * min(joined.values()) - _SAME else joined
    best = next(place for place, error in kept.items() if error <= min(kept.values()) + _SAME)
    return [replace(one, chosen=place == best) for place, one in enumerate(candidates)]


def measure_rmse(errors: np.ndarray) -> float:
    """Return the root mean square of errors; NaN if there are none."""
    return round(float(np.sqrt(np.mean(errors**2))), _DIGITS) if len(errors) else float("nan")


def tabulate_laws(evidence: Evidence) -> pd.DataFrame:
    """Return the fit and held-out errors for each learning curve, law and treatment of zero shots (laws.csv).

    `evidence.scores` is the only input that is used. docs/reference/tables/few_shots.md defines the columns. A value
    that cannot be computed is NaN, with the reason in `note`.
    """
    curves = list_curves(evidence.scores, evidence.scale)
    rows = []
    for curve, candidates in zip(curves, compare_laws(curves), strict=True):
        rows += [[*curve.name, *_describe(curve, one)] for one in candidates]
        if not candidates:
            reason = "only one number of shots" if len(curve.shots) < 2 else "constant scores"
            rows.append([*curve.name, *[np.nan] * (len(COLUMNS) - len(CURVE) - 1), f"no law: {reason}"])
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype({"zero_shots": object, "law": object, "chosen": object})


def _describe(curve: Curve, one: Fitted) -> list:
    fit, predicted = one.fit, one.fit.predict(curve.shots)[0]
    compared = len(one.held_out) > 0
    notes = []
    if not compared:
        notes.append(
            f"slope only: a comparison of laws requires {FEWEST_SIZES} numbers of shots, here {len(curve.shots)}"
        )
    if fit.at_edge[0]:
        notes.append("the shape is at the end of its range: the asymptote is not determined")
    elif fit.capped[0]:
        notes.append("the asymptote is limited to 1")
    elif one.law != "log" and fit.gain[0] <= 0:
        notes.append("the scores do not rise: the curve is flat")
    elif fit.gain[0] < 0:
        notes.append("the scores fall")
    return [
        one.zero_shots,
        one.law,
        fit.start[0],
        fit.gain[0],
        fit.shape[0],
        fit.asymptote[0],
        curve.scores[0] - fit.start[0] if one.zero_shots == APART else np.nan,
        measure_rmse((predicted - curve.scores)[one.used]) if one.used.sum() > LAWS[one.law] else np.nan,
        measure_rmse(one.held_out[:-1]),
        round(abs(one.held_out[-1]), _DIGITS) if compared else np.nan,
        measure_rmse(one.held_out),
        one.chosen if compared else np.nan,
        "; ".join(notes),
    ]
