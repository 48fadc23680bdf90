"""Sheets: what was written by hand for a language of the synthetic corpus, one file patterns/{language}.yaml.

A pattern is a sentence, its tokens parted by spaces, with slots in braces. Slots that are mentions stand
alone as a token: PER (anybody), MAN, WOMAN, CITY, COUNTRY, ORG. Fillers may stand inside a token: DAY,
MONTH, WEEKDAY, YEAR, FEW (5 to 10), COUNT (15 to 90).
"""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "patterns"


@dataclass(frozen=True)
class Sheet:
    """The sheet of a language.

    locale: Faker's, for person names. territories_without: CLDR codes of territories that no pattern of the
    language suits (their names want an article or a plural verb). people, organisations: forms of a mention,
    in slots of names.NAME_KINDS (FIRST, MIDDLE and LAST stand for either gender). patterns: the sentences.
    """

    language: str
    locale: str
    territories_without: frozenset[str]
    people: tuple[str, ...]
    organisations: tuple[str, ...]
    patterns: tuple[str, ...]


def list_languages() -> list[str]:
    """Return the codes of the languages that have a sheet, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def read_sheet(language: str) -> Sheet:
    """Read the sheet of a language, one of `list_languages`. Its text is in Unicode's NFC."""
    import yaml

    text = unicodedata.normalize("NFC", (_FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    content = yaml.safe_load(text)
    return Sheet(
        language=language,
        locale=content["locale"],
        territories_without=frozenset(content["territories_without"]),
        people=tuple(content["people"].splitlines()),
        organisations=tuple(content["organisations"].splitlines()),
        patterns=tuple(content["patterns"].splitlines()),
    )
