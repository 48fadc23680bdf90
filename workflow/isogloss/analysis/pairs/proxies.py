"""Proxies: predict the transfer scores of an expensive model from a cheap model (ProxyLM, Anugraha et al. 2024)."""

from dataclasses import dataclass

import pandas as pd

from isogloss.analysis.data.scores import Setting, find_main_metric, list_settings, transfer_matrix
from isogloss.common.run import NO_SOURCE

PREFIX = "proxy:"
"""The prefix of a proxy feature, before the name of the model that has the scores."""

_HALVES = "proxy on half 1, score on half 2 of the test sentences"
_WHOLE = "proxy and score on the same test sentences, so they share the random variation of these sentences"


@dataclass(frozen=True)
class Proxies:
    """The proxies of one setting.

    pairs: source, target, score and one column per proxy, with one row per ordered pair of different languages that has
    a score. names: the names of the proxy columns. note: the test sentences that proxy and score are computed on.
    """

    pairs: pd.DataFrame
    names: list[str]
    note: str


def find_proxies(scores: pd.DataFrame, setting: Setting) -> Proxies | None:
    """Return the scores of other models as features for the scores of a setting, or None if there is no other model.

    A proxy has the task, test corpus, n and shots of the setting. It has the same adaptation if the other model has it,
    else its first adaptation by name (a CRF with shots is always `joint`). A proxy requires the test labels of the
    target, and its shots.

    If the scores have `{metric}_half_1` and `{metric}_half_2` for all these models, the proxy is computed on half 1 of
    the test sentences and the score of the setting on half 2. On the same sentences, difficult sentences would make the
    two similar.
    """
    matching = _match_settings(scores, setting)
    if not matching:
        return None
    metric = find_main_metric(scores, setting.task)
    halves = [_list_pairs(scores, one, f"{metric}_half_1") for one in matching.values()]
    own = _list_pairs(scores, setting, f"{metric}_half_2")
    split = len(own) > 0 and all(len(half) for half in halves)
    if not split:
        halves = [_list_pairs(scores, one, metric) for one in matching.values()]
        own = _list_pairs(scores, setting, metric)
    names = [f"{PREFIX}{model}" for model in matching]
    columns = [half.rename(name) for half, name in zip(halves, names, strict=True)]
    pairs = pd.concat([own.rename("score"), *columns], axis="columns").dropna(subset="score")
    return Proxies(pairs.sort_index().reset_index(), names, _HALVES if split else _WHOLE)


def _match_settings(scores: pd.DataFrame, setting: Setting) -> dict[str, Setting]:
    """Return the matching setting of each other model, by model."""
    wanted = (setting.task, setting.test_corpus, setting.n, setting.shots)
    found: dict[str, Setting] = {}
    for one in list_settings(scores):
        if (one.task, one.test_corpus, one.n, one.shots) != wanted or one.model == setting.model:
            continue
        if one.model not in found or one.adaptation == setting.adaptation:
            found[one.model] = one
    return found


def _list_pairs(scores: pd.DataFrame, setting: Setting, metric: str) -> pd.Series:
    """Return the score of each ordered pair of different languages, by source and target."""
    matrix = transfer_matrix(scores, setting, metric)
    pairs = matrix.drop(index=NO_SOURCE, errors="ignore").rename_axis(columns="target").stack().dropna()
    return pairs[pairs.index.get_level_values("source") != pairs.index.get_level_values("target")]
