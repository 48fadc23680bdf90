"""Rankers of the sources of a target: by one feature, by models of several features, and without features.

Each ranker takes the pairs of a transfer matrix (source, target, score and features) and returns one number per pair,
with the index of the pairs. Among the sources of a target, the highest number is ranked first and NaN last. A pair that
is not in the result is not a candidate. Everything that is learned is learned again for each target, from pairs in
which the target is neither target nor source. This simulates a language without any training or test data.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from isogloss.analysis.statistics.conventions import TIE

ENGLISH_CODES = ("en", "eng")

_PENALTIES = np.logspace(-2, 4, 13)

_LAMBDARANK = {"n_estimators": 100, "num_leaves": 16, "learning_rate": 0.1, "min_child_samples": 5}
"""The settings of LangRank (Lin et al. 2019): 100 trees with 16 leaves."""

_SAME_EACH_TIME = {"n_jobs": 1, "deterministic": True, "force_row_wise": True, "verbosity": -1}

Split = tuple[pd.DataFrame, pd.DataFrame]


def hold_out_targets(pairs: pd.DataFrame) -> Iterator[Split]:
    """Yield, for each target, the pairs to learn from, which do not contain the target, and the target's own pairs."""
    for target in sorted(pairs["target"].unique()):
        away = (pairs["source"] != target) & (pairs["target"] != target)
        yield pairs[away], pairs[pairs["target"] == target]


def rank_by_feature(pairs: pd.DataFrame, feature: str, direction: int) -> pd.Series:
    """Rank by a feature: direction 1 puts high values first, -1 low values; 0 learns the direction from other targets.

    The learned direction is the sign of the covariance of feature and score within targets. If it is 0, all sources are
    tied.
    """
    if direction:
        return direction * pairs[feature]

    def predict(away: pd.DataFrame, own: pd.DataFrame) -> pd.Series:
        known = away.dropna(subset=[feature])
        covariance = (_centre(known, feature) * _centre(known, "score")).sum()
        return own[feature] * (np.sign(covariance) if abs(covariance) > TIE else 0.0)

    return _predict(pairs, predict)


def rank_by_ridge(pairs: pd.DataFrame, features: Sequence[str]) -> pd.Series:
    """Rank by ridge regression of score on features, both centred on their mean over the target's sources.

    Features are scaled to a standard deviation of 1 over the training pairs. A missing value is replaced by the mean of
    the target's other sources. The penalty is chosen among 13 values from 0.01 to 10,000, by the lowest leave-one-out
    error on the training pairs.
    """
    from sklearn.linear_model import RidgeCV

    def predict(away: pd.DataFrame, own: pd.DataFrame) -> np.ndarray:
        design = _centre(away, list(features)).fillna(0.0).to_numpy()
        scale = np.where((spread := design.std(axis=0)) > TIE, spread, 1.0)
        model = RidgeCV(alphas=_PENALTIES, fit_intercept=False)
        model.fit(design / scale, _centre(away, "score").to_numpy())
        return model.predict(_centre(own, list(features)).fillna(0.0).to_numpy() / scale)

    return _predict(pairs, predict)


def rank_by_lambdarank(pairs: pd.DataFrame, features: Sequence[str], seed: int) -> pd.Series:
    """Rank by LambdaRank on gradient-boosted trees, with one query per training target (Lin et al. 2019, section 3).

    The relevance is max(10 - rank + 1, 0); tied sources share the better rank. The trees have the settings of LangRank,
    but there is no early stopping on the target. lightgbm handles missing values.
    """
    from lightgbm import LGBMRanker

    def predict(away: pd.DataFrame, own: pd.DataFrame) -> np.ndarray:
        queries = away.sort_values(["target", "source"])
        rank = queries.groupby("target")["score"].rank(method="min", ascending=False)
        sizes = queries.groupby("target").size()
        model = LGBMRanker(**_LAMBDARANK, **_SAME_EACH_TIME, random_state=seed)
        model.fit(queries[list(features)].to_numpy(), (11 - rank).clip(lower=0).astype(int), group=sizes)
        return model.predict(own[list(features)].to_numpy())

    return _predict(pairs, predict)


def rank_at_random(pairs: pd.DataFrame) -> pd.Series:
    """Tie all sources, so that each measure becomes its mean over all orders."""
    return pd.Series(0.0, index=pairs.index)


def rank_by_times_best(pairs: pd.DataFrame) -> pd.Series:
    """Rank by the number of other targets for which a source is the best; sources that tie as best share a target."""

    def predict(away: pd.DataFrame, own: pd.DataFrame) -> pd.Series:
        best = away["score"] >= away.groupby("target")["score"].transform("max") - TIE
        share = best / best.groupby(away["target"]).transform("sum")
        return own["source"].map(share.groupby(away["source"]).sum()).fillna(0.0)

    return _predict(pairs, predict)


def rank_by_source_mean(pairs: pd.DataFrame) -> pd.Series:
    """Rank by a source's mean over the other targets, each score minus the mean of its target."""

    def predict(away: pd.DataFrame, own: pd.DataFrame) -> pd.Series:
        return own["source"].map(_centre(away, "score").groupby(away["source"]).mean())

    return _predict(pairs, predict)


def rank_english_first(pairs: pd.DataFrame) -> pd.Series:
    """Rank English first and tie all other sources; targets without English among their sources are left out."""
    english = pairs["source"].isin(ENGLISH_CODES)
    has = english.groupby(pairs["target"]).transform("any").astype(bool)
    return english[has].astype(float)


def _predict(pairs: pd.DataFrame, predict: Callable[[pd.DataFrame, pd.DataFrame], np.ndarray]) -> pd.Series:
    parts = [pd.Series(np.asarray(predict(*split)), index=split[1].index) for split in hold_out_targets(pairs)]
    return pd.concat(parts).reindex(pairs.index)


def _centre(pairs: pd.DataFrame, columns: str | list[str]) -> pd.Series | pd.DataFrame:
    return pairs[columns] - pairs.groupby("target")[columns].transform("mean")
