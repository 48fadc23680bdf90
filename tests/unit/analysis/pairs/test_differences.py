"""Differences of correlations: order of the comparisons, pairs that are used, and coverage of the intervals."""

import numpy as np
import pandas as pd
import pytest

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import COLUMNS
from isogloss.analysis.pairs.differences import order_comparisons, tabulate_differences
from isogloss.analysis.statistics.resampling import find_difference_intervals, resample_correlations
from isogloss.analysis.statistics.transforms import RAW, TRANSFORMS
from isogloss.runs.traits import describe_features

LANGUAGES = list("abcdefg")
PAIRS = [(source, target) for source in LANGUAGES for target in LANGUAGES if source != target]


def compare(scores, **features) -> pd.DataFrame:
    rows = [
        ["ner", "mini", *(source, 1, target), "ner", 0, "direct", 1, "f1", score]
        for (source, target), score in zip(PAIRS, scores, strict=True)
    ]
    table = pd.DataFrame(PAIRS, columns=["source", "target"]).assign(**features)
    return tabulate_differences(
        Evidence(pd.DataFrame(rows, columns=COLUMNS), table, permutations=9, traits=describe_features(features))
    )


def test_the_claim_stands_first():
    names = ["geographic", "phonology", "overlap_target", "syntax", "overlap_source"]
    compared = order_comparisons(describe_features(names))
    assert [pair[:2] for pair in compared if pair[2]] == [
        ("syntax", "overlap_target"),
        ("syntax", "overlap_source"),
        ("phonology", "overlap_target"),
        ("phonology", "overlap_source"),
    ]
    assert [pair[2] for pair in compared] == [True] * 4 + [False] * 6
    assert len({frozenset(pair[:2]) for pair in compared}) == 10


def test_both_correlations_are_over_the_pairs_that_both_features_have():
    generator = np.random.default_rng(0)
    scores, one, other = generator.random((3, 42))
    other[5] = np.nan
    table = compare(scores, syntax=one, overlap_target=other)
    assert table["transform"].tolist() == list(TRANSFORMS)
    row = table.iloc[0]
    known = np.isfinite(other)
    r = [np.corrcoef(scores[known], values[known])[0, 1] for values in (one, other)]
    assert (row["feature"], row["other"], row["claim"], row["n_pairs"]) == ("syntax", "overlap_target", "yes", 41)
    assert row[["feature_r", "other_r", "difference"]].tolist() == pytest.approx([*r, r[0] - r[1]])
    assert row["low"] < row["jackknife_low"] < row["difference"] < row["jackknife_high"] < row["high"]


def test_opposite_signs_and_constants_are_noted():
    scores = np.random.default_rng(0).random(42)
    table = compare(scores, near=scores**2, distance=-(scores**3), constant=np.ones(42))
    table = table[table["transform"] == RAW].set_index(["feature", "other"])
    note = "the two r have different signs, so compare their absolute values"
    assert table.loc[("near", "distance"), "note"] == note
    note = "no difference: constant or the scores are constant over these pairs"
    assert table.loc[("near", "constant"), "note"] == note
    assert np.isnan(table.loc[("near", "constant"), "difference"])


def test_the_interval_holds_a_planted_difference():
    """400 draws with ten languages and correlations of 0.6 and 0.2; scores depend on their languages."""
    generator = np.random.default_rng(31)
    off = ~np.eye(10, dtype=bool)
    held, found = [], []
    for _ in range(400):
        own, pair = generator.standard_normal((2, 10)), generator.standard_normal((2, 10, 10))
        features = (own[:, :, None] + own[:, None, :] + np.sqrt(2) * pair) / 2
        noise = np.sqrt(0.5) * generator.standard_normal((1, 10)) + np.sqrt(0.5) * generator.standard_normal((10, 10))
        scores = 0.6 * features[0] + 0.2 * features[1] + np.sqrt(1 - 0.6**2 - 0.2**2) * noise
        one, other = resample_correlations(scores, features, off, RAW, seed=0)
        found.append(one.r - other.r)
        low, high, jackknife_low, jackknife_high = find_difference_intervals(one, other)
        held.append([low <= 0.4 <= high, jackknife_low <= 0.4 <= jackknife_high])
    assert np.mean(found) == pytest.approx(0.4, abs=0.03)
    bootstrap, jackknife = np.mean(held, axis=0)
    assert 0.93 <= bootstrap <= 0.99
    assert 0.93 <= jackknife <= 0.98
