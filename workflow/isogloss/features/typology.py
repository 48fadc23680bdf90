"""Typological, genealogical and geographic features of language pairs, computed from lang2vec."""

import os
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from isogloss.common.facts import Facts, list_like
from isogloss.common.files import complete_file
from isogloss.common.languages import LANGUAGES
from isogloss.features.uriel import FEATURE_SETS, TYPOLOGICAL, FeatureSet, locate_languages, read_feature_set

EARTH_RADIUS = 6371.0088
"""Mean radius in km (IUGG)."""

MINIMUM_SHARED = {"syntax": 20, "phonology": 20, "inventory": 20, "morphology": 4}
"""Minimum number of values observed in both languages for a feature that uses observed values only."""

_COSINES = ("syntax", "phonology", "inventory", "family")

Compare = Callable[[np.ndarray], np.ndarray]
"""Function from rows (L x F) to a number for each pair of rows (L x L)."""


def compute_typology(languages: Sequence[str], facts: Mapping[str, Facts] | None = None) -> pd.DataFrame:
    """Return the features of every ordered pair of different languages.

    Columns: source, target; syntax, phonology, inventory, family (cosines); geographic (km); morphology (share of equal
    values); {syntax,phonology,inventory,morphology}_observed, computed from the values observed in both languages, NaN
    if there are fewer than MINIMUM_SHARED; morphology_imputed, `yes` if one of the languages has no observed value of
    morphology, so that its values are all imputed from neighbours. A value is NaN if both languages have the same row
    and neither has an observed value, because such a value has no information.

    facts: what a study says of languages; one with `like` has the values of another language, and none is observed.
    Raises UserError for an unknown language.
    """
    return _compare_pairs(_read_all(languages, facts))


def compute_coverage(languages: Sequence[str], facts: Mapping[str, Facts] | None = None) -> pd.DataFrame:
    """Return the coverage of each language by lang2vec in each feature set.

    Columns: language; feature_set; code (the lang2vec code used); observed, total, imputed (numbers of values); note
    (the language whose values it has, languages with an identical row, or an empty family row).

    Raises UserError for an unknown language.
    """
    return _tabulate_coverage(_read_all(languages, facts), facts)


def _read_all(languages: Sequence[str], facts: Mapping[str, Facts] | None) -> dict[str, FeatureSet]:
    return {name: read_feature_set(name, languages, facts) for name in FEATURE_SETS}


def _compare_pairs(sets: dict[str, FeatureSet]) -> pd.DataFrame:
    square = {name: _compare_complete(sets[name], _compare_cosine) for name in _COSINES}
    square["geographic"] = _measure_distance(locate_languages(sets["geographic"]))
    square["morphology"] = _compare_complete(sets["morphology"], _compare_agreement)
    for name, fewest in MINIMUM_SHARED.items():
        compare = _compare_agreement if name == "morphology" else _compare_cosine
        square[f"{name}_observed"] = _compare_observed(sets[name].observed, compare, fewest)
    unseen = sets["morphology"].counts == 0
    square["morphology_imputed"] = np.where(unseen[:, None] | unseen[None, :], "yes", "no")
    languages = sets["syntax"].languages
    pairs = [(i, j) for i in range(len(languages)) for j in range(len(languages)) if i != j]
    table = pd.DataFrame(
        [[languages[i], languages[j], *(values[i, j] for values in square.values())] for i, j in pairs],
        columns=["source", "target", *square],
    )
    return table.sort_values(["source", "target"], ignore_index=True)


def _tabulate_coverage(sets: dict[str, FeatureSet], facts: Mapping[str, Facts] | None) -> pd.DataFrame:
    like = list_like(facts or {})
    rows = [row for values in sets.values() for row in _count_values(values, like)]
    columns = ["language", "feature_set", "code", "observed", "total", "imputed", "note"]
    return pd.DataFrame(rows, columns=columns).sort_values(["language", "feature_set"], ignore_index=True)


def _count_values(values: FeatureSet, like: Mapping[str, str]) -> list[tuple]:
    rows = []
    for i, language in enumerate(values.languages):
        observed = int(values.counts[i])
        total = observed if values.name == "family" else len(values.columns)
        imputed = total - observed if values.codes[i] else 0
        rows.append((language, values.name, values.codes[i], observed, total, imputed, _write_note(values, i, like)))
    return rows


def _write_note(values: FeatureSet, row: int, like: Mapping[str, str]) -> str:
    """Return where the values of a language come from, if not from its own code in lang2vec, and its equals."""
    language = values.languages[row]
    if not values.codes[row]:
        return "lang2vec does not have this language; the feature is empty"
    if values.name == "family" and values.counts[row] == 0:
        return "no family known (a language isolate, or missing data); the feature is empty"
    notes = []
    if language in like and values.name in TYPOLOGICAL:
        notes.append(f"values of {LANGUAGES[like[language]].name} ({like[language]}), as the study says")
    same = (values.complete == values.complete[row]).all(axis=1)
    if twins := sorted(other for i, other in enumerate(values.languages) if same[i] and i != row):
        notes.append(f"same values as {' '.join(twins)}")
    return "; ".join(notes)


def _compare_complete(values: FeatureSet, compare: Compare) -> np.ndarray:
    """Compare each pair of rows; NaN if both rows are the same and neither has an observed value."""
    rows, unseen = values.complete, values.counts == 0
    same = (rows[:, None, :] == rows[None, :, :]).all(axis=2)
    return np.where(same & unseen[:, None] & unseen[None, :], np.nan, compare(rows))


def _compare_cosine(rows: np.ndarray) -> np.ndarray:
    """Return the cosine of each pair of rows (L x L); NaN for a row of zeros, which has no direction."""
    length = np.linalg.norm(rows, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.clip(rows @ rows.T / np.outer(length, length), -1.0, 1.0)


def _compare_agreement(rows: np.ndarray) -> np.ndarray:
    """Return the share of equal values for each pair of rows (L x L); NaN for a row without values."""
    known = ~np.isnan(rows).any(axis=1)
    shares = (rows[:, None, :] == rows[None, :, :]).mean(axis=2)
    return np.where(known[:, None] & known[None, :], shares, np.nan)


def _compare_observed(rows: np.ndarray, compare: Compare, fewest: int) -> np.ndarray:
    """Compare each pair of rows at the positions observed in both; NaN if there are fewer than `fewest`."""
    seen = ~np.isnan(rows)
    result = np.full((len(rows), len(rows)), np.nan)
    for i in range(len(rows)):
        for j in range(i):
            both = seen[i] & seen[j]
            if both.sum() >= fewest:
                result[i, j] = result[j, i] = compare(rows[[i, j]][:, both])[0, 1]
    return result


def _measure_distance(points: np.ndarray) -> np.ndarray:
    """Return the great-circle distance in km of each pair of unit vectors (L x L)."""
    return EARTH_RADIUS * np.arccos(np.clip(points @ points.T, -1.0, 1.0))


def write_typology(
    languages: Sequence[str],
    out_csv: str | os.PathLike,
    coverage_csv: str | os.PathLike,
    facts: Mapping[str, Facts] | None = None,
) -> None:
    """Write the table of compute_typology to `out_csv` (6 decimals) and that of compute_coverage to `coverage_csv`."""
    sets = _read_all(languages, facts)
    for table, path in ((_compare_pairs(sets), out_csv), (_tabulate_coverage(sets, facts), coverage_csv)):
        with complete_file(path) as beside:
            table.round(6).to_csv(beside, index=False)
