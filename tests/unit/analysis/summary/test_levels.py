"""Sentences on the level of scores: items seen and unseen in training, whatever the metric of the task."""

import pandas as pd
import pytest
from squares import TEN

from isogloss.analysis.data.scores import COLUMNS
from isogloss.analysis.run import analyse


@pytest.mark.parametrize(("metric", "name", "items"), [("f1", "F1", "mentions"), ("accuracy", "accuracy", "words")])
def test_seen_and_unseen_items_have_the_name_of_the_metric(metric, name, items, tmp_path):
    pairs = [(source, target) for source in TEN[:3] for target in TEN[:3]]
    rows = [
        ["own", "mini", source, 60, target, "own", 0, "direct", 1, measured, score]
        for source, target in pairs
        for measured, score in ((metric, 0.8), (f"{metric}_seen", 0.9), (f"{metric}_unseen", 0.7))
    ]
    # A run whose test data have no unseen item is not part of the mean.
    rows = [row for row in rows if (row[2], row[4], row[9]) != (TEN[0], TEN[1], f"{metric}_unseen")]
    pd.DataFrame(rows, columns=COLUMNS).to_csv(tmp_path / "scores.csv", index=False)
    features = pd.DataFrame([pair for pair in pairs if pair[0] != pair[1]], columns=["source", "target"])
    analyse(tmp_path / "scores.csv", features.assign(similarity=range(6)), tmp_path, 9)
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert (
        f"In-language {name} on {items} seen in training: the mean is 0.900 [scores.score, {metric}_seen] over 3 runs. "
        f"On unseen {items}, it is 0.700 [scores.score, {metric}_unseen] over 3 runs."
    ) in summary
    assert (
        f"Zero-shot {name} on {items} seen in training: the mean is 0.900 [scores.score, {metric}_seen] over 6 runs. "
        f"On unseen {items}, it is 0.700 [scores.score, {metric}_unseen] over 5 runs. Only runs whose test data "
        f"contain such {items} are counted."
    ) in summary
