"""The table of rankings: how well each feature or model ranks the sources of a target, with intervals over targets."""

from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy import stats

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.pairs import match_features
from isogloss.analysis.data.scores import SETTING, Setting, list_settings
from isogloss.analysis.pairs.proxies import find_proxies
from isogloss.analysis.ranking.measures import measure_ranking
from isogloss.analysis.ranking.rankers import (
    rank_at_random,
    rank_by_feature,
    rank_by_lambdarank,
    rank_by_ridge,
    rank_by_source_mean,
    rank_by_times_best,
    rank_english_first,
)
from isogloss.analysis.statistics.conventions import CONFIDENCE, FEWEST_LANGUAGES, TIE

_NUMBERS = ["ndcg_at_3", "ndcg_low", "ndcg_high", "regret_at_1", "regret_low", "regret_high", "top_1", "top_3"]
COLUMNS = [*SETTING, "ranker", "kind", "needs_target_labels", "n_targets", *_NUMBERS, "note"]


@dataclass(frozen=True)
class Ranker:
    """A ranker and the pairs that it ranks.

    kind: feature, model, baseline or proxy. rank: a function of isogloss.analysis.ranking.rankers with its options
    bound, so that it takes only the pairs. learns: whether it learns from the other targets. uses: the features that it
    requires.
    """

    name: str
    kind: str
    pairs: pd.DataFrame
    rank: Callable[[pd.DataFrame], pd.Series]
    learns: bool
    uses: tuple[str, ...] = ()
    needs_target_labels: bool = False
    note: str = ""


def tabulate_ranking(evidence: Evidence) -> pd.DataFrame:
    """Rank the sources of each target with every ranker: one row per setting and ranker (ranking.csv).

    `evidence` provides the scores, the features and their traits, the seed, and the number of permutations, which is
    also the number of bootstrap samples of the intervals. The rankers are baselines, single features, models of several
    features, and proxies. `none` and the target itself are never candidates. The columns include NDCG@3, regret@1 and
    hits, as means over targets, with 95% intervals of the first two; docs/reference/tables/ranking.md defines columns
    and rankers. What cannot be computed is NaN, with the reason in `note`.
    """
    rows = []
    for setting in list_settings(evidence.scores):
        key = [getattr(setting, column) for column in SETTING]
        for ranker in _list_rankers(evidence, setting):
            labelled = [ranker.name, ranker.kind, ranker.needs_target_labels]
            rows.append([*key, *labelled, *judge_ranker(ranker, evidence.permutations, evidence.seed)])
    return pd.DataFrame(rows, columns=COLUMNS).astype({"needs_target_labels": bool})


def _list_rankers(evidence: Evidence, setting: Setting) -> Iterator[Ranker]:
    """Yield baselines, features, models of the features, proxies, and models of features and proxies."""
    pairs, names = match_features(evidence.scores, evidence.features, setting)
    yield Ranker("random", "baseline", pairs, rank_at_random, learns=False)
    yield Ranker("most-frequent-best", "baseline", pairs, rank_by_times_best, learns=True)
    yield Ranker("source-mean", "baseline", pairs, rank_by_source_mean, learns=True)
    yield Ranker(
        "English", "baseline", pairs, rank_english_first, learns=False, note="all other sources in random order"
    )
    for name in names:
        direction = evidence.describe(name).nearness
        rank = partial(rank_by_feature, feature=name, direction=direction)
        note = "" if direction else "the direction is learned from the other targets"
        yield Ranker(name, "feature", pairs, rank, learns=not direction, uses=(name,), note=note)
    yield from _list_models(pairs, names, "", evidence.seed)
    proxies = find_proxies(evidence.scores, setting)
    if proxies is not None:
        both = proxies.pairs.merge(pairs[["source", "target", *names]], on=["source", "target"], how="left")
        own = {"needs_target_labels": True, "note": proxies.note}
        for name in proxies.names:
            rank = partial(rank_by_feature, feature=name, direction=1)
            yield Ranker(name, "proxy", both, rank, learns=False, uses=(name,), **own)
        yield from _list_models(both, [*names, *proxies.names], "+proxy", evidence.seed, **own)


def _list_models(pairs: pd.DataFrame, names: list[str], suffix: str, seed: int, **labels) -> Iterator[Ranker]:
    able = [name for name in names if not _find_flaw(pairs, name)]
    ridge, trees = partial(rank_by_ridge, features=able), partial(rank_by_lambdarank, features=able, seed=seed)
    yield Ranker(f"ridge{suffix}", "model", pairs, ridge, learns=True, uses=tuple(able), **labels)
    yield Ranker(f"lambdarank{suffix}", "model", pairs, trees, learns=True, uses=tuple(able), **labels)


