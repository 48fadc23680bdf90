"""Ways to rank the sources of a target: by one feature, by models of several, and without any.

Each takes the pairs of a transfer matrix (source, target, score and features) and returns a number for each pair, by
the pairs' index: among a target's sources the highest is ranked first, NaN last, and a pair left out is no candidate.
Whatever is learned is learned anew for each target, from pairs that the target is neither target nor source of: as for
a language that nothing has been trained or tested on.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from isogloss.analysis.statistics.conventions import TIE

ENGLISH_CODES = ("en", "eng")

_PENALTIES = np.logspace(-2, 4, 13)

_LAMBDARANK = {"n_estimators": 100, "num_leaves": 16, "learning_rate": 0.1, "min_child_samples": 5}
"""LangRank's own (Lin et al. 2019): 100 trees of 16 leaves."""

_SAME_EACH_TIME = {"n_jobs": 1, "deterministic": True, "force_row_wise": True, "verbosity": -1}

Split = tuple[pd.DataFrame, pd.DataFrame]


def hold_out_targets(pairs: pd.DataFrame) -> Iterator[Split]:
    """Yield for each target the pairs to learn from, which it has no part in, and its own."""
    for target in sorted(pairs["target"].unique()):
        away = (pairs["source"] != target) & (pairs["target"] != target)
        yield pairs[away], pairs[pairs["target"] == target]


def rank_by_feature(pairs: pd.DataFrame, feature: str, direction: int) -> pd.Series:
    """Rank by a feature as it is; with direction -1 the lowest first; with 0 as it goes with the other targets' scores.

    That is the sign of the covariance of feature and score within targets; where that is 0, all sources are tied.
    """
    if direction:
        return direction * pairs[feature]

    def predict(away: pd.DataFrame, own: pd.DataFrame) -> pd.Series:
        known = away.dropna(subset=[feature])
        covariance = (_centre(known, feature) * _centre(known, "score")).sum()
        return own[feature] * (np.sign(covariance) if abs(covariance) > TIE else 0.0)

    return _predict(pairs, predict)


def rank_by_ridge(pairs: pd.DataFrame, features: Sequence[str]) -> pd.Series:
    """Rank by ridge regression of score on features, both less their mean over the target's sources.

    Features are scaled to a standard deviation of 1 over the pairs learned from; a missing value is the mean of the
    target's other sources. The penalty is the one of 13 from 0.01 to 10,000 with the lowest leave-one-out error
    among these pairs.
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
    """Rank by LambdaRank on gradient-boosted trees, a query each target learned from (Lin et al. 2019, section 3).

    Relevance is max(10 - rank + 1, 0), tied sources sharing the better rank; the trees are LangRank's, but never
    stopped by a look at the target. Missing values are lightgbm's to place.
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
    """All sources are tied: the measures become their means over all orders."""
    return pd.Series(0.0, index=pairs.index)


def rank_by_times_best(pairs: pd.DataFrame) -> pd.Series:
    """Rank by how many of the other targets a source is best for; sources that tie as best share a target."""

    def predict(away: pd.DataFrame, own: pd.DataFrame) -> pd.Series:
        best = away["score"] >= away.groupby("target")["score"].transform("max") - TIE
        share = best / best.groupby(away["target"]).transform("sum")
        return own["source"].map(share.groupby(away["source"]).sum()).fillna(0.0)

    return _predict(pairs, predict)


def rank_by_source_mean(pairs: pd.DataFrame) -> pd.Series:
    """Rank by a source's mean over the other targets, each score less its target's mean."""

    def predict(away: pd.DataFrame, own: pd.DataFrame) -> pd.Series:
        return own["source"].map(_centre(away, "score").groupby(away["source"]).mean())

    return _predict(pairs, predict)


def rank_english_first(pairs: pd.DataFrame) -> pd.Series:
    """English first, all others tied; targets without English among their sources are left out."""
    english = pairs["source"].isin(ENGLISH_CODES)
    has = english.groupby(pairs["target"]).transform("any").astype(bool)
    return english[has].astype(float)


def _predict(pairs: pd.DataFrame, predict: Callable[[pd.DataFrame, pd.DataFrame], np.ndarray]) -> pd.Series:
    parts = [pd.Series(np.asarray(predict(*split)), index=split[1].index) for split in hold_out_targets(pairs)]
    return pd.concat(parts).reindex(pairs.index)


def _centre(pairs: pd.DataFrame, columns: str | list[str]) -> pd.Series | pd.DataFrame:
    return pairs[columns] - pairs.groupby("target")[columns].transform("mean")
