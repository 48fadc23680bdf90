"""Sheets: the hand-written data for each language of the synthetic corpus, in patterns/{language}.yaml.

A pattern is a sentence with slots in braces; its tokens are separated by spaces. A slot for a mention is a complete
token: PER (a man or a woman), MAN, WOMAN, CITY, COUNTRY, ORG. A slot for a filler may be a part of a token: DAY, MONTH,
WEEKDAY, YEAR, FEW (5 to 10), COUNT (15 to 90).
"""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "patterns"


@dataclass(frozen=True)
class Sheet:
    """The sheet of a language.

    locale: Faker's locale for person names. territories_without: CLDR codes of territories that do not fit the patterns
    of the language (their names require an article or a plural verb). people, organisations: forms of mentions, with
    the slots of names.NAME_KINDS (FIRST, MIDDLE and LAST are used for both genders). patterns: the sentences.
    """

    language: str
    locale: str
    territories_without: frozenset[str]
    people: tuple[str, ...]
    organisations: tuple[str, ...]
    patterns: tuple[str, ...]


def list_languages() -> list[str]:
    """Return the sorted codes of the languages that have a sheet."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def read_sheet(language: str) -> Sheet:
    """Return the sheet of a language, one of `list_languages`. Its text is converted to Unicode NFC."""
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
