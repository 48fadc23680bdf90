"""The matrices of a setting: its scores and features by source and target, and which of their cells have a value."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.pairs import select_features, tabulate_pairs
from isogloss.analysis.data.scores import SETTING, Setting, find_main_metric, list_settings, select_cells
from isogloss.common.run import NO_SOURCE


@dataclass(frozen=True)
class Matrices:
    """Scores and features of ordered pairs of languages, as square matrices.

    `languages` has the L codes of all sources and targets, sorted. `score` is an L x L array and `features` maps each
    name to an L x L array. Rows are sources and columns are targets, in the order of `languages`. Cells without a value
    and the diagonal are NaN.
    """

    languages: tuple[str, ...]
    score: np.ndarray
    features: dict[str, np.ndarray]

    def know(self, *names: str) -> np.ndarray:
        """Return an L x L boolean array: the cells that have a score and a value of each named feature."""
        return np.isfinite(np.stack([self.score, *(self.features[name] for name in names)])).all(axis=0)

    def count_languages(self, *names: str) -> int:
        """Return the number of languages in the cells that `know` marks for these names."""
        known = self.know(*names)
        return int((known.any(axis=0) | known.any(axis=1)).sum())


def arrange_matrices(pairs: pd.DataFrame, features: pd.DataFrame) -> Matrices:
    """Return scores and features as Matrices, from data frames with one row per ordered pair of languages.

    `pairs` has the columns source, target and score; source and target differ in each row. `features` has the columns
    source and target, and one column per feature. Feature rows with a language that has no score are dropped. Feature
    rows of pairs without a score are kept, because permutations need their values.
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
    """Return the indices of the languages that are both source and target of known cells among themselves."""
    places = np.arange(len(known))
    while len(places):
        block = known[np.ix_(places, places)]
        both = block.any(axis=0) & block.any(axis=1)
        if both.all():
            break
        places = places[both]
    return places


def find_complete(known: np.ndarray) -> np.ndarray:
    """Return the indices of languages among which every ordered pair is known.

    The search starts from the result of find_common. It drops the language with the most unknown cells until no cell
    is unknown; if several languages tie, it drops the last one.
    """
    places = find_common(known)
    while len(places):
        block = known[np.ix_(places, places)] | np.eye(len(places), dtype=bool)
        missing = (~block).sum(axis=0) + (~block).sum(axis=1)
        if not missing.any():
            break
        places = np.delete(places, len(missing) - 1 - np.argmax(missing[::-1]))
    return places


def tabulate_matrices(evidence: Evidence) -> pd.DataFrame:
    """Return every transfer matrix of the scores, one row per cell (matrices.csv).

    `evidence.scores` is the only input that is used. The columns are those of a Setting, then metric, source, target,
    kind (`transfer`, `in-language` or `none`), score (the mean over seeds), seeds (the number of seeds) and deviation
    (the standard deviation across seeds; NaN for one seed). In-language cells are repeated at every number of shots,
    and their value is always that of the 0-shot runs.
    """
    scores, rows = evidence.scores, []
    for setting in list_settings(scores):
        key = [getattr(setting, column) for column in SETTING]
        metric = find_main_metric(scores, setting.task)
        cells = select_cells(scores, setting, metric).groupby(["sources", "target"])["score"]
        of_cells = cells.agg(["mean", "count", "std"])
        for source, target in sorted(of_cells.index, key=lambda cell: (cell[0] == NO_SOURCE, cell)):
            kind = "in-language" if source == target else NO_SOURCE if source == NO_SOURCE else "transfer"
            rows.append([*key, metric, source, target, kind, *of_cells.loc[(source, target)]])
    columns = [*SETTING, "metric", "source", "target", "kind", "score", "seeds", "deviation"]
    return pd.DataFrame(rows, columns=columns).astype({"seeds": int})


def arrange_setting(scores: pd.DataFrame, features: pd.DataFrame, setting: Setting) -> Matrices:
    """Return the transfer scores of a setting, and the features of its task and model, as Matrices."""
    return arrange_matrices(tabulate_pairs(scores, setting), select_features(features, setting.task, setting.model))
