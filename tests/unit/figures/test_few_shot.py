"""The few-shot figure: measured points, law, band and forecast, distinguishable without colours."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PolyCollection

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import COLUMNS
from isogloss.analysis.few_shot.bands import draw_bands
from isogloss.analysis.few_shot.few_shot import tabulate_few_shot
from isogloss.analysis.few_shot.held_out import compare_laws
from isogloss.analysis.few_shot.learning_curves import list_curves
from isogloss.figures.few_shot import draw_curves_of, draw_few_shot
from isogloss.figures.gallery import write_figure
from isogloss.figures.page import Subject

NOTICE = "A synthetic demonstration."


def make_scores(shots, totals=(600,)) -> pd.DataFrame:
    """Return scores of two targets and three sources: 0.2 + 0.05 ln(1 + k), plus 0.05 per source and 0.1 per total."""
    rows = []
    for place, n in enumerate(totals):
        for target in ("de", "fi"):
            for level, source in enumerate(("ar", "en", "ru")):
                for k in shots:
                    score = 0.2 + 0.05 * np.log1p(k) + 0.05 * (level - 1) + 0.1 * place
                    rows.append(
                        ["ner", "mini", source, n, target, "ner", k, "joint" if k else "direct", 1, "f1", score]
                    )
    return pd.DataFrame(rows, columns=COLUMNS)


def draw(scores):
    curves = [curve for curve in list_curves(scores) if curve.kind == "target"]
    bands = draw_bands(curves, compare_laws(curves))
    keyed = {(curve.condition, curve.target): band for curve, band in zip(curves, bands, strict=True)}
    return draw_few_shot(tabulate_few_shot(Evidence(scores)), keyed, "ner, mini", NOTICE)


def find_lines(axes, style):
    """Return the lines of a style that have at least one finite point."""
    return [line for line in axes.lines if line.get_linestyle() == style and np.isfinite(line.get_ydata()).any()]


def test_fan_has_points_law_band_and_forecast():
    shots = [0, 5, 20, 50, 100, 500]
    axes = draw(make_scores(shots)).axes[0]
    assert [text.get_text() for text in axes.texts] == ["log"]
    (points,) = find_lines(axes, "None")
    np.testing.assert_allclose(points.get_xdata(), np.log1p(shots))
    np.testing.assert_allclose(points.get_ydata(), 0.2 + 0.05 * np.log1p(shots))
    (law,) = find_lines(axes, "-")
    assert [law.get_xdata()[0], law.get_xdata()[-1]] == pytest.approx(np.log1p([0, 500]))
    (forecast,) = find_lines(axes, "--")
    assert [forecast.get_xdata()[0], forecast.get_xdata()[-1]] == pytest.approx(np.log1p([500, 2000]))
    (band,) = [one for one in axes.collections if isinstance(one, PolyCollection)]
    box = band.get_datalim(axes.transData)
    half = 4.302653 * 0.05 / np.sqrt(3)
    assert [box.x0, box.x1] == pytest.approx(np.log1p([0, 2000]))
    assert [box.y0, box.y1] == pytest.approx([0.2 - half, 0.2 + 0.05 * np.log(2001) + half], abs=1e-5)


def test_three_numbers_of_shots_have_a_line_and_no_forecast():
    figure = draw(make_scores([0, 20, 100]))
    assert [text.get_text() for text in figure.axes[0].texts] == ["interpolation"]
    assert not find_lines(figure.axes[0], "--")
    assert "forecast" not in [text.get_text() for text in figure.legends[0].get_texts()]
    assert figure.get_supxlabel() == NOTICE


def test_arms_differ_in_mark_and_colour():
    figure = draw(make_scores([0, 20, 100], totals=(600, 1800)))
    points = find_lines(figure.axes[0], "None")
    assert len({line.get_marker() for line in points}) == 2
    assert len({line.get_color() for line in points}) == 2
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names[:2] == ["n = 600, joint, ner", "n = 1800, joint, ner"]


def test_tick_labels_keep_apart():
    axes = draw(make_scores([0, 1, 2, 5, 10, 20, 50, 100, 200, 500])).axes[0]
    ticks = zip(axes.get_xticks(), [label.get_text() for label in axes.get_xticklabels()], strict=True)
    labelled = [place for place, text in ticks if text]
    assert len(axes.get_xticks()) == 10
    low, high = axes.get_xlim()
    assert np.diff(labelled).min() >= 0.14 * (high - low)


def test_a_table_without_few_shots_is_drawn_too(tmp_path):
    for folder, model in (("one", "mini"), ("other", "other")):
        write_figure("few-shot", Subject("ner", model, scores=make_scores([0])), tmp_path / folder)
        assert {path.name for path in (tmp_path / folder).iterdir()} == {"few-shot.svg", "few-shot.png"}


def test_equal_scores_whose_mean_is_rounded_beside_them_are_drawn():
    scores = make_scores([0, 5]).assign(score=0.1)
    assert tabulate_few_shot(Evidence(scores))["mean_score"].max() > 0.1  # the sum of 0.1 three times, divided by 3
    assert len(draw(scores).axes[0].lines) > 0


def test_scores_without_a_scale_are_drawn_over_their_own_range(tmp_path):
    scores = make_scores([0, 5, 10, 20, 50])
    scores["score"] *= 100
    subject = Subject("ner", "mini", scores=scores, scale="none")
    axes = draw_curves_of(subject).axes[0]
    assert axes.get_ylim()[1] > 30
    assert draw_curves_of(replace(subject, scores=make_scores([0, 5]), scale="unit")).axes[0].get_ylim() == (0, 1)
