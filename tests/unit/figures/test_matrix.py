"""Transfer matrices as figures."""

import numpy as np
import pandas as pd

from isogloss.analysis.data.languages import Languages, OwnLanguage
from isogloss.figures.matrix import draw_matrices, find_limits

NOTICE = "A synthetic demonstration."


def test_matrix_writes_every_value_and_frames_the_diagonal():
    matrix = pd.DataFrame({"en": [0.91, 0.25, 0.1], "fi": [0.33, np.nan, 0.2]}, index=["en", "fi", "none"])
    figure = draw_matrices({"title": matrix}, "f1", NOTICE)
    axes = figure.axes[0]
    texts = [text.get_text() for text in axes.texts]
    assert [text for text in texts if "." in text] == ["0.91", "0.33", "0.25", "0.10", "0.20"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["en", "fi"]
    assert axes.get_yticklabels()[-1].get_text() == "target-only (no source)"
    dashed = [patch for patch in axes.patches if patch.get_linestyle() in ("--", "dashed")]
    assert [patch.get_xy() for patch in dashed] == [(-0.44, -0.44)]
    assert figure.get_supxlabel() == NOTICE


def test_other_scores_have_colours_over_their_own_range():
    matrix = pd.DataFrame({"xx": [91.0, -7.25], "fi": [1234.0, np.nan]}, index=["xx", "fi"])
    own = Languages({"xx": OwnLanguage("Xish", "Aaa", "Runic")})
    figure = draw_matrices({"title": matrix}, "bleu", limits=(-7.25, 1234.0), languages=own)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert {"1.23e+03", "91.0", "-7.25", "Aaa", "Uralic"} <= set(texts)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == [
        "Xish (Runic)  xx",
        "Finnish (Latin)  fi",
    ]
    assert figure.axes[1].get_ylim() == (-7.25, 1234.0)


def test_the_range_is_that_of_the_task():
    scores = pd.DataFrame({"task": ["a", "a", "b"], "metric": "bleu", "score": [10.0, 30.0, 99.0]})
    assert find_limits(scores, "a", "bleu") == (10.0, 30.0)
    assert find_limits(scores, "b", "bleu") == (98.5, 99.5)
