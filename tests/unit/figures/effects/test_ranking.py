"""The ranking plot: order of lines, hollow dots for rankers that require labels, reproducible files."""

import numpy as np
import pandas as pd

from isogloss.analysis.ranking.ranking import COLUMNS
from isogloss.figures.effects.ranking import draw_ranking
from isogloss.figures.gallery import write_figure
from isogloss.figures.page import Subject


def make_table() -> pd.DataFrame:
    rows = []
    for shots, adaptation in ((0, "direct"), (20, "sequential")):
        for ranker, kind, needs, ndcg in (
            ("random", "baseline", False, 0.33),
            ("English", "baseline", False, 0.4),
            ("syntax", "feature", False, 0.5),
            ("family", "feature", False, 0.6),
            ("empty", "feature", False, np.nan),
            ("ridge", "model", False, 0.55),
            ("proxy:crf", "proxy", True, 0.8),
            ("ridge+proxy", "model", True, 0.7),
        ):
            numbers = [ndcg, ndcg - 0.1, ndcg + 0.1, 0.1, 0.05, 0.15, 0.2, 0.5]
            rows.append(["ner", "mini", "ner", 600, adaptation, shots, ranker, kind, needs, 10, *numbers, ""])
    return pd.DataFrame(rows, columns=COLUMNS)


def test_lines_stand_by_kind_then_quality_and_what_needs_labels_last():
    figure = draw_ranking(make_table(), "ner, mini", "A synthetic demonstration.")
    left, right = figure.axes
    names = [label.get_text() for label in left.get_yticklabels()]
    assert names == ["English", "random", "family", "syntax", "ridge", "proxy:crf", "ridge+proxy"]
    assert [text.get_text() for text in right.texts] == ["baselines", "features", "models", "needs target\nlabels"]
    dots = left.collections[1]
    np.testing.assert_allclose(dots.get_offsets()[:, 0], [0.4, 0.33, 0.6, 0.5, 0.55, 0.8, 0.7])
    white = (dots.get_facecolors()[:, :3] == 1).all(axis=1)
    assert white.tolist() == [False] * 5 + [True] * 2
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["zero-shot", "20 shots (sequential)", "sources in random order"]
    assert figure.get_supxlabel() == "A synthetic demonstration."


def test_a_figure_is_always_written_and_the_same(tmp_path):
    make_table().to_csv(tmp_path / "ranking.csv", index=False)
    for model, folder in (("mini", "one"), ("mini", "other"), ("absent", "blank")):
        subject = Subject("ner", model, tables={"ranking.csv": tmp_path / "ranking.csv"})
        write_figure("ranking", subject, tmp_path / folder)
    for name in ("ranking.svg", "ranking.png"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()
    assert (tmp_path / "blank" / "ranking.png").stat().st_size > 0
    assert "<!-- ner, absent: no ranking of sources -->" in (tmp_path / "blank" / "ranking.svg").read_text()
