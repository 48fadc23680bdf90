"""Proxies: matching of models, halves of the test sentences, and rankings without labels, which exclude proxies."""

import numpy as np
import pandas as pd
import pytest

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import COLUMNS, Setting, list_settings
from isogloss.analysis.pairs.correlation import tabulate_correlations
from isogloss.analysis.pairs.proxies import find_proxies
from isogloss.analysis.ranking.ranking import tabulate_ranking

SIX = ["ar", "de", "en", "fi", "hi", "ru"]
ZERO, FEW = (0, "direct"), (20, "sequential")
HALVES = ("f1", "f1_half_1", "f1_half_2")


def make_scores(models, metrics=HALVES, seed=0) -> pd.DataFrame:
    """Return random scores of six languages, with in-language and target-only runs.

    models: for each name, its list of (shots, adaptation).
    """
    generator = np.random.default_rng(seed)
    rows = []
    for model, ways in models.items():
        for shots, adaptation in ways:
            for target in SIX:
                for source in [*SIX, "none"] if shots else SIX:
                    if source != target or not shots:
                        key = ["ner", model, source, 600, target, "ner", shots, adaptation, 1]
                        rows += [[*key, metric, generator.random()] for metric in metrics]
    return pd.DataFrame(rows, columns=COLUMNS)


def find_score(scores, model, metric, source, target, shots=0) -> float:
    own = scores[(scores["model"] == model) & (scores["metric"] == metric) & (scores["shots"] == shots)]
    return own.loc[(own["sources"] == source) & (own["target"] == target), "score"].item()


def find_setting(scores, model, shots=0) -> Setting:
    (setting,) = [one for one in list_settings(scores) if (one.model, one.shots) == (model, shots)]
    return setting


def test_proxy_is_half_one_of_the_other_model_and_the_score_half_two():
    scores = make_scores({"crf": [ZERO], "mini": [ZERO]})
    proxies = find_proxies(scores, find_setting(scores, "mini"))
    assert proxies.names == ["proxy:crf"]
    assert proxies.pairs.columns.tolist() == ["source", "target", "score", "proxy:crf"]
    assert len(proxies.pairs) == 30 and (proxies.pairs["source"] != proxies.pairs["target"]).all()
    for row in proxies.pairs.to_dict("records"):
        assert row["score"] == find_score(scores, "mini", "f1_half_2", row["source"], row["target"])
        assert row["proxy:crf"] == find_score(scores, "crf", "f1_half_1", row["source"], row["target"])
    assert proxies.note == "proxy on half 1, score on half 2 of the test sentences"
    assert find_proxies(scores, find_setting(scores, "crf")).names == ["proxy:mini"]


@pytest.mark.parametrize("without", ["crf", "mini"])
def test_without_halves_of_one_of_the_two_whole_scores_are_taken_and_it_is_said(without):
    scores = make_scores({"crf": [ZERO], "mini": [ZERO]})
    scores = scores[(scores["model"] != without) | (scores["metric"] == "f1")]
    proxies = find_proxies(scores, find_setting(scores, "mini"))
    row = proxies.pairs.iloc[7]
    assert row["score"] == find_score(scores, "mini", "f1", row["source"], row["target"])
    assert row["proxy:crf"] == find_score(scores, "crf", "f1", row["source"], row["target"])
    assert "same test sentences" in proxies.note


def test_a_proxy_has_the_same_shots_and_its_own_adaptation_where_it_must():
    scores = make_scores({"mini": [ZERO, FEW], "crf": [ZERO, (20, "joint")], "big": [ZERO, (20, "joint"), FEW]})
    proxies = find_proxies(scores, find_setting(scores, "mini", 20))
    assert proxies.names == ["proxy:big", "proxy:crf"]
    row = proxies.pairs.iloc[3]
    assert row["proxy:crf"] == find_score(scores, "crf", "f1_half_1", row["source"], row["target"], 20)
    sequential = scores[scores["adaptation"] == "sequential"]
    assert row["proxy:big"] == find_score(sequential, "big", "f1_half_1", row["source"], row["target"], 20)


def test_one_model_or_another_task_or_n_is_no_proxy():
    scores = make_scores({"mini": [ZERO]})
    others = [scores.assign(model="crf", **{axis: value}) for axis, value in (("task", "nli"), ("n", 60), ("shots", 5))]
    assert find_proxies(pd.concat([scores, *others]), find_setting(scores, "mini")) is None


def test_rankings_by_proxies_are_marked_and_apart():
    """The proxy is perfect and typology is noise; only rankers that require target labels use the proxy."""
    scores = make_scores({"mini": [ZERO]})
    crf = scores.assign(model="crf")
    half_2 = crf[crf["metric"] == "f1_half_2"].assign(metric="f1_half_1")
    both = pd.concat([scores, half_2, crf[crf["metric"] != "f1_half_1"]], ignore_index=True)
    pairs = pd.DataFrame([(s, t) for s in SIX for t in SIX if s != t], columns=["source", "target"])
    features = pairs.assign(syntax=np.random.default_rng(1).random(30))
    table = tabulate_ranking(Evidence(both, features, 200))
    own = table[table["model"] == "mini"].set_index("ranker")
    assert own.index[own["needs_target_labels"]].tolist() == ["proxy:crf", "ridge+proxy", "lambdarank+proxy"]
    assert own.loc["proxy:crf", ["kind", "ndcg_at_3", "regret_at_1", "top_1"]].tolist() == ["proxy", 1, 0, 1]
    assert own.loc["ridge+proxy", "ndcg_at_3"] > 0.9
    assert (
        own.loc[own["needs_target_labels"], "note"] == "proxy on half 1, score on half 2 of the test sentences"
    ).all()

    alone = tabulate_ranking(Evidence(scores, features, 200)).set_index("ranker")
    numbers = ["ndcg_at_3", "ndcg_low", "regret_at_1", "top_3"]
    pd.testing.assert_frame_equal(own.loc[~own["needs_target_labels"], numbers], alone[numbers])


def test_a_proxy_is_correlated_as_any_feature_on_its_half():
    scores = make_scores({"crf": [ZERO], "mini": [ZERO]})
    pairs = pd.DataFrame([(s, t) for s in SIX for t in SIX if s != t], columns=["source", "target"])
    features = pairs.assign(syntax=np.random.default_rng(1).random(30))
    table = tabulate_correlations(Evidence(scores, features, 99)).query("model == 'mini' and feature == 'proxy:crf'")
    row = table.iloc[0]
    one = [find_score(scores, "crf", "f1_half_1", *pair) for pair in pairs.itertuples(index=False)]
    two = [find_score(scores, "mini", "f1_half_2", *pair) for pair in pairs.itertuples(index=False)]
    assert row["pearson_r"] == pytest.approx(np.corrcoef(one, two)[0, 1])
    assert 0.01 <= row["p_qap"] <= 1 and row["n_pairs"] == 30
    assert "proxy on half 1, score on half 2 of the test sentences" in row["note"]
