"""Which law a learning curve follows: log, power and saturating curves compared on numbers of shots held out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.few_shot.laws import LAWS, Fits, fit_law
from isogloss.analysis.few_shot.learning_curves import CURVE, Curve, list_curves
from isogloss.analysis.statistics.conventions import TIE

FEWEST_SIZES = 5
"""Numbers of shots that a comparison of laws needs; with fewer there is a slope only."""

ON_CURVE, APART, NOT_MEASURED = "on the curve", "apart", "not measured"

COLUMNS = [*CURVE, "zero_shots", "law", "start", "gain", "shape", "asymptote", "jump", "rmse"]
COLUMNS += ["interpolation_rmse", "extrapolation_error", "held_out_rmse", "chosen", "note"]

_DIGITS = 12
"""Of an error: what is left of an exact fit is rounding, not a number."""

_SAME = 1e-9
"""Held-out errors this close are the same: rounding must not decide between laws."""

_CLEARLY = 0.75
"""Zero shots are set apart where that brings the held-out error down to this share: a parameter must earn its place."""


@dataclass(frozen=True)
class Fitted:
    """One law fitted to one curve, with one treatment of zero shots.

    zero_shots: `on the curve`, `apart` (the 0-shot score has a term of its own, so that the law is fitted to the
    others) or `not measured`. used: which of the curve's m scores the law was fitted to. fit: one row. held_out:
    predicted less measured score at the second smallest to the largest number of shots above 0, each left
    out in turn; empty with fewer than FEWEST_SIZES numbers of shots. chosen: smallest held-out error.
    """

    law: str
    zero_shots: str
    used: np.ndarray
    fit: Fits
    held_out: np.ndarray
    chosen: bool = False


def compare_laws(curves: Sequence[Curve]) -> list[list[Fitted]]:
    """Fit every law to every curve and choose one by its held-out error (root mean square).

    Zero shots are on the curve unless setting them apart lowers the error by a quarter; ties go to the law
    first in LAWS. Curves with fewer than FEWEST_SIZES numbers of shots have the log law alone, for its
    slope, and none is chosen; constant curves, and those with one number of shots, have none.
    """
    fitted: list[list[Fitted]] = [[] for _ in curves]
    for places, shots, scores in _group(curves):
        for law, zero_shots, used, held in _list_candidates(shots):
            masks = np.tile(used, (1 + len(held), 1))
            masks[np.arange(1, 1 + len(held)), held] = False
            fits = fit_law(law, shots, np.repeat(scores, len(masks), axis=0), np.tile(masks, (len(scores), 1)))
            rows = np.arange(len(scores)) * len(masks)
            errors = np.empty((len(scores), len(held)))
            for turn, size in enumerate(held):
                errors[:, turn] = fits.take(rows + 1 + turn).predict(shots[[size]])[:, 0] - scores[:, size]
            for row, place in enumerate(places):
                one = fits.take(rows[row : row + 1])
                fitted[place].append(Fitted(law, zero_shots, used, one, errors[row]))
    return [_choose(candidates) for candidates in fitted]


def _group(curves: Sequence[Curve]) -> list[tuple[list[int], np.ndarray, np.ndarray]]:
    """Return places, shots and scores (C x m) of the curves that have the same numbers of shots."""
    groups: dict[tuple, list[int]] = {}
    for place, curve in enumerate(curves):
        if len(curve.shots) > 1 and np.ptp(curve.scores) > TIE:
            groups.setdefault(tuple(curve.shots), []).append(place)
    return [
        (places, np.array(shots), np.stack([curves[place].scores for place in places]))
        for shots, places in groups.items()
    ]


def _list_candidates(shots: np.ndarray) -> list[tuple[str, str, np.ndarray, np.ndarray]]:
    """Return law, treatment of zero shots, the scores used and the places held out in turn."""
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
    """Return the root mean square of errors; NaN without any."""
    return round(float(np.sqrt(np.mean(errors**2))), _DIGITS) if len(errors) else float("nan")


def tabulate_laws(evidence: Evidence) -> pd.DataFrame:
    """Return, for each learning curve, law and treatment of zero shots, the fit and its held-out errors (COLUMNS).

    docs/reference/analysis.md defines the columns. What cannot be computed is empty, with the reason in `note`.
    """
    curves = list_curves(evidence.scores)
    rows = []
    for curve, candidates in zip(curves, compare_laws(curves), strict=True):
        rows += [[*curve.name, *_describe(curve, one)] for one in candidates]
        if not candidates:
            reason = "one number of shots" if len(curve.shots) < 2 else "constant scores"
            rows.append([*curve.name, *[np.nan] * (len(COLUMNS) - len(CURVE) - 1), f"no law: {reason}"])
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype({"zero_shots": object, "law": object, "chosen": object})


def _describe(curve: Curve, one: Fitted) -> list:
    fit, predicted = one.fit, one.fit.predict(curve.shots)[0]
    compared = len(one.held_out) > 0
    notes = []
    if not compared:
        notes.append(f"slope only: laws are compared from {FEWEST_SIZES} numbers of shots, here {len(curve.shots)}")
    if fit.at_edge[0]:
        notes.append("shape at the end of its range: no asymptote determined")
    elif fit.capped[0]:
        notes.append("asymptote held at 1")
    elif one.law != "log" and fit.gain[0] <= 0:
        notes.append("scores do not rise: a flat curve")
    elif fit.gain[0] < 0:
        notes.append("scores fall")
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
