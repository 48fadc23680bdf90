"""Data-quality warnings about scores and features, and the error for tables without a common pair."""

import pandas as pd
import pytest

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.languages import Languages, OwnLanguage
from isogloss.analysis.data.scores import COLUMNS, KEY
from isogloss.analysis.pairs.checks import UNSCORED, check_overlap, tabulate_checks
from isogloss.common.errors import UserError


def make_scores(cells) -> pd.DataFrame:
    """Return a scores table with one row per (source, target, seed)."""
    rows = [["ner", "mini", s, 1, t, "ner", 0, "direct", seed, "f1", 0.5] for s, t, seed in cells]
    return pd.DataFrame(rows, columns=COLUMNS)


def test_nothing_to_say_of_a_square_complete_matrix():
    cells = [(source, target, 1) for source in "abcde" for target in "abcde"]
    features = pd.DataFrame([(s, t, ord(s)) for s, t, _ in cells], columns=["source", "target", "x"])
    assert tabulate_checks(Evidence(make_scores(cells), features)).empty


def test_each_check():
    cells = [("a", "b", 1), ("a", "b", 2), ("b", "a", 1), ("b", "c", 1), ("d", "a", 1), ("d", "d", 1)]
    features = pd.DataFrame({"source": ["a", "b", "x"], "target": ["b", "a", "y"], "x": [1.0, 1.0, 9.0]})
    table = tabulate_checks(Evidence(make_scores(cells), features))
    assert table[["feature", "check", "count", "of", "note"]].to_numpy().tolist() == [
        ["", "source that is no target", 1, 3, "d"],
        ["", "target that is no source", 1, 3, "c"],
        ["", "pair without a score", 3, 7, "a-c d-b d-c"],
        ["", "few languages", 4, 5, "no QAP and no interval: they need at least 5 languages"],
        ["", "pair with fewer than 2 seeds", 3, 4, "b-a (1) b-c (1) d-a (1)"],
        ["x", "pair without a value", 2, 4, "b-c d-a"],
        ["x", "constant feature", 2, 2, "the value is 1 for all pairs"],
    ]


def test_features_of_other_languages_are_refused():
    features = pd.DataFrame({"source": ["eng"], "target": ["deu"], "x": [1.0]})
    message = r"^my.csv: no language pair has both a score and features: the scores have a,b, the features have eng,deu"
    with pytest.raises(UserError, match=message):
        check_overlap(Evidence(make_scores([("a", "b", 1)]), features), "my.csv")


def test_rows_without_a_score_and_languages_without_features_are_counted():
    cells = [(source, target, 1) for source in "abcde" for target in "abcde"]
    features = pd.DataFrame(
        [(s, t, ord(s)) for s, t, _ in cells if "e" not in (s, t)], columns=["source", "target", "x"]
    )
    missing = make_scores([("a", "f", 1), ("a", "f", 2), ("f", "b", 1)])[KEY]
    lost = missing.tail(1).assign(model="other")
    languages = Languages(unknown=("e", "y"))
    evidence = Evidence(make_scores(cells), features, languages=languages, missing=pd.concat([missing, lost]))
    table = tabulate_checks(evidence)
    assert table[["model", "feature", "check", "count", "of", "note"]].to_numpy().tolist() == [
        ["mini", "", "row without a score", 3, 28, f"a-f f-b; {UNSCORED}"],
        ["mini", "", "language without features", 1, 5, "e"],
        ["mini", "x", "pair without a value", 8, 20, "a-e b-e c-e d-e e-a e-b e-c e-d"],
        ["other", "", "row without a score", 1, 1, f"f-b; {UNSCORED}"],
    ]


def test_languages_of_the_user_need_no_features():
    languages = Languages({"a": OwnLanguage(family="F")})
    features = pd.DataFrame(columns=["source", "target"])
    check_overlap(Evidence(make_scores([("a", "b", 1)]), features, languages=languages), "my.csv")
