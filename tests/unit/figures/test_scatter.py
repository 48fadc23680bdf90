"""Scatter plots of transfer by a feature: labels of points, and the title."""

import numpy as np
import pandas as pd

from isogloss.figures.scatter import describe_correlation, draw_scatter

FIVE = ["ar", "de", "en", "fi", "ru"]
FOUND = "20 pairs of 5 languages: r = 0.50"


def make_pairs(languages=FIVE) -> pd.DataFrame:
    pairs = [(s, t) for s in languages for t in languages if s != t]
    table = pd.DataFrame(pairs, columns=["source", "target"])
    return table.assign(x=np.arange(len(pairs), dtype=float), score=np.arange(len(pairs)) / len(pairs))


def test_scatter_names_each_pair_and_says_what_was_found():
    pairs = make_pairs()
    figure = draw_scatter(pairs, "x", "ner, mini", FOUND)
    expected = {f"{row.source}-{row.target}" for row in pairs.itertuples()}
    assert {text.get_text() for text in figure.axes[0].texts} == expected
    assert figure.get_suptitle() == f"ner, mini\n{FOUND}"


def test_scatter_of_many_pairs_labels_no_more_than_one_a_target():
    pairs = make_pairs([f"l{place}" for place in range(14)])
    texts = [text.get_text() for text in draw_scatter(pairs, "x", "ner, mini", FOUND).axes[0].texts]
    assert len(pairs) == 182 and 0 < len(texts) <= 14
    targets = [text.split("-")[1] for text in texts]
    assert len(set(targets)) == len(targets)


def test_scatter_of_points_on_one_line_keeps_labels_apart():
    table = make_pairs().assign(score=np.arange(20) / 500)
    figure = draw_scatter(table.assign(x=[*[0.0] * 19, 1.0]), "x", "ner, mini", FOUND)
    renderer = figure.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer).shrunk(0.9, 0.7) for text in figure.axes[0].texts]
    assert len(boxes) == 20
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_a_correlation_is_told_with_its_permutation_p_and_calls_the_other_plain():
    row = {"n_pairs": 90, "n_languages": 10, "pearson_r": 0.4166, "low": 0.051, "high": 0.7, "p_qap": 0.0037}
    row |= {"p_plain": 1e-6, "note": ""}
    assert describe_correlation(pd.Series(row)) == (
        "90 pairs of 10 languages: r = 0.42, 95% interval 0.05 to 0.70\n"
        "QAP p = 0.0037 (plain p < 0.0001 treats pairs as independent)"
    )
    bare = pd.Series({**row, "low": np.nan, "p_qap": np.nan})
    assert describe_correlation(bare) == (
        "90 pairs of 10 languages: r = 0.42\nno QAP p (plain p < 0.0001 treats pairs as independent)"
    )
    empty = pd.Series({**row, "pearson_r": np.nan, "note": "constant feature"})
    assert describe_correlation(empty) == "90 pairs of 10 languages: constant feature"
