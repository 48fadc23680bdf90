"""Rankings of sources: measures against scikit-learn, manual results and brute force; no leakage from the target."""

from itertools import permutations
from math import log2

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import ndcg_score

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import COLUMNS as SCORES
from isogloss.analysis.data.traits import find_traits
from isogloss.analysis.ranking.measures import find_gains, measure_ranking
from isogloss.analysis.ranking.rankers import (
    hold_out_targets,
    rank_by_feature,
    rank_by_lambdarank,
    rank_by_ridge,
    rank_by_source_mean,
    rank_by_times_best,
)
from isogloss.analysis.ranking.ranking import COLUMNS, bound_means, tabulate_ranking
from isogloss.features import FEATURES
from isogloss.runs.traits import describe_features

EIGHT = ["ar", "bn", "de", "en", "es", "fi", "hi", "ru"]
MEASURES = ["ndcg_at_3", "regret_at_1", "top_1", "top_3"]


def make_pairs(languages=EIGHT, seed=0, **strength) -> pd.DataFrame:
    """Return pairs with random features; the score is the sum of features times strengths, scaled into 0..1."""
    generator = np.random.default_rng(seed)
    pairs = pd.DataFrame([(s, t) for s in languages for t in languages if s != t], columns=["source", "target"])
    for name in strength:
        pairs[name] = generator.random(len(pairs))
    score = sum((pairs[name] * weight for name, weight in strength.items()), start=0.0 * pairs.index.to_numpy())
    return pairs.assign(score=0.1 + 0.8 * (score - score.min()) / max(np.ptp(score), 1e-9))


def make_evidence(pairs: pd.DataFrame, features: list[str], model="mini", **more) -> Evidence:
    """Return the evidence of pairs, with in-language and target-only scores that are higher than any transfer score."""
    languages = sorted(set(pairs["source"]) | set(pairs["target"]))
    rows = [[*row, 0] for row in pairs[["source", "target", "score"]].itertuples(index=False)]
    rows += [[code, code, 1.0, 0] for code in languages] + [["none", code, 1.0, 0] for code in languages]
    scores = pd.DataFrame(
        [["ner", model, s, 600, t, "ner", shots, "direct", 1, "f1", score] for s, t, score, shots in rows],
        columns=SCORES,
    )
    own = pairs[["source", "target", *features]]
    return Evidence(scores, own, 200, 0, traits=describe_features(features), **more)


def judge(scores, predictions) -> list[float]:
    measures = measure_ranking(np.asarray(scores, float), np.asarray(predictions, float))
    return [measures.ndcg_at_3, measures.regret_at_1, measures.top_1, measures.top_3]


def test_ndcg_by_hand():
    """True ranks 1, 2, 3, 4 have the relevances 10, 9, 8, 7. The ranking has true rank 2 first, then 4, then 1."""
    found = judge([0.9, 0.8, 0.7, 0.6], [0.2, 0.9, 0.1, 0.8])
    gained = 511 / log2(2) + 127 / log2(3) + 1023 / log2(4)
    best = 1023 / log2(2) + 511 / log2(3) + 255 / log2(4)
    assert found == pytest.approx([gained / best, 0.1, 0, 1])
    assert found[0] == pytest.approx(0.7486, abs=5e-5)


@pytest.mark.parametrize("ties", [False, True])
def test_ndcg_is_scikit_learns(ties):
    generator = np.random.default_rng(3)
    for count in (2, 5, 9, 14, 40):
        scores = generator.permutation(count) / 100
        predictions = generator.integers(0, 4, count) if ties else generator.random(count)
        relevance = np.maximum(10 - np.argsort(np.argsort(-scores)), 0)
        expected = ndcg_score([2.0**relevance - 1], [predictions], k=3)
        assert judge(scores, predictions)[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    "predictions", [[1, 1, 0, 0, 0], [0, 0, 0, 0, 0], [2, 1, 1, 1, 0], [3, 2, 1, 1, 1], [1, 0, 0, 2, 2]]
)
@pytest.mark.parametrize("scores", [[0.5, 0.4, 0.3, 0.2, 0.1], [0.4, 0.4, 0.1, 0.1, 0.1], [0.1, 0.2, 0.9, 0.9, 0.9]])
def test_ties_are_the_mean_over_all_orders(scores, predictions):
    orders = [order for order in permutations(range(5)) if all(np.diff(np.array(predictions)[list(order)]) <= 0)]
    strict = []
    for order in orders:
        place = np.empty(5)
        place[list(order)] = -np.arange(5)
        strict.append(judge(scores, place))
    assert judge(scores, predictions) == pytest.approx(np.mean(strict, axis=0))


