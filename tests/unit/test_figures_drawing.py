"""Figures: what they show, that the same data give the same file, that something is always written."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from isogloss.analysis.scores import COLUMNS
from isogloss.figures.few_shot import write_few_shot
from isogloss.figures.matrix import draw_matrices, write_matrices
from isogloss.figures.page import order_languages
from isogloss.figures.scatter import draw_scatter, write_scatters

FIVE = ["ar", "de", "en", "fi", "ru"]
NOTICE = "A made-up demonstration."


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    generator = np.random.default_rng(0)
    rows, pairs = [], []
    for source in FIVE:
        for target in FIVE:
            key = ["ner", "mini", source, 600, target, "ner"]
            rows.append([*key, 0, "direct", 1, "f1", generator.random()])
            if source != target:
                rows.append([*key, 20, "sequential", 1, "f1", generator.random()])
                pairs.append((source, target, generator.random()))
    rows += [["ner", "mini", "none", 0, target, "ner", 20, "sequential", 1, "f1", 0.5] for target in FIVE]
    pd.DataFrame(rows, columns=COLUMNS).to_csv(folder / "scores.csv", index=False)
    pd.DataFrame(pairs, columns=["source", "target", "x"]).to_csv(folder / "features.csv", index=False)
    return folder


def write_all(folder, out):
    write_matrices(folder / "scores.csv", "ner", "mini", [0, 20, 50], out, NOTICE)
    write_scatters(folder / "scores.csv", folder / "features.csv", "ner", "mini", ["x", "y"], out, NOTICE)
    write_few_shot(folder / "scores.csv", "ner", "mini", out, NOTICE)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in out.iterdir()}


def test_every_figure_is_written_twice_the_same(folder, tmp_path):
    written = write_all(folder, tmp_path / "one")
    stems = ["matrix-shots-0", "matrix-shots-20", "matrix-shots-50", "scatter-x", "scatter-y", "few-shot"]
    assert sorted(written) == sorted(f"{stem}.{ending}" for stem in stems for ending in ("svg", "png"))
    assert write_all(folder, tmp_path / "other") == written


def test_languages_stand_by_family_then_name():
    assert order_languages(["xx", "sw", "es", "fi", "en", "ar"]) == ["ar", "sw", "en", "es", "fi", "xx"]


def test_matrix_writes_every_value_and_frames_the_diagonal():
    matrix = pd.DataFrame({"en": [0.91, 0.25, 0.1], "fi": [0.33, np.nan, 0.2]}, index=["en", "fi", "none"])
    figure = draw_matrices({"title": matrix}, "f1", NOTICE)
    axes = figure.axes[0]
    texts = [text.get_text() for text in axes.texts]
    assert [text for text in texts if "." in text] == ["0.91", "0.33", "0.25", "0.10", "0.20"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["en", "fi"]
    assert axes.get_yticklabels()[-1].get_text() == "no source: the shots alone"
    dashed = [patch for patch in axes.patches if patch.get_linestyle() in ("--", "dashed")]
    assert [patch.get_xy() for patch in dashed] == [(-0.44, -0.44)]
    assert figure.get_supxlabel() == NOTICE


def test_scatter_names_each_pair_and_calls_the_p_plain():
    pairs = [(s, t) for s in FIVE for t in FIVE if s != t]
    table = pd.DataFrame(pairs, columns=["source", "target"])
    table["x"], table["score"] = np.arange(20.0), np.arange(20.0) / 20
    axes = draw_scatter(table, "x", "ner, mini").axes[0]
    assert {text.get_text() for text in axes.texts} == {f"{source}-{target}" for source, target in pairs}
    assert "20 pairs of 5 languages: r = 1.00, plain p" in axes.get_title()


def test_scatter_of_points_on_one_line_keeps_labels_apart():
    pairs = [(s, t) for s in FIVE for t in FIVE if s != t]
    table = pd.DataFrame(pairs, columns=["source", "target"]).assign(x=0.0, score=np.arange(20) / 500)
    figure = draw_scatter(table.assign(x=[*[0.0] * 19, 1.0]), "x", "ner, mini")
    renderer = figure.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer).shrunk(0.9, 0.7) for text in figure.axes[0].texts]
    assert len(boxes) == 20
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_scatter_says_why_there_is_no_correlation():
    table = pd.DataFrame({"source": FIVE, "target": FIVE[::-1], "score": [0.1, 0.2, 0.3, 0.4, 0.5], "x": [1.0] * 5})
    assert "constant feature" in draw_scatter(table, "x", "ner, mini").axes[0].get_title()
