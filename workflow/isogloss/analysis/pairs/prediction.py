"""Prediction for a language never seen: leave one language out, against baselines that know no features."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import SETTING, list_settings
from isogloss.analysis.pairs.regression import gather_material
from isogloss.analysis.statistics.conventions import TIE

ROLES = ("source", "target", "both")
COLUMNS = [*SETTING, "predictor", "held_out", "n_predictions", "mae", "rmse", "features", "note"]


def tabulate_prediction(evidence: Evidence) -> pd.DataFrame:
    """Return errors of leave-one-language-out prediction, a row for each setting, predictor and role (COLUMNS).

    docs/reference/analysis.md defines each column; what cannot be computed is NaN, with the reason in `note`.
    """
    rows = []
    for setting in list_settings(evidence.scores):
        material = gather_material(evidence, setting)
        key = {column: getattr(setting, column) for column in SETTING}
        errors = None if material.problem else leave_languages_out(material.pairs, material.taken)
        for name in PREDICTORS:
            informed = name in WITH_FEATURES
            features = "+".join(material.taken) if informed else ""
            notes = material.notes
            if material.problem or (informed and not material.taken):
                notes = [material.problem or "no feature is left to predict from"]
            for role in ROLES:
                size = pd.Series(dtype=float)
                if errors is not None and (features or not informed):
                    size = errors.loc[errors["held_out"].eq(role) | (role == "both"), name].abs()
                found = {"n_predictions": len(size), "mae": size.mean(), "rmse": np.sqrt((size**2).mean())}
                named = {"predictor": name, "held_out": role, "features": features, "note": "; ".join(notes)}
                rows.append(key | named | found)
    return pd.DataFrame(rows, columns=COLUMNS)


def leave_languages_out(pairs: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    """Return the error (predicted - observed) of each predictor for each pair of each language held out.

    pairs: source, target, score and the features, complete. A language held out is in no training pair, as source or
    as target: it has no part in any mean, effect, coefficient or scaling. Columns: language (held out), held_out
    (its role in the pair: source or target), source, target, and one for each of PREDICTORS.
    """
    parts = []
    for language in sorted(set(pairs["source"]) | set(pairs["target"])):
        touched = (pairs["source"] == language) | (pairs["target"] == language)
        known, wanted = pairs[~touched], pairs[touched]
        if known.empty:
            continue
        scale = _learn_scale(known[features].to_numpy(dtype=float))
        part = wanted[["source", "target"]].assign(
            language=language, held_out=np.where(wanted["source"] == language, "source", "target")
        )
        for name, predict in PREDICTORS.items():
            own = features if name in WITH_FEATURES else []
            columns = [scale(table[features].to_numpy(dtype=float))[:, : len(own)] for table in (known, wanted)]
            part[name] = predict(known, wanted, *columns) - wanted["score"].to_numpy()
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _learn_scale(values: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """A scaling to mean 0 and standard deviation 1 of the values it was learnt from; what is constant there is 0."""
    mean, spread = values.mean(axis=0), values.std(axis=0)
    constant = spread <= TIE * np.maximum(np.abs(mean), 1)
    return lambda other: np.where(constant, 0.0, (other - mean) / np.where(constant, 1.0, spread))


def _predict_mean(known: pd.DataFrame, wanted: pd.DataFrame, *_: np.ndarray) -> np.ndarray:
    return np.full(len(wanted), known["score"].mean())


def _predict_by(role: str) -> Callable[..., np.ndarray]:
    """The mean of the pair's source, or target; the mean of all for the language held out, which has none."""

    def predict(known: pd.DataFrame, wanted: pd.DataFrame, *_: np.ndarray) -> np.ndarray:
        means = known.groupby(role)["score"].mean()
        return wanted[role].map(means).fillna(known["score"].mean()).to_numpy()

    return predict


def _predict_linear(
    known: pd.DataFrame, wanted: pd.DataFrame, known_values: np.ndarray, wanted_values: np.ndarray
) -> np.ndarray:
    score = known["score"].to_numpy()
    centred = known_values - known_values.mean(axis=0)
    slopes = np.linalg.lstsq(centred, score - score.mean(), rcond=None)[0]
    return score.mean() + (wanted_values - known_values.mean(axis=0)) @ slopes


def _predict_additive(
    known: pd.DataFrame, wanted: pd.DataFrame, known_values: np.ndarray, wanted_values: np.ndarray
) -> np.ndarray:
    """Source and target effects, and slopes of the features if any; the language held out has the mean effect, 0."""
    design, new = [np.ones((len(known), 1))], [np.ones((len(wanted), 1))]
    for role in ("source", "target"):
        levels = np.unique(known[role].to_numpy(dtype=str))
        # Effects sum to 0 within a role, so that 0 is the mean effect whatever the number of pairs.
        effects = np.vstack([np.eye(len(levels) - 1), -np.ones((1, len(levels) - 1))])
        for table, blocks in ((known, design), (wanted, new)):
            blocks.append((table[role].to_numpy(dtype=str)[:, None] == levels) @ effects)
    fitted = np.linalg.lstsq(np.hstack([*design, known_values]), known["score"].to_numpy(), rcond=None)[0]
    return np.hstack([*new, wanted_values]) @ fitted


PREDICTORS: dict[str, Callable[..., np.ndarray]] = {
    "mean": _predict_mean,
    "source-mean": _predict_by("source"),
    "target-mean": _predict_by("target"),
    "additive": _predict_additive,
    "features": _predict_linear,
    "additive+features": _predict_additive,
}
"""Each takes the training pairs, the pairs to predict, and the scaled features of both (no column where unused)."""

WITH_FEATURES = ("features", "additive+features")
