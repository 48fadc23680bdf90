"""Every language with an ISO 639 code: its English name, its script, its family, its typological values.

`isogloss typology --tables` writes the three tables of this package from lang2vec and langcodes. Both take seconds to
load, and planning reads the tables in each process.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from isogloss.common.errors import UserError
from isogloss.common.typology import PACKED_SETS, unpack_bits

_FOLDER = Path(__file__).parent
LANGUAGE_TABLE, FAMILY_TABLE, SCRIPT_TABLE = (_FOLDER / f"{name}.csv" for name in ("languages", "families", "scripts"))
LANGUAGE_COLUMNS = ("code", "name", "script", "lang2vec", "family", "latitude", "longitude", *PACKED_SETS)
FAMILY_COLUMNS = ("node", "parent", "name")
SCRIPT_COLUMNS = ("code", "name")

CODE = r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?"
"""The regular expression of a language code: ISO 639, then ISO 15924 and ISO 3166 codes, as BCP 47 writes them."""


@dataclass(frozen=True)
class Language:
    """A language, or a variety of it in one script or region.

    code: `sw`, `zh-Hant`, `pt-BR`. name: English name. script: English name of the script, or empty. assumed: whether
    the script is the usual one of the language according to CLDR, and not part of the code. family: the top node of
    URIEL's genealogical tree, or the name of the language if it is an isolate. lang2vec: its codes in lang2vec, most
    preferred first. values: feature set -> its values as bits (isogloss.common.typology). lang2vec and values are empty
    for a language that lang2vec does not have.
    """

    code: str
    name: str
    script: str
    assumed: bool
    family: str
    lang2vec: tuple[str, ...]
    values: Mapping[str, int]


class _Languages(Mapping[str, Language]):
    """All languages by code. A language is read from the table when it is first asked for."""

    def __init__(self) -> None:
        self._found: dict[str, Language | None] = {}

    def __getitem__(self, code: str) -> Language:
        if code not in self._found:
            self._found[code] = _read_language(code)
        language = self._found[code]
        if language is None:
            raise KeyError(code)
        return language

    def __iter__(self) -> Iterator[str]:
        return iter(_list_codes())

    def __len__(self) -> int:
        return len(_list_codes())


LANGUAGES: Mapping[str, Language] = _Languages()
"""Every language by its code. It also has codes with a script or a region, which it does not list."""

ENGLISH = "en"
"""The language that most models start from and in which recipes are chosen. Some results are also given without it."""

LOW_RESOURCE = ("sw", "bn")
"""Low-resource targets that are reported individually if a study names no others."""


WIKIPEDIA = {
    "be-x-old": "be",
    "bat-smg": "sgs",
    "cbk-zam": "cbk",
    "fiu-vro": "vro",
    "map-bms": "jv",
    "roa-rup": "rup",
    "zh-classical": "lzh",
    "zh-min-nan": "nan",
    "zh-yue": "yue",
}
"""Codes of Wikipedias that are no ISO 639 codes, and the codes of their languages."""


def find_language(code: str) -> Language:
    """Return the language with a code. Raises UserError for another text, and suggests the code that it may mean."""
    try:
        return LANGUAGES[code]
    except KeyError:
        raise UserError(f"unknown language {code!r}; {suggest_code(code)}") from None


def suggest_code(text: str) -> str:
    """Return what to write in place of a text that is no code of a language."""
    meant = "".join(letter for letter in text if letter.isprintable()).strip(" ,;.'\"")
    code = resolve_code(meant) or _find_name(meant)
    return (
        f"write {code} ({LANGUAGES[code].name})"
        if code
        else "write its ISO 639 code, such as sw, or sr-Latn with a script"
    )


def _find_name(text: str) -> str:
    """Return the code of a language by its name in any language, such as Kiswahili; empty if it is not found."""
    import langcodes

    try:
        code = langcodes.find(text).to_tag()
    except LookupError:
        return ""
    return code if code in LANGUAGES else ""


def resolve_code(text: str) -> str:
    """Return the code of the language that a text means, or nothing if it means none.

    Recognised are codes, codes of other schemes (`swa`, `iw`, `zh_CN`, `eng_Latn`, `en_XX`, `zh-yue`) and English names
    of languages.
    """
    if text in LANGUAGES:
        return text
    # langcodes takes a second to load; a study whose codes are right never needs it.
    import langcodes

    text = text.strip().casefold()
    try:
        tag = langcodes.standardize_tag(WIKIPEDIA.get(text, text).removesuffix("_xx"))
    except ValueError:
        tag = ""
    return next((code for code in (tag, tag.partition("-")[0]) if code in LANGUAGES), _list_names().get(text, ""))


def order_languages(codes: Iterable[str]) -> list[str]:
    """Return language codes by family, then name; unknown codes last, by code."""
    return sorted(set(codes), key=_place)


def _place(code: str) -> tuple:
    language = LANGUAGES.get(code)
    return (1, code) if language is None else (0, language.family, language.name)


@cache
def list_scripts() -> Mapping[str, str]:
    """Return the English name of each script by its ISO 15924 code."""
    with SCRIPT_TABLE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


def _read_language(code: str) -> Language | None:
    if not re.fullmatch(CODE, code):
        return None
    base, *parts = code.split("-")
    row = _find_row(base)
    if row is None:
        return None
    name, script, lang2vec, leaf, _, _, *packed = row[1:]
    scripts = [part for part in parts if len(part) == 4]
    if scripts and scripts[0] not in list_scripts():
        return None
    return Language(
        code=code,
        name=f"{name} ({'-'.join(parts)})" if parts else name,
        script=list_scripts().get(scripts[0] if scripts else script, ""),
        assumed=not scripts,
        family=_find_family(leaf) or name,
        lang2vec=tuple(lang2vec.split()),
        values={one: unpack_bits(text) for one, text in zip(PACKED_SETS, packed, strict=True) if text},
    )


@cache
def _read_text() -> str:
    return "\n" + LANGUAGE_TABLE.read_text(encoding="utf-8")


def _find_row(code: str) -> list[str] | None:
    text = _read_text()
    start = text.find(f"\n{code},") + 1
    return next(csv.reader([text[start : text.index("\n", start)]])) if start else None


@cache
def _list_codes() -> tuple[str, ...]:
    return tuple(line.partition(",")[0] for line in _read_text().splitlines()[2:])


@cache
def _list_names() -> dict[str, str]:
    """Return code by English name in lower case; the first code, which is the shortest, if several have the name."""
    rows = csv.reader(_read_text().splitlines()[2:])
    names: dict[str, str] = {}
    for code, name, *_ in rows:
        names.setdefault(name.casefold(), code)
    return names


@cache
def _read_families() -> dict[str, tuple[str, str]]:
    with FAMILY_TABLE.open(encoding="utf-8", newline="") as file:
        return {row["node"]: (row["parent"], row["name"]) for row in csv.DictReader(file)}


def _find_family(leaf: str) -> str:
    """Return the name of the top node above a node of URIEL's tree, or nothing for a language without a node."""
    name = ""
    while leaf:
        leaf, name = _read_families()[leaf]
    return name
