"""The matrices of a setting: its scores and features by source and target, and which of their cells are there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Matrices:
    """Scores and features of ordered pairs of languages.

    languages: L codes, every source or target. score and each feature: L x L, rows sources, columns targets;
    NaN where there is no value and on the diagonal.
    """

    languages: tuple[str, ...]
    score: np.ndarray
    features: dict[str, np.ndarray]

    def know(self, *names: str) -> np.ndarray:
        """Mark the cells (L x L) that have a score and a value of each of these features."""
        return np.isfinite(np.stack([self.score, *(self.features[name] for name in names)])).all(axis=0)

    def count_languages(self, *names: str) -> int:
        """Return the number of languages in the cells that `know` marks."""
        known = self.know(*names)
        return int((known.any(axis=0) | known.any(axis=1)).sum())


def arrange_matrices(pairs: pd.DataFrame, features: pd.DataFrame) -> Matrices:
    """Arrange scores and features as matrices.

    pairs: source, target (another language), score. features: source, target and a column for each feature; rows
    of other languages are left out, and those of pairs without a score are kept: a permutation needs them.
    """
    languages = tuple(sorted(set(pairs["source"]) | set(pairs["target"])))
    within = features["source"].isin(languages) & features["target"].isin(languages)
    own = features[within & (features["source"] != features["target"])]
    names = [column for column in own.columns if column not in ("source", "target")]
    squares = {name: _square(own, name, languages) for name in names}
    return Matrices(languages, _square(pairs, "score", languages), squares)


def _square(pairs: pd.DataFrame, column: str, languages: Sequence[str]) -> np.ndarray:
    places = {language: place for place, language in enumerate(languages)}
    square = np.full((len(languages), len(languages)), np.nan)
    square[pairs["source"].map(places), pairs["target"].map(places)] = pairs[column]
    return square


def find_common(known: np.ndarray) -> np.ndarray:
    """Return the places of the languages that are both source and target of known cells among themselves."""
    places = np.arange(len(known))
    while len(places):
        block = known[np.ix_(places, places)]
        both = block.any(axis=0) & block.any(axis=1)
        if both.all():
            break
        places = places[both]
    return places


def find_complete(known: np.ndarray) -> np.ndarray:
    """Return the places of languages of which every ordered pair is known.

    From the common languages, the one with most unknown cells is left out until none is; of several such, the
    last.
    """
    places = find_common(known)
    while len(places):
        block = known[np.ix_(places, places)] | np.eye(len(places), dtype=bool)
        missing = (~block).sum(axis=0) + (~block).sum(axis=1)
        if not missing.any():
            break
        places = np.delete(places, len(missing) - 1 - np.argmax(missing[::-1]))
    return places
