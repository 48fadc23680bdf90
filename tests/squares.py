"""Tables of scores and features from matrices, and random matrices with effects of sources and targets."""

import numpy as np
import pandas as pd

from isogloss.analysis.data.scores import COLUMNS

TEN = ["ar", "bn", "de", "en", "es", "fi", "hi", "id", "ru", "sw"]


def tabulate_scores(matrices: np.ndarray, languages: list[str]) -> pd.DataFrame:
    """Return a zero-shot scores table of matrices (seeds x L x L or L x L): in-language diagonal, NaN for no run."""
    stack = np.asarray(matrices).reshape(-1, len(languages), len(languages))
    rows = [
        ["ner", "mini", languages[i], 600, languages[j], "ner", 0, "direct", seed, "f1", score]
        for (seed, i, j), score in np.ndenumerate(stack)
        if np.isfinite(score)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def tabulate_features(languages: list[str], **matrices: np.ndarray) -> pd.DataFrame:
    """Return a features table of L x L matrices, without their diagonal."""
    cells = [(i, j) for i in range(len(languages)) for j in range(len(languages)) if i != j]
    table = pd.DataFrame([(languages[i], languages[j]) for i, j in cells], columns=["source", "target"])
    return table.assign(**{name: [matrix[i, j] for i, j in cells] for name, matrix in matrices.items()})


def draw_dyadic(generator: np.random.Generator, languages: int, share: float = 0.35) -> np.ndarray:
    """Return a matrix of variance 1: rows and columns each have a share of the variance, the cells have the rest."""
    rows, columns = generator.normal(size=(languages, 1)), generator.normal(size=(1, languages))
    cells = generator.normal(size=(languages, languages))
    return np.sqrt(share) * (rows + columns) + np.sqrt(1 - 2 * share) * cells
