"""Prediction for an unseen language: leave-one-language-out errors, compared with baselines without features."""

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
    """Compute leave-one-language-out prediction errors (prediction.csv).

    `evidence` provides the scores, the features and their traits, and the declared hypothesis. The table has one row
    per setting, predictor and role of the held-out language (`source`, `target` or `both`). The columns are those of a
    Setting, then predictor, held_out, n_predictions, mae and rmse (in units of the score), features and note. The
    features are those that tabulate_regression takes. docs/reference/tables/regression.md defines the predictors. What
    cannot be computed is NaN, with the reason in `note`.
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
                notes = [material.problem or "no prediction: no feature can be used"]
            for role in ROLES:
                size = pd.Series(dtype=float)
                if errors is not None and (features or not informed):
                    size = errors.loc[errors["held_out"].eq(role) | (role == "both"), name].abs()
                found = {"n_predictions": len(size), "mae": size.mean(), "rmse": np.sqrt((size**2).mean())}
                named = {"predictor": name, "held_out": role, "features": features, "note": "; ".join(notes)}
                rows.append(key | named | found)
    return pd.DataFrame(rows, columns=COLUMNS)


def leave_languages_out(pairs: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    """Return the error (predicted - observed) of each predictor, for each pair of each held-out language.

    `pairs` is a data frame with the columns source, target and score, and the columns named in `features`, without
    missing values. Training pairs never contain the held-out language, neither as source nor as target. The language
    therefore has no influence on any mean, effect, coefficient or scaling.

    The result has one row per held-out language and pair. The columns are source, target, language (the held-out one),
    held_out (its role in the pair, `source` or `target`), and the error of each predictor in units of the score:
    `mean`, `source-mean`, `target-mean`, `additive`, `features` and `additive+features`.
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
    """Return a function that scales columns by the mean and standard deviation of `values`; constant ones become 0."""
    mean, spread = values.mean(axis=0), values.std(axis=0)
    constant = spread <= TIE * np.maximum(np.abs(mean), 1)
    return lambda other: np.where(constant, 0.0, (other - mean) / np.where(constant, 1.0, spread))


def _predict_mean(known: pd.DataFrame, wanted: pd.DataFrame, *_: np.ndarray) -> np.ndarray:
    return np.full(len(wanted), known["score"].mean())


def _predict_by(role: str) -> Callable[..., np.ndarray]:
    """Return a predictor: the mean score of the pair's source or target; the overall mean for the held-out language."""

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
    """Predict from source effects, target effects and slopes of features.

    The held-out language has the mean effect, 0.
    """
    design, new = [np.ones((len(known), 1))], [np.ones((len(wanted), 1))]
    for role in ("source", "target"):
        levels = np.unique(known[role].to_numpy(dtype=str))
        # Effects sum to 0 within a role, so 0 is the mean effect for any number of pairs.
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
"""Functions of the training pairs, the pairs to predict, and the scaled features of both (no column if unused)."""

WITH_FEATURES = ("features", "additive+features")
