"""Transfer matrices as figures."""

import numpy as np
import pandas as pd

from isogloss.figures.matrix import draw_matrices

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
