"""Scores and features tables of matrices, and matrices that depend on their languages as real ones do."""

import numpy as np
import pandas as pd

from isogloss.analysis.data.scores import COLUMNS

TEN = ["ar", "bn", "de", "en", "es", "fi", "hi", "id", "ru", "sw"]


def tabulate_scores(matrices: np.ndarray, languages: list[str]) -> pd.DataFrame:
    """A zero-shot scores table of matrices (seeds x L x L or L x L), with the diagonal in-language; NaN is no run."""
    stack = np.asarray(matrices).reshape(-1, len(languages), len(languages))
    rows = [
        ["ner", "mini", languages[i], 600, languages[j], "ner", 0, "direct", seed, "f1", score]
        for (seed, i, j), score in np.ndenumerate(stack)
        if np.isfinite(score)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def tabulate_features(languages: list[str], **matrices: np.ndarray) -> pd.DataFrame:
    """A features table of L x L matrices, without their diagonal."""
    cells = [(i, j) for i in range(len(languages)) for j in range(len(languages)) if i != j]
    table = pd.DataFrame([(languages[i], languages[j]) for i, j in cells], columns=["source", "target"])
    return table.assign(**{name: [matrix[i, j] for i, j in cells] for name, matrix in matrices.items()})


def draw_dyadic(generator: np.random.Generator, languages: int, share: float = 0.35) -> np.ndarray:
    """A matrix of variance 1, of which the rows and the columns have a share each, and the cells the rest."""
    rows, columns = generator.normal(size=(languages, 1)), generator.normal(size=(1, languages))
    cells = generator.normal(size=(languages, languages))
    return np.sqrt(share) * (rows + columns) + np.sqrt(1 - 2 * share) * cells
