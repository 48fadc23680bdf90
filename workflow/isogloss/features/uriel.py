"""Data of lang2vec (URIEL) on languages: values, number of observed values, and coordinates.

Source: Littell et al. 2017, "URIEL and lang2vec" (EACL, short papers).
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np

from isogloss.common.languages import LANGUAGES, find_language

_MORPHOLOGY = (
    *(f"S_{part}_{side}MARK" for part in ("OBJECT", "POSSESSIVE", "TEND") for side in ("HEAD", "DEP")),
    "S_TEND_PREFIX",
    "S_TEND_SUFFIX",
)


@dataclass(frozen=True)
class _Origin:
    """The origin of a feature set: the lang2vec sets with complete and with observed values, and the columns used."""

    complete: str
    observed: str
    columns: tuple[str, ...] = ()


_ORIGINS = {
    "syntax": _Origin("syntax_knn", "syntax_average"),
    "phonology": _Origin("phonology_knn", "phonology_average"),
    "inventory": _Origin("inventory_knn", "inventory_average"),
    "family": _Origin("fam", "fam"),
    "geographic": _Origin("geo", "geo"),
    "morphology": _Origin("syntax_knn", "syntax_wals", _MORPHOLOGY),
}
FEATURE_SETS = tuple(_ORIGINS)


@dataclass(frozen=True)
class FeatureSet:
    """The values of some languages in one feature set.

    languages: L codes. codes: the lang2vec code used for each language. columns: F names. complete: L x F, missing
    values imputed by URIEL from nearest neighbours. observed: L x F, NaN for values that were not observed.
    """

    name: str
    languages: tuple[str, ...]
    codes: tuple[str, ...]
    columns: tuple[str, ...]
    complete: np.ndarray
    observed: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """The number of observed values of each language."""
        return (~np.isnan(self.observed)).sum(axis=1)


def read_feature_set(name: str, languages: Sequence[str]) -> FeatureSet:
    """Return one of FEATURE_SETS for some languages, each with its lang2vec code that has the most observed values.

    If several codes have the same number, the code listed first in languages.py is used. In `family`, an observed value
    is a node of the genealogical tree from which the language descends; a row without such nodes has no information. A
    language that is not in languages.py is looked up by its ISO 639 code of two or three letters. Raises UserError for
    an unknown language.
    """
    origin = _ORIGINS[name]
    candidates = [list_codes(language) for language in languages]
    codes = sorted({code for choice in candidates for code in choice})
    columns, complete = _read_vectors(codes, origin.complete, origin.columns)
    observed = complete
    if origin.observed != origin.complete:
        _, observed = _read_vectors(codes, origin.observed, origin.columns)
    elif name == "family":
        observed = np.where(complete > 0, complete, np.nan)
    counts = dict(zip(codes, (~np.isnan(observed)).sum(axis=1), strict=True))
    chosen = tuple(max(choice, key=counts.__getitem__) for choice in candidates)
    rows = [codes.index(code) for code in chosen]
    return FeatureSet(name, tuple(languages), chosen, columns, complete[rows], observed[rows])


def list_codes(language: str) -> tuple[str, ...]:
    """Return the lang2vec codes of a language: those in languages.py, else its ISO 639 code if lang2vec has it.

    Raises UserError for a language that is in neither of them.
    """
    if language not in LANGUAGES:
        code = _import_lang2vec().LETTER_CODES.get(language, language)
        if code in _list_known():
            return (code,)
    return find_language(language).lang2vec


@cache
def _list_known() -> frozenset[str]:
    """Return the languages in all lang2vec data files of FEATURE_SETS. The lists in lang2vec itself are incomplete."""
    lang2vec = _import_lang2vec()
    wanted = {name for origin in _ORIGINS.values() for name in (origin.complete, origin.observed)}
    files = {lang2vec.FEATURE_SETS_DICT[name][0] for name in wanted}
    folder = Path(lang2vec.__file__).parent / "data"
    return frozenset.intersection(*(frozenset(map(str, np.load(folder / name)["langs"])) for name in files))


def _import_lang2vec() -> ModuleType:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*pkg_resources", category=UserWarning)
        warnings.filterwarnings("ignore", message=".*pkg_resources", category=DeprecationWarning)
        from lang2vec import lang2vec
    return lang2vec


def _read_vectors(codes: list[str], lang2vec_set: str, wanted: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
    found = _import_lang2vec().get_features(codes, lang2vec_set, header=True)
    names = [str(name) for name in found["CODE"]]
    values = np.array([[np.nan if v == "--" else float(v) for v in found[code]] for code in codes])
    places = [names.index(name) for name in wanted or names]
    return tuple(names[place] for place in places), values[:, places]


def locate_languages(geographic: FeatureSet) -> np.ndarray:
    """Return unit vectors (L x 3) of the locations of languages, from the feature set `geographic`.

    URIEL does not have coordinates. It has the distance of a language from each of 299 points on the globe, as a share
    of half the circumference. The column names are the latitude and longitude of the points (`GC_-83_42`). The angle
    between language and point is distance x pi, and its cosine is the dot product of their unit vectors. The vector of
    a language is therefore the least-squares solution of points @ vector = cos(distance x pi), scaled to length 1.
    """
    degrees = np.array([[float(part) for part in name.split("_")[1:]] for name in geographic.columns])
    latitude, longitude = np.radians(degrees).T
    points = np.column_stack(
        [np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)]
    )
    vectors = np.linalg.lstsq(points, np.cos(np.pi * geographic.complete.T), rcond=None)[0].T
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
