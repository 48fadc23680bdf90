"""multi_source.md: the sense of pre-training, every number with its column, one line if there is nothing to compare."""

import re

import numpy as np
import pandas as pd
import pytest
from squares import tabulate_features

from isogloss.analysis.data.scores import COLUMNS as SCORES
from isogloss.analysis.multi_source.comparison import COLUMNS, MEANS_COLUMNS
from isogloss.analysis.multi_source.sentences import round_saved
from isogloss.analysis.run import analyse
from isogloss.common.errors import UserError

FIVE = ["bn", "de", "en", "fi", "sw"]
NOTICE = "A synthetic demonstration."


def make_scores() -> pd.DataFrame:
    """Return scores of single sources and of all others; F1 is 0.1 higher on seen, 0.1 lower on unseen mentions."""
    rows = []
    for place, target in enumerate(FIVE):
        others = [code for code in FIVE if code != target]
        runs = [(source, 0, 0.40 + 0.01 * number + 0.01 * place) for number, source in enumerate(others)]
        runs += [(target, 0, 0.9), ("+".join(others), 0, 0.54 + 0.01 * place), (others[0], 20, 0.6)]
        runs += [("+".join(others), 20, 0.7), ("none", 20, 0.5)]
        for sources, shots, score in runs:
            way = "sequential" if shots else "direct"
            key = ["ner", "mini", sources, 0 if sources == "none" else 600, target, "ner", shots, way, 1]
            rows += [[*key, "f1", score], [*key, "f1_seen", score + 0.1], [*key, "f1_unseen", score - 0.1]]
    return pd.DataFrame(rows, columns=SCORES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("several")
    make_scores().to_csv(folder / "scores.csv", index=False)
    # The nearest language of every target is the first one by code.
    features = tabulate_features(FIVE, syntax=np.tile(np.linspace(1, 0.1, 5)[:, None], 5))
    for name in ("one", "other"):
        analyse(folder / "scores.csv", features, folder / name, 19, notice=NOTICE)
    return folder


def test_the_same_input_gives_the_same_bytes(folder):
    written = sorted(path.name for path in (folder / "one").iterdir() if "multi_source" in path.name)
    assert written == [
        "multi_source.csv",
        "multi_source.md",
        "multi_source_areas.csv",
        "multi_source_joint.csv",
        "multi_source_means.csv",
        "multi_source_sizes.csv",
    ]
    for name in written:
        assert (folder / "one" / name).read_bytes() == (folder / "other" / name).read_bytes()


def test_it_says_what_was_found_and_in_which_sense(folder):
    text = (folder / "one/multi_source.md").read_text(encoding="utf-8")
    assert text.index(NOTICE) < text.index("here is **supervised**") < text.index("## ner, mini")
    assert "**Self-supervised** pre-training, on text without labels, is not varied" in text
    # 0.54 + 0.02 on average against 0.40 + 0.02: 0.14 in each target.
    assert (
        "- all-others: **higher** than the predicted best source, with a mean F1 of 0.560 (`score`) over 5 targets. "
        "The difference is +0.140 (`difference`), 95% interval +0.140 to +0.140 (`low`, `high`)." in text
    )
    assert "oracle (best single source chosen on the test scores)" in text
    best = "- The predicted best source has a mean F1 of 0.420 (`score`) over 5 targets and 1 seed"
    assert f"{best} (`n_seeds`, multi_source.csv)." in text
    seen = "F1 on mentions seen in training, difference to the predicted best source (`difference`, `n_targets`)"
    assert f"{seen}: all-others +0.140 (95% interval +0.140 to +0.140) over 5 targets." in text
    assert "F1 on mentions unseen in training" in text
    assert "all-others 5 of 5" in text
    assert "### Area under the few-shot curve, sequential, n = 600" in text
    assert "These targets are low-resource cases, not a sample of languages" in text
    cases = re.findall(r"^- (\w\w), ", text.split("one by one")[1], re.MULTILINE)
    assert sorted(set(cases)) == ["bn", "sw"]
    assert "4 (all-others) 0.560" in text


def test_a_score_of_few_targets_says_how_few(tmp_path):
    scores = make_scores()
    seen = (scores["metric"] == "f1_seen") & ~scores["target"].isin(["bn", "de"])
    scores[~seen].to_csv(tmp_path / "scores.csv", index=False)
    features = tabulate_features(FIVE, syntax=np.tile(np.linspace(1, 0.1, 5)[:, None], 5))
    analyse(tmp_path / "scores.csv", features, tmp_path, 19)
    text = (tmp_path / "multi_source.md").read_text(encoding="utf-8")
    assert re.search(r"F1 on mentions seen in training, .*: all-others \+0\.140 \(.*\) over 2 targets\.", text)
    assert re.search(r"F1 on mentions unseen in training, .*: all-others \+0\.140 \(.*\) over 5 targets\.", text)


def test_no_mean_is_taken_over_cases(tmp_path):
    """A study with only low-resource targets reports each of them, and no mean over them."""
    scores = make_scores()
    scores[scores["target"].isin(["bn", "sw"])].to_csv(tmp_path / "scores.csv", index=False)
    features = tabulate_features(FIVE, syntax=np.tile(np.linspace(1, 0.1, 5)[:, None], 5))
    analyse(tmp_path / "scores.csv", features, tmp_path, 19, cases=["bn", "sw"])
    text = (tmp_path / "multi_source.md").read_text(encoding="utf-8")
    assert "The targets are low-resource cases, not a sample of languages. They are reported one by one" in text
    assert "over 2 targets" not in text
    assert "Area under" not in text
    assert "- sw, zero-shot, n = 600. The predicted best source, bn, has F1 0.440 (`score`)." in text
    means = pd.read_csv(tmp_path / "multi_source_means.csv")
    assert means[["score", "difference", "low", "high", "detectable"]].isna().all(axis=None)
    assert set(means["note"]) == {"the targets are low-resource cases, not a sample of languages: no mean over targets"}
    assert not (pd.read_csv(tmp_path / "multi_source_areas.csv")["target"] == "all").any()
    assert pd.read_csv(tmp_path / "multi_source_sizes.csv")["arm"].isna().all()
    analyse(tmp_path / "scores.csv", features, tmp_path, 19, cases=["sw"])
    assert "over 2 targets" in (tmp_path / "multi_source.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("saved", "told"), [("46.7603", "47"), ("-12.7118", "-13"), ("> 100", "> 100"), ("< 10", "< 10")]
)
def test_shots_saved_are_whole_shots(saved, told):
    assert round_saved(saved) == told


def test_every_column_that_a_sentence_names_is_there(folder):
    text = (folder / "one/multi_source.md").read_text(encoding="utf-8")
    known = {*COLUMNS, *MEANS_COLUMNS, "area"}
    named = set(re.findall(r"`([a-z_]+)`", text)) - {"all"}
    assert named <= known
    assert named >= {"score", "difference", "low", "high", "detectable", "shots_saved", "area"}


def test_a_table_without_several_sources_is_told_in_one_line(tmp_path):
    scores = make_scores()
    scores[~scores["sources"].str.contains("+", regex=False)].to_csv(tmp_path / "scores.csv", index=False)
    features = tabulate_features(FIVE, syntax=np.random.default_rng(0).random((5, 5)))
    analyse(tmp_path / "scores.csv", features, tmp_path, 19)
    text = (tmp_path / "multi_source.md").read_text(encoding="utf-8")
    assert (
        text == "# Several sources\n\nNo run has several sources, so there is nothing to compare (multi_source.csv).\n"
    )
    table = pd.read_csv(tmp_path / "multi_source.csv")
    assert table["note"].tolist() == ["no run with several sources"]


def test_a_case_that_is_no_target_is_refused(folder, tmp_path):
    features = tabulate_features(FIVE, syntax=np.ones((5, 5)))
    with pytest.raises(UserError, match="--cases: 'fr' is not a target of the scores; choose from bn, de"):
        analyse(folder / "scores.csv", features, tmp_path, 19, cases=["fr"])