def test_tied_sources_share_the_gains_of_their_ranks():
    np.testing.assert_allclose(find_gains(np.array([0.3, 0.7, 0.7, 0.1])), [255, 767, 767, 127])
    assert judge([0.7, 0.7, 0.1], [1, 2, 0])[0] == judge([0.7, 0.7, 0.1], [2, 1, 0])[0] == 1


def test_sources_without_a_value_stand_last_and_tied():
    nan = np.nan
    assert judge([0.5, 0.9, 0.3], [0.1, nan, nan]) == pytest.approx(judge([0.5, 0.9, 0.3], [2, 1, 1]))


def test_random_baseline_is_the_mean_over_all_rankings():
    """Each target has four sources, so there are 24 rankings, which are enumerated."""
    pairs = make_pairs(EIGHT[:5], x=1)
    table = tabulate_ranking(make_evidence(pairs, ["x"]))
    every = []
    for _, own in pairs.groupby("target"):
        every += [judge(own["score"], order) for order in permutations(range(4))]
    random = table[table["ranker"] == "random"].iloc[0]
    assert random[MEASURES].tolist() == pytest.approx(np.mean(every, axis=0).tolist())
    assert (random["top_1"], random["top_3"]) == pytest.approx((1 / 4, 3 / 4))


def test_a_planted_feature_ranks_perfectly_and_no_other():
    table = tabulate_ranking(make_evidence(make_pairs(syntax=1, noise=0), ["syntax", "noise"])).set_index("ranker")
    for name in ("syntax", "ridge"):
        assert table.loc[name, [*MEASURES, "ndcg_low", "ndcg_high"]].tolist() == pytest.approx([1, 0, 1, 1, 1, 1])
    assert table.loc["lambdarank", "ndcg_at_3"] > 0.6
    assert table.loc["noise", "ndcg_at_3"] < 0.6
    gains = np.array([1023, 511, 255, 127, 63, 31, 15])
    discounts = 1 / np.log2([2, 3, 4])
    expected = gains.mean() * discounts.sum() / (gains[:3] @ discounts)
    assert table.loc["random", "ndcg_at_3"] == pytest.approx(expected)
    assert (table["n_targets"] == [8, 8, 8, 7, 8, 8, 8, 8]).all()
    assert table["note"].str.contains("because they have no English source: 1").sum() == 1
    assert not table["needs_target_labels"].any()


def test_directions_are_of_the_definition_or_learned():
    traits = describe_features(FEATURES)
    assert {name: one.nearness for name, one in traits.items()} == dict.fromkeys(FEATURES, 1) | {"geographic": -1}
    assert [find_traits(name, traits).nearness for name in ("geographic", "my_distance", "mine")] == [-1, -1, 0]
    pairs = make_pairs(x=-1).assign(geographic=lambda table: table["x"], syntax=lambda table: table["x"])
    table = tabulate_ranking(make_evidence(pairs, ["x", "geographic", "syntax"])).set_index("ranker")
    assert table.loc[["x", "geographic"], "ndcg_at_3"].tolist() == pytest.approx([1, 1])
    assert table.loc["syntax", "ndcg_at_3"] < 0.2
    assert "direction is learned" in table.loc["x", "note"] and table.loc["syntax", "note"] == ""


def test_nothing_of_a_target_is_learned_for_it():
    """If the scores of a language change, as target and as source, the ranking of its sources does not change."""
    pairs = make_pairs(x=1, y=-1, z=0.2)
    other = pairs.copy()
    touched = (other["source"] == "fi") | (other["target"] == "fi")
    other.loc[touched, "score"] = np.random.default_rng(9).random(touched.sum())
    own, features = pairs["target"] == "fi", ["x", "y", "z"]
    ways = [
        lambda table: rank_by_ridge(table, features),
        lambda table: rank_by_lambdarank(table, features, 0),
        lambda table: rank_by_feature(table, "x", 0),
        rank_by_times_best,
        rank_by_source_mean,
    ]
    for way in ways:
        before, after = way(pairs), way(other)
        assert (before[own] == after[own]).all()
        by_scores = way is not ways[2]  # the ranking by one feature does not use scores
        assert (before[~own] != after[~own]).any() == by_scores
    for away, of_target in hold_out_targets(pairs):
        assert len(away) == 7 * 6 and len(of_target) == 7
        assert not set(of_target["target"]) & {*away["source"], *away["target"]}


