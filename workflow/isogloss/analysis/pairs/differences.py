"""Differences between the correlations of two features with transfer, over the same pairs."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.matrices import Matrices, arrange_setting
from isogloss.analysis.data.scores import SETTING, list_settings
from isogloss.analysis.data.traits import LEXICAL, FeatureTraits
from isogloss.analysis.pairs.correlation import FEWEST_PAIRS, resample_features
from isogloss.analysis.statistics.conventions import FEWEST_LANGUAGES
from isogloss.analysis.statistics.resampling import Resampled, find_difference_intervals
from isogloss.analysis.statistics.transforms import TRANSFORMS

COLUMNS = [*SETTING, "transform", "feature", "other", "claim", "n_pairs", "n_languages", "feature_r", "other_r"]
COLUMNS += ["difference", "low", "high", "jackknife_low", "jackknife_high", "seed", "note"]

_GRAMMAR = ("syntax", "morphology", "phonology")
"""The claim under test: similarity in these groups predicts transfer better than shared words (Muller et al. 2022)."""


def tabulate_differences(evidence: Evidence) -> pd.DataFrame:
    """Compare the correlations of two features with transfer (differences.csv).

    The table has one row per setting, transform and pair of features. `evidence` provides the scores, the features and
    their traits, and the seed. The difference is Pearson's r of `feature` minus r of `other`. Both are computed over
    the pairs that have values of both features. Its 95% intervals are by bootstrap and by jackknife of languages. In
    each setting and transform, the comparisons of the claim under test come first.
    docs/reference/tables/correlations.md defines the columns. What cannot be computed is NaN, with the reason in
    `note`.
    """
    rows = []
    for setting in list_settings(evidence.scores):
        key = [getattr(setting, column) for column in SETTING]
        matrices = arrange_setting(evidence.scores, evidence.features, setting)
        pairs = order_comparisons({name: evidence.describe(name) for name in matrices.features})
        for name in TRANSFORMS:
            found = _resample_pairs(matrices, [(one, other) for one, other, _ in pairs], name, evidence.seed)
            for one, other, claimed in pairs:
                cells = _compare(matrices, one, other, found.get((one, other)))
                rows.append([*key, name, one, other, "yes" if claimed else "no", *cells[:-1], evidence.seed, cells[-1]])
    return pd.DataFrame(rows, columns=COLUMNS)


def order_comparisons(traits: Mapping[str, FeatureTraits]) -> list[tuple[str, str, bool]]:
    """Return every pair of features once, as (feature, other, whether the claim is about them), the claim's first.

    The claim compares each feature of a grammar group, unless it doubles another feature, with each lexical feature.
    """
    grammar = [name for group in _GRAMMAR for name, one in traits.items() if one.group == group and not one.doubles]
    lexical = [name for name, one in traits.items() if one.group == LEXICAL]
    claimed = [(one, other) for one in grammar for other in lexical]
    rest = [(one, other) for one, other in combinations(traits, 2) if {(one, other), (other, one)}.isdisjoint(claimed)]
    return [(*pair, True) for pair in claimed] + [(*pair, False) for pair in rest]


def _resample_pairs(
    matrices: Matrices, pairs: list[tuple[str, str]], name: str, seed: int
) -> dict[tuple[str, str], tuple[Resampled, Resampled]]:
    """Resample both correlations of each pair of features, over the cells where both have values."""
    wanted: dict[bytes, dict[str, None]] = {}
    masks = {pair: matrices.know(*pair) for pair in pairs}
    for pair, known in masks.items():
        if known.sum() >= FEWEST_PAIRS and matrices.count_languages(*pair) >= FEWEST_LANGUAGES:
            wanted.setdefault(known.tobytes(), {}).update(dict.fromkeys(pair))
    resampled = {}
    for mask, names in wanted.items():
        known = np.frombuffer(mask, dtype=bool).reshape(matrices.score.shape)
        resampled[mask] = resample_features(matrices, list(names), known, name, seed)
    return {
        (one, other): (resampled[mask.tobytes()][one], resampled[mask.tobytes()][other])
        for (one, other), mask in masks.items()
        if mask.tobytes() in resampled
    }


def _compare(matrices: Matrices, one: str, other: str, found: tuple[Resampled, Resampled] | None) -> list:
    """Return n_pairs, n_languages, both r, their difference, the four ends of its intervals, and the note."""
    counts = [int(matrices.know(one, other).sum()), matrices.count_languages(one, other)]
    if found is None:
        return [
            *counts,
            *[np.nan] * 7,
            f"no difference: it needs at least {FEWEST_LANGUAGES} languages and {FEWEST_PAIRS} pairs",
        ]
    r = [resampled.r for resampled in found]
    if not np.isfinite(r).all():
        constant = one if np.isnan(r[0]) else other
        return [*counts, *r, *[np.nan] * 5, f"no difference: {constant} or the scores are constant over these pairs"]
    ends = find_difference_intervals(*found)
    notes = ["the two r have different signs, so compare their absolute values"] if r[0] * r[1] < 0 else []
    if np.isnan(ends).any():
        notes.append("no interval: r is undefined when some languages are left out")
    return [*counts, *r, r[0] - r[1], *ends, "; ".join(notes)]
