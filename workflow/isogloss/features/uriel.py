"""Data of lang2vec (URIEL) on languages: values, number of observed values, and coordinates.

Source: Littell et al. 2017, "URIEL and lang2vec" (EACL, short papers).
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np

from isogloss.common.facts import Facts, list_like
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
TYPOLOGICAL = ("syntax", "phonology", "inventory", "morphology")
"""The feature sets in which a language can have the values of another one; family and place are its own."""
_ANY = "eng"
"""A language that is read for the names of the columns when no other one is."""


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


def read_feature_set(name: str, languages: Sequence[str], facts: Mapping[str, Facts] | None = None) -> FeatureSet:
    """Return one of FEATURE_SETS for some languages, each with its lang2vec code that has the most observed values.

    facts: what a study says of languages. A language with `like` takes the complete values of TYPOLOGICAL sets from the
    other language, and has no observed values in them.

    A tie goes to the code that the table of languages lists first. In `family`, an observed value is a node of the
    genealogical tree above the language; a row without any node contains no information. All values of a language that
    lang2vec lacks are NaN, and its code is empty. Raises UserError for an unknown language.
    """
    facts = facts or {}
    like = list_like(facts) if name in TYPOLOGICAL else {}
    # A language that only the study knows has no values of its own.
    own = {code for code in facts if code not in LANGUAGES}
    candidates = [list_codes(like.get(code, code)) if code not in own - like.keys() else () for code in languages]
    found = read_candidates(name, languages, candidates)
    copied = np.array([code in like for code in languages])
    return replace(found, observed=np.where(copied[:, None], np.nan, found.observed))


def list_codes(language: str) -> tuple[str, ...]:
    """Return the lang2vec codes of a language, most preferred first, or of a code that lang2vec itself uses (`swa`).

    Raises UserError for a code that is in neither.
    """
    if language not in LANGUAGES and language in list_known():
        return (language,)
    return find_language(language).lang2vec


def read_candidates(name: str, languages: Sequence[str], candidates: Sequence[Sequence[str]]) -> FeatureSet:
    """As read_feature_set, with the lang2vec codes of each language, most preferred first."""
    origin = _ORIGINS[name]
    codes = sorted({code for choice in candidates for code in choice}) or [_ANY]
    columns, complete = _read_vectors(codes, origin.complete, origin.columns)
    observed = complete
    if origin.observed != origin.complete:
        _, observed = _read_vectors(codes, origin.observed, origin.columns)
    elif name == "family":
        observed = np.where(complete > 0, complete, np.nan)
    counts = dict(zip(codes, (~np.isnan(observed)).sum(axis=1), strict=True))
    places = {code: place for place, code in enumerate(codes)}
    chosen = tuple(max(choice, key=counts.__getitem__, default="") for choice in candidates)
    blank = np.full(len(columns), np.nan)
    rows = [(complete[places[code]], observed[places[code]]) if code else (blank, blank) for code in chosen]
    complete, observed = (np.array(part) for part in zip(*rows, strict=True))
    return FeatureSet(name, tuple(languages), chosen, columns, complete, observed)


@cache
def list_known() -> frozenset[str]:
    """Return the codes that every data file of lang2vec behind FEATURE_SETS has: more than its own lists say."""
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
    It is NaN for a language without values.
    """
    degrees = np.array([[float(part) for part in name.split("_")[1:]] for name in geographic.columns])
    latitude, longitude = np.radians(degrees).T
    points = np.column_stack(
        [np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)]
    )
    known = ~np.isnan(geographic.complete).any(axis=1)
    vectors = np.full((len(known), 3), np.nan)
    vectors[known] = np.linalg.lstsq(points, np.cos(np.pi * geographic.complete[known].T), rcond=None)[0].T
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