def test_most_frequent_best_and_source_mean_by_hand():
    """Without target fi, en and de are each the best source of two targets; de has the higher mean."""
    scores = {"en": 0.5, "de": 0.45, "fi": 0.9, "hi": 0.3, "ru": 0.2}
    pairs = pd.DataFrame([(s, t) for s in scores for t in scores if s != t], columns=["source", "target"])
    pairs["score"] = pairs["source"].map(scores)
    pairs.loc[(pairs["source"] == "en") & (pairs["target"] == "ru"), "score"] = 0.01
    of_fi = pairs["target"] == "fi"
    times = rank_by_times_best(pairs)[of_fi]
    # Best sources of the other targets: en for de and hi, de for ru and en.
    assert dict(zip(pairs.loc[of_fi, "source"], times, strict=True)) == {"en": 2, "de": 2, "hi": 0, "ru": 0}
    means = dict(zip(pairs.loc[of_fi, "source"], rank_by_source_mean(pairs)[of_fi], strict=True))
    assert means["de"] > means["en"] > means["hi"] > means["ru"]
    # hi is a source of en, de and ru, whose means are (.45+.3+.2)/3, (.5+.3+.2)/3 and (.01+.45+.3)/3.
    assert means["hi"] == pytest.approx(0.3 - (0.95 + 1.0 + 0.76) / 9)


def test_the_same_evidence_gives_the_same_bytes():
    evidence = make_evidence(make_pairs(x=1, y=-0.5), ["x", "y"])
    one, other = (tabulate_ranking(evidence).to_csv(index=False).encode() for _ in range(2))
    assert one == other
    shuffled = Evidence(
        evidence.scores.sample(frac=1, random_state=1), evidence.features.sample(frac=1, random_state=2), 200
    )
    assert tabulate_ranking(shuffled).to_csv(index=False).encode() == one


def test_what_cannot_be_ranked_is_empty_with_a_reason():
    few = tabulate_ranking(make_evidence(make_pairs(EIGHT[:4], x=1), ["x"]))
    assert few[MEASURES].isna().all(axis=None)
    assert few["note"].str.endswith("not computed: at least 5 languages are required").all()

    pairs = make_pairs(x=1).assign(same=0.5)
    pairs["of_target"] = pairs["target"].map({code: place for place, code in enumerate(EIGHT)}) * 1.0
    pairs.loc[pairs["source"] == "ar", "x"] = np.nan
    table = tabulate_ranking(make_evidence(pairs, ["x", "same", "of_target"])).set_index("ranker")
    assert table.loc["same", MEASURES].isna().all() and table.loc["same", "note"].endswith("the feature is constant")
    assert table.loc["of_target", "note"].endswith("the feature has the same value for all sources of a target")
    assert table.loc["x", "note"].endswith("7 of 56 pairs have no value and are ranked last")

    alone = tabulate_ranking(make_evidence(pairs, ["same"])).set_index("ranker")
    reason = "no feature differs between the sources of a target"
    assert alone.loc["ridge", "note"] == alone.loc["lambdarank", "note"] == reason


def test_targets_whose_sources_all_score_the_same_are_left_out():
    pairs = make_pairs(syntax=1)
    pairs.loc[pairs["target"] == "hi", "score"] = 0.0
    row = tabulate_ranking(make_evidence(pairs, ["syntax"])).set_index("ranker").loc["syntax"]
    assert (row["n_targets"], row["ndcg_at_3"]) == (7, 1)
    assert row["note"] == "targets left out because they have one source, or the same score for all sources: 1"


def test_few_targets_of_many_sources_have_no_interval_and_no_models():
    pairs = make_pairs(syntax=1, x=0)
    table = tabulate_ranking(make_evidence(pairs[pairs["target"].isin(["fi", "hi"])], ["syntax", "x"])).set_index(
        "ranker"
    )
    assert table.loc["syntax", ["n_targets", "ndcg_at_3"]].tolist() == [2, 1]
    assert np.isnan(table.loc["syntax", "ndcg_low"])
    assert table.loc["syntax", "note"] == "no interval: it needs at least 5 targets"
    assert table.loc["ridge", "note"] == "not computed: learning requires at least 5 targets"


def test_columns_and_english_absent():
    table = tabulate_ranking(make_evidence(make_pairs(["ar", "bn", "de", "fi", "hi"], x=1), ["x"]))
    assert table.columns.tolist() == COLUMNS
    english = table[table["ranker"] == "English"].iloc[0]
    assert (english["n_targets"], english[MEASURES].isna().all()) == (0, True)
    assert "because they have no English source: 5" in english["note"]


def test_interval_covers_the_mean_of_ten_targets():
    """1,000 draws of ten skewed values with mean 0.3, similar to NDCG: plain percentile intervals are too narrow."""
    generator = np.random.default_rng(5)
    covered = plain = 0
    for draw in range(1000):
        values = generator.beta(1.2, 2.8, (10, 1))
        low, high = bound_means(values, 400, draw)[:, 0]
        covered += low <= 0.3 <= high
        means = np.random.default_rng(draw).multinomial(10, np.full(10, 0.1), size=400) @ values / 10
        plain += np.quantile(means, 0.025) <= 0.3 <= np.quantile(means, 0.975)
    assert 930 <= covered <= 970
    assert plain < 910
