"""Writes the table of languages that planning, tables and figures read (isogloss.common.languages).

The table holds what they need of lang2vec and langcodes, because both take seconds to load. Sources: lang2vec (URIEL;
Littell et al. 2017) for typological values, families and places; langcodes with language_data (CLDR) for codes, names
and scripts.
"""

import csv
import os
from collections.abc import Iterator, Sequence
from itertools import product
from string import ascii_lowercase

import numpy as np

from isogloss.common.files import complete_file
from isogloss.common.languages import FAMILY_COLUMNS, LANGUAGE_COLUMNS, SCRIPT_COLUMNS
from isogloss.common.typology import PACKED_SETS, pack_bits
from isogloss.features.uriel import FeatureSet, list_known, locate_languages, read_candidates

_KEPT = {"sh": "Serbo-Croatian", "tl": "Tagalog"}
"""Codes of data sets that langcodes replaces by another code, with their English names."""
_NAMES = {"bn": "Bengali"}
"""English names that are more common in the literature than those of CLDR."""
_CANDIDATES = {"no": ("nor", "nob")}
"""lang2vec codes of a language, most preferred first, where langcodes does not know the most common member."""


def list_tags() -> Iterator[tuple[str, str, str]]:
    """Yield (code, English name, ISO 15924 script) of every language with an ISO 639 code of two or three letters.

    A language has one code: its shortest one that is not deprecated. Codes for private use, for several languages and
    for no language are left out.
    """
    import langcodes

    for letters in (2, 3):
        for code in map("".join, product(ascii_lowercase, repeat=letters)):
            if code in ("mis", "mul", "und", "zxx") or (letters == 3 and "qaa" <= code <= "qtz"):
                continue
            language = langcodes.Language.get(code)
            if language.is_valid() and (language.to_tag() == code or code in _KEPT):
                name = (_KEPT | _NAMES).get(code) or language.language_name()
                yield code, code if name.startswith("Unknown") else name, language.maximize().script or ""


def list_candidates(code: str, known: frozenset[str]) -> tuple[str, ...]:
    """Return the lang2vec codes of a language, most preferred first.

    lang2vec stores a macrolanguage under its own code or under its most common member, seldom under both: the member
    comes first. `known` has the codes of lang2vec.
    """
    import langcodes
    from langcodes.data_dicts import NORMALIZED_MACROLANGUAGES

    members = [member for member, macro in NORMALIZED_MACROLANGUAGES.items() if macro == code and len(member) == 3]
    own = [langcodes.Language.get(code, normalize=False).to_alpha3()]
    return tuple(one for one in _CANDIDATES.get(code, (*members, *own)) if one in known)


def list_scripts() -> list[list[str]]:
    """Return ISO 15924 code and English name of every script that a language code can contain.

    Han is one script here, although CLDR has codes for its simplified and its traditional form.
    """
    import langcodes
    from langcodes.data_dicts import ALL_SCRIPTS

    same = {"Hans": "Han", "Hant": "Han", "Hani": "Han", "Kore": "Hangul", "Hang": "Hangul", "Beng": "Bengali"}
    codes = sorted(code for code in ALL_SCRIPTS if len(code) == 4)
    return [[code, same.get(code) or langcodes.Language.make(script=code).script_name()] for code in codes]


def write_language_tables(
    languages_csv: str | os.PathLike, families_csv: str | os.PathLike, scripts_csv: str | os.PathLike
) -> None:
    """Write all languages (LANGUAGE_COLUMNS), URIEL's genealogical tree (FAMILY_COLUMNS) and scripts (SCRIPT_COLUMNS).

    Each feature set takes the lang2vec code with most observed values. A language that lang2vec lacks has no values.
    """
    rows, nodes = compose_rows(list(list_tags()))
    written = (
        (languages_csv, LANGUAGE_COLUMNS, rows),
        (families_csv, FAMILY_COLUMNS, nodes),
        (scripts_csv, SCRIPT_COLUMNS, list_scripts()),
    )
    for path, columns, table in written:
        with complete_file(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(table)


def compose_rows(tags: Sequence[tuple[str, str, str]]) -> tuple[list[list[object]], list[list[object]]]:
    """Return the rows of some languages and those of the families above them; tags as list_tags yields them.

    A language without a node in URIEL has the family of its macrolanguage.
    """
    candidates = {code: list_candidates(code, list_known()) for code, _, _ in tags}
    valued = [code for code, found in candidates.items() if found]
    sets = {
        name: read_candidates(name, valued, [candidates[code] for code in valued])
        for name in (*PACKED_SETS, "family", "geographic")
    }
    nodeless = [code for code, count in zip(valued, sets["family"].counts, strict=True) if not count]
    macro = {code: found for code in nodeless if (found := _find_macrolanguage(code)) in list_known()}
    sets["family"] = read_candidates(
        "family", valued, [[macro[code]] if code in macro else candidates[code] for code in valued]
    )
    leaves, nodes = _order_families(sets["family"])
    places = _find_places(sets["geographic"])
    row_of = {code: row for row, code in enumerate(valued)}
    rows: list[list[object]] = []
    for code, name, script in tags:
        row = row_of.get(code)
        values: list[object] = [""] * (3 + len(PACKED_SETS))
        if row is not None:
            bits = (pack_bits(sets[one].complete[row].astype(int).tolist()) for one in PACKED_SETS)
            values = [leaves[row], *(f"{degree:.2f}" for degree in places[row]), *bits]
        rows.append([code, name, script, " ".join(candidates[code]), *values])
    return rows, nodes


def _find_macrolanguage(code: str) -> str:
    """Return the ISO 639-3 code of the macrolanguage of a language, or its own code if it is no member of one."""
    import langcodes
    from langcodes.data_dicts import MACROLANGUAGES

    return langcodes.Language.get(MACROLANGUAGES.get(code, code), normalize=False).to_alpha3()


def _order_families(family: FeatureSet) -> tuple[list[object], list[list[object]]]:
    """Return the lowest node of each language, and the rows of the tree: node, parent, name.

    URIEL lists the nodes above each language as a set. A node above another one has more languages below it.
    """
    member = family.complete > 0
    sizes = member.sum(axis=0)
    parents: dict[int, object] = {}
    leaves: list[object] = []
    for row in member:
        path: Sequence[int] = sorted(np.flatnonzero(row).tolist(), key=lambda node: (-sizes[node], node))
        for above, node in zip(["", *path], path, strict=False):
            if parents.setdefault(node, above) != above:
                raise ValueError(f"{family.columns[node]} has two parents: the families of lang2vec are no tree")
        leaves.append(path[-1] if path else "")
    names = [name.removeprefix("F_").replace("_", " ") for name in family.columns]
    return leaves, [[node, parents[node], names[node]] for node in sorted(parents)]


def _find_places(geographic: FeatureSet) -> np.ndarray:
    """Return latitude and longitude of each language in degrees (L x 2)."""
    x, y, z = locate_languages(geographic).T
    return np.degrees(np.column_stack([np.arcsin(np.clip(z, -1, 1)), np.arctan2(y, x)]))
