"""Figures of several sources: rows, panels, marks, and reproducible files."""

import hashlib
from itertools import pairwise
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from squares import TEN, tabulate_features

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import COLUMNS
from isogloss.analysis.multi_source.comparison import CASES_ONLY, tabulate_multi_source, tabulate_multi_source_means
from isogloss.analysis.multi_source.curves import tabulate_multi_source_sizes
from isogloss.figures.gallery import write_figure
from isogloss.figures.multi_source import draw_arms, draw_curves, draw_sizes
from isogloss.figures.page import STYLE, Subject


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Return a folder with tables of single sources, all others and target-only runs at 0 and 20 shots."""
    folder = tmp_path_factory.mktemp("tables")
    generator = np.random.default_rng(0)
    rows = []
    for target in TEN:
        others = [code for code in TEN if code != target]
        for shots, way in ((0, "direct"), (20, "sequential")):
            key = [600, target, "ner", shots, way, 1, "f1"]
            rows += [["ner", "mini", source, *key, generator.random()] for source in others]
            rows += [["ner", "mini", "+".join(others), *key, generator.random()]]
        rows += [["ner", "mini", "none", 0, target, "ner", 20, "sequential", 1, "f1", generator.random()]]
    scores = pd.DataFrame(rows, columns=COLUMNS)
    features = tabulate_features(TEN, syntax=generator.random((10, 10)))
    evidence = Evidence(scores, features, cases=("sw",))
    for name, tabulate in (
        ("", tabulate_multi_source),
        ("_means", tabulate_multi_source_means),
        ("_sizes", tabulate_multi_source_sizes),
    ):
        tabulate(evidence).to_csv(folder / f"multi_source{name}.csv", index=False)
    return folder


def read(folder, name):
    table = pd.read_csv(folder / f"multi_source{name}.csv", keep_default_na=False, na_values=[""])
    return table.astype({"held": object}).fillna({"budget": "", "held": ""})


def test_a_line_an_arm_and_a_panel_a_setting(tables):
    figure = draw_arms(read(tables, "_means"), read(tables, ""), "ner, mini", "A synthetic demonstration.")
    left, right = figure.axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["mean-single", "oracle", "en", "all-others"]
    assert (left.get_title(), right.get_title()) == ("zero-shot", "20 shots, sequential")
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["mean over targets, 95% interval", "one target", "Swahili"]
    assert figure.get_supxlabel() == "A synthetic demonstration."


def test_no_mean_is_in_the_legend_of_cases_alone(tables):
    means, rows = read(tables, "_means"), read(tables, "")
    means = means.assign(note=CASES_ONLY, **dict.fromkeys(["difference", "low", "high"], np.nan))
    figure = draw_arms(means, rows[rows["case"] == "yes"], "ner, mini")
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["Swahili"]


@pytest.mark.parametrize("size", [0.04, 0.08, 0.2])
def test_labels_of_differences_do_not_run_into_each_other(tables, size):
    means, rows = (
        pd.concat([table, table.assign(shots=table["shots"] + 1)])  # four panels
        for table in (
            table.assign(**{name: table[name] * size for name in ("difference", "low", "high")})
            for table in (read(tables, "_means"), read(tables, ""))
        )
    )
    figure = draw_arms(means, rows, "ner, mini")
    renderer = FigureCanvasAgg(figure).get_renderer()
    with matplotlib.rc_context(STYLE):  # as when it is saved, because the number of labels depends on their size
        figure.draw(renderer)
    left, right = figure.axes[0].get_xlim()
    labels = [
        label
        for label in figure.axes[0].get_xticklabels()
        if label.get_text() and left <= label.get_position()[0] <= right
    ]
    boxes = sorted((label.get_window_extent(renderer) for label in labels), key=lambda box: box.x0)
    assert len(boxes) >= 3
    assert all(first.x1 + 2 < second.x0 for first, second in pairwise(boxes))


def test_an_arm_has_the_same_colour_by_shots_and_by_number_of_languages(tables):
    rows, sizes = read(tables, ""), read(tables, "_sizes")
    rows = rows[rows["arm"].isin(["none", "all-others"])]
    many = sizes[sizes["arm"] == "all-others"].assign(one_source=np.nan)
    sizes = pd.concat([many, many.assign(arm="none", n_sources=0)])
    looks = []
    for figure in (draw_curves(rows, "ner, mini"), draw_sizes(sizes, "ner, mini")):
        legend = figure.legends[0]
        handles = zip(legend.get_texts(), legend.get_lines(), strict=True)
        looks.append({text.get_text(): (line.get_color(), line.get_marker()) for text, line in handles})
    assert looks[0]["all-others"] == looks[1]["all-others"]
    assert looks[0]["target-only (no source)"] == looks[1]["none"]


def test_a_curve_an_arm_and_a_panel_a_target(tables):
    figure = draw_curves(read(tables, ""), "ner, mini")
    assert len(figure.axes) == 10
    titles = [axes.get_title() for axes in figure.axes]
    english = figure.axes[titles.index("English")]
    drawn = [line for line in english.get_lines() if len(line.get_xdata())]
    np.testing.assert_allclose(drawn[-1].get_xdata(), [np.log1p(20)])  # target-only
    np.testing.assert_allclose(drawn[0].get_xdata(), [0, np.log1p(20)])
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["en", "nearest-1", "all-others", "target-only (no source)", "in-language, 0 shots"]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_legend_stands_whole_over_few_panels(tables, count):
    rows = read(tables, "")
    rows = rows[rows["target"].isin(TEN[:count])]
    both = pd.concat([rows, rows[rows["shots"] > 0].assign(adaptation="joint")])
    figure = draw_curves(both, "ner, mini, supervised: a title that is wider than one panel")
    renderer = FigureCanvasAgg(figure).get_renderer()
    with matplotlib.rc_context(STYLE):
        figure.draw(renderer)
    legend = figure.legends[0].get_window_extent(renderer)
    panels = [axes.get_window_extent(renderer) for axes in figure.axes]
    assert legend.x0 >= 0 and legend.x1 <= figure.bbox.width
    assert legend.y1 <= figure.bbox.height and legend.y0 >= max(panel.y1 for panel in panels)
    assert min(panel.height for panel in panels) > figure.dpi  # an inch
    (own,) = figure.legends
    assert 1 < own._ncols <= 4  # the title makes room for two


def test_a_title_wider_than_the_panels_takes_no_column_from_the_legend(tables):
    means = read(tables, "_means").query("shots == 0")
    (own,) = draw_arms(means, read(tables, ""), "ner, mini, supervised").legends
    assert own._ncols > 1


def test_scores_stand_by_number_of_sources(tables):
    figure = draw_sizes(read(tables, "_sizes"), "ner, mini")
    assert [axes.get_xticks().tolist() for axes in figure.axes] == [[1, 9], [1, 9]]
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["mean-single", "nearest-1", "all-others"]


def test_figures_are_always_written_and_the_same(tables, tmp_path):
    written = {}
    for model, name in (("mini", "one"), ("mini", "other"), ("absent", "blank")):
        found = {path.name: path for path in Path(tables).glob("*.csv")}
        subject = Subject("ner", model, "supervised", "A synthetic demonstration.", tables=found)
        for part in ("arms", "curves", "sizes"):
            write_figure(f"multi-source-{part}", subject, tmp_path / name)
        paths = sorted((tmp_path / name).iterdir())
        written[name] = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    assert len(written["one"]) == 6
    assert written["one"] == written["other"] != written["blank"]
    assert (
        "absent, supervised: no runs with several sources to compare"
        in (tmp_path / "blank/multi-source-arms.svg").read_text()
    )
