"""Names for the synthetic corpus, assigned to pools: places from CLDR (through Babel) and people from Faker.

Each name belongs to one pool: `shared`, which all splits use, or the pool of one split. The pool depends only on the
key of the name (the CLDR code of a place, the string of a person's name), so it is the same in every language. A place
in the test pool of one language is therefore never in the training pool of another.
"""

import importlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from isogloss.common.languages import find_language
from isogloss.corpora.synthetic.sheets import Sheet

POOL_SHARES = {"shared": 0.25, "train": 0.40, "validation": 0.15, "test": 0.20}

_PERSON_LISTS = {
    "FIRST_MALE": ("first_names_male", "first_names"),
    "FIRST_FEMALE": ("first_names_female", "first_names"),
    "MIDDLE_MALE": ("middle_names_male",),
    "MIDDLE_FEMALE": ("middle_names_female",),
    "LAST_MALE": ("last_names_male", "last_names"),
    "LAST_FEMALE": ("last_names_female", "last_names"),
}
NAME_KINDS = (*_PERSON_LISTS, "CITY", "COUNTRY")

# CLDR has the city name of every zone in Hindi; in Latin-script languages it omits names spelt as in the zone's id.
_COMPLETE_LOCALE = "hi"
# Codes that are not territories: the European Union, the euro area, the United Nations, pseudo-locales, an unknown
# region, outlying Oceania; and Antarctica.
_NO_TERRITORIES = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO", "AQ"})
_LONGEST_NAME = 4  # tokens
_JOINERS = "-'’ \u200c\u200d"


@dataclass(frozen=True)
class Names:
    """Names of a language: pools[kind][pool] has sorted names (tokens separated by spaces); months, weekdays."""

    pools: dict[str, dict[str, tuple[str, ...]]]
    months: tuple[str, ...]
    weekdays: tuple[str, ...]


def read_names(sheet: Sheet) -> Names:
    """Collect the names in the language of a sheet that are written in the script of that language."""
    from babel import Locale

    locale = Locale.parse(sheet.language)
    script = find_language(sheet.language).script
    territories = {
        code: name
        for code, name in locale.territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_TERRITORIES
    }
    countries = {code: name for code, name in territories.items() if code not in sheet.territories_without}
    # A city with the name of its country (Singapore) would be ambiguous: only the country has the name.
    cities = {zone: name for zone, name in _find_cities(locale, script).items() if name not in territories.values()}
    keyed = {"CITY": cities, "COUNTRY": countries}
    for kind, attributes in _PERSON_LISTS.items():
        keyed[kind] = {name: name for name in _find_people(sheet.locale, attributes)}
    wide_days = locale.days["format"]["wide"]
    return Names(
        pools={kind: _deal(kind, keyed[kind], script) for kind in NAME_KINDS},
        months=tuple(_normalise(name) for _, name in sorted(locale.months["format"]["wide"].items())),
        # Monday to Saturday: in CLDR's Finnish data, only Sunday does not have the case ending.
        weekdays=tuple(_normalise(wide_days[day]) for day in range(6)),
    )


def pool_of(kind: str, key: str) -> str:
    """Return the pool of the key of a name. It is the same in every process and language."""
    point = Random(f"{kind} {key}").random()
    for pool, share in POOL_SHARES.items():
        if point < share:
            return pool
        point -= share
    return "train"


def is_written_in(name: str, script: str) -> bool:
    """Return whether a name has only letters and marks of one script (and joiners) and no lower-case first letter."""
    letters = [c for c in name if c not in _JOINERS]
    return (
        bool(letters)
        and not letters[0].islower()
        and all(unicodedata.category(c)[0] in "LM" for c in letters)
        and all(unicodedata.name(c).startswith((script.upper(), "COMBINING")) for c in letters)
    )


def _deal(kind: str, keyed: dict[str, str], script: str) -> dict[str, tuple[str, ...]]:
    """Assign names to pools by their keys. If a name has several keys, the first in sorted order decides."""
    dealt = {}
    for key, name in sorted(keyed.items()):
        name = _normalise(name)
        if is_written_in(name, script) and len(name.split(" ")) <= _LONGEST_NAME:
            # The gender is ignored, so that a family name in both lists is in one pool only.
            dealt.setdefault(name, pool_of(kind.partition("_")[0], key))
    return {pool: tuple(sorted(n for n, p in dealt.items() if p == pool)) for pool in POOL_SHARES}


def _find_cities(locale, script: str) -> dict[str, str]:
    """Return time zone id -> name of its exemplar city in a Babel locale."""
    from babel import Locale

    complete = Locale.parse(_COMPLETE_LOCALE).time_zones
    zones = [z for z in complete if "city" in complete[z] and not z.startswith(("Etc/", "Antarctica/"))]
    spelt = {zone: locale.time_zones[zone]["city"] for zone in zones if "city" in locale.time_zones.get(zone, {})}
    if script != "Latin":
        return spelt
    return {zone: zone.rpartition("/")[2].replace("_", " ") for zone in zones} | spelt


def _find_people(locale: str, attributes: Iterable[str]) -> list[str]:
    """Return the names in the first of `attributes` that Faker's person provider for the locale has."""
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    return next((list(getattr(provider, a)) for a in attributes if getattr(provider, a, None)), [])


def _normalise(name: str) -> str:
    """Return a name in Unicode NFC, as in the sheets."""
    return unicodedata.normalize("NFC", name.strip())
