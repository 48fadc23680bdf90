"""Proxies: what the transfer scores of a cheap model tell about a dear one's (after ProxyLM, Anugraha et al. 2024)."""

from dataclasses import dataclass

import pandas as pd

from isogloss.analysis.data.scores import Setting, find_main_metric, list_settings, transfer_matrix
from isogloss.common.run import NO_SOURCE

PREFIX = "proxy:"
"""Before the name of the model whose scores the feature is."""

_HALVES = "proxy on half 1, score on half 2 of the test sentences"
_WHOLE = "proxy and score on the same test sentences, so chance in them is shared"


@dataclass(frozen=True)
class Proxies:
    """The proxies of one setting.

    pairs: source, target, score and a column for each proxy, a row for each pair of different languages that has a
    score. names: of these columns. note: which test sentences proxy and score are counted on.
    """

    pairs: pd.DataFrame
    names: list[str]
    note: str


def find_proxies(scores: pd.DataFrame, setting: Setting) -> Proxies | None:
    """Return the other models' scores as features of a setting's own; None without another model.

    A proxy has the setting's task, test corpus, n and shots, and its adaptation if it has that (a CRF with shots is
    `joint` whatever the others are), else its first by name. It needs the target's test labels, and its shots.

    Where the scores have `{metric}_half_1` and `{metric}_half_2` for both, the proxy is counted on half 1 of the
    test sentences and the setting's own score on half 2: on the same sentences, hard ones would make the two alike.
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
    """Return the setting of each other model that stands for this one, by model."""
    wanted = (setting.task, setting.test_corpus, setting.n, setting.shots)
    found: dict[str, Setting] = {}
    for one in list_settings(scores):
        if (one.task, one.test_corpus, one.n, one.shots) != wanted or one.model == setting.model:
            continue
        if one.model not in found or one.adaptation == setting.adaptation:
            found[one.model] = one
    return found


def _list_pairs(scores: pd.DataFrame, setting: Setting, metric: str) -> pd.Series:
    """Return the score of each pair of different languages, by source and target."""
    matrix = transfer_matrix(scores, setting, metric)
    pairs = matrix.drop(index=NO_SOURCE, errors="ignore").rename_axis(columns="target").stack().dropna()
    return pairs[pairs.index.get_level_values("source") != pairs.index.get_level_values("target")]