def _find_flaw(pairs: pd.DataFrame, feature: str) -> str:
    """Return why a feature cannot rank the sources of any target, or an empty string."""
    values = pairs.groupby("target")[feature]
    if not pairs[feature].notna().any():
        return "no pair has a value of the feature"
    if (values.max() - values.min()).max() <= TIE:
        spread = pairs[feature].max() - pairs[feature].min()
        return (
            "the feature is constant" if spread <= TIE else "the feature has the same value for all sources of a target"
        )
    return ""


def judge_ranker(ranker: Ranker, draws: int, seed: int) -> list:
    """Return n_targets, the numbers _NUMBERS and a note: means over targets, with intervals of two of them."""
    targets, dull = _list_targets(ranker.pairs)
    notes = [ranker.note, *_describe_missing(ranker)]
    if dull:
        notes.append(f"targets left out because they have one source, or the same score for all sources: {dull}")
    if problem := _find_problem(ranker, targets):
        return [len(targets), *[np.nan] * len(_NUMBERS), _join([*notes, problem])]
    predictions = ranker.rank(ranker.pairs)
    judged = ranker.pairs.loc[predictions.index].assign(prediction=predictions)
    judged = judged[judged["target"].isin(targets)]
    if missing := len(targets) - judged["target"].nunique():
        notes.append(f"targets left out because they have no English source: {missing}")
    measures = np.array(
        [
            astuple(measure_ranking(own["score"].to_numpy(), own["prediction"].to_numpy()))
            for _, own in judged.groupby("target")
        ]
    )
    if not len(measures):
        return [0, *[np.nan] * len(_NUMBERS), _join(notes)]
    ndcg, regret, top_1, top_3 = measures.mean(axis=0)
    bounds = np.full((2, 2), np.nan)
    if len(measures) < FEWEST_LANGUAGES:
        notes.append(f"no interval: it needs at least {FEWEST_LANGUAGES} targets")
    else:
        bounds = bound_means(measures[:, :2], draws, seed)
    return [len(measures), ndcg, *bounds[:, 0], regret, *bounds[:, 1], top_1, top_3, _join(notes)]


def _list_targets(pairs: pd.DataFrame) -> tuple[list[str], int]:
    """Return the targets whose sources have different scores, and the number of other targets."""
    scores = pairs.groupby("target")["score"]
    spread = scores.max() - scores.min()
    return list(spread.index[spread > TIE]), int((spread <= TIE).sum())


def _find_problem(ranker: Ranker, targets: list[str]) -> str:
    languages = set(ranker.pairs["source"]) | set(ranker.pairs["target"])
    if len(languages) < FEWEST_LANGUAGES:
        return f"not computed: at least {FEWEST_LANGUAGES} languages are required"
    if ranker.kind == "model" and not ranker.uses:
        return "no feature differs between the sources of a target"
    if ranker.kind != "model" and ranker.uses and (flaw := _find_flaw(ranker.pairs, ranker.uses[0])):
        return flaw
    if not targets:
        return "no target has sources with different scores"
    if ranker.learns and ranker.pairs["target"].nunique() < FEWEST_LANGUAGES:
        return f"not computed: learning requires at least {FEWEST_LANGUAGES} targets"
    return ""


def _describe_missing(ranker: Ranker) -> list[str]:
    if len(ranker.uses) != 1 or ranker.kind == "model":
        return []
    missing = int(ranker.pairs[ranker.uses[0]].isna().sum())
    return [f"{missing} of {len(ranker.pairs)} pairs have no value and are ranked last"] if missing else []


def _join(notes: list[str]) -> str:
    return "; ".join(filter(None, notes))


def bound_means(values: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Return the 95% bootstrap intervals (2 x measures) of the column means of values (targets x measures).

    Targets are resampled, with fixed rankings. Sources are not resampled: ranking is easier with fewer candidates, so
    samples would not vary around the value of all sources. For a small number of targets, the percentiles are widened
    in the same way as a t interval, to Phi(-sqrt(n / (n - 1)) t) (Hesterberg 2015, section 5.3).
    """
    n = len(values)
    tail = stats.norm.cdf(-np.sqrt(n / (n - 1)) * stats.t.ppf((1 + CONFIDENCE) / 2, n - 1))
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=draws)
    means = counts @ values / n
    return np.quantile(means, [tail, 1 - tail], axis=0)
