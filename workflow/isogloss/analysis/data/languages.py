"""Families, scripts and names of languages, for any code: from the user's own table, else from common.languages."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from isogloss.analysis.data.text_files import read_cells, show
from isogloss.common.errors import UserError
from isogloss.common.languages import LANGUAGES

_OLD = {"iw": "he", "in": "id", "jw": "jv", "mo": "ro"}
"""Withdrawn ISO 639-1 codes."""

_BIBLIOGRAPHIC = {"alb": "sq", "baq": "eu", "bur": "my", "chi": "zh", "cze": "cs", "dut": "nl", "fre": "fr"}
_BIBLIOGRAPHIC |= {"geo": "ka", "ger": "de", "gre": "el", "mac": "mk", "may": "ms", "per": "fa", "rum": "ro"}
_BIBLIOGRAPHIC |= {"slo": "sk"}
"""ISO 639-2/B codes."""

WIKIPEDIA = {"be-x-old": "be", "bat-smg": "sgs", "cbk-zam": "cbk", "fiu-vro": "vro", "roa-rup": "rup"}
WIKIPEDIA |= {"zh-classical": "lzh", "zh-min-nan": "nan", "zh-yue": "yue"}
"""Codes of Wikipedias, as in WikiANN, that are no ISO 639 codes."""

_SCRIPTS = {"Arab": "Arabic", "Beng": "Bengali", "Cyrl": "Cyrillic", "Deva": "Devanagari", "Geor": "Georgian"}
_SCRIPTS |= {"Grek": "Greek", "Hang": "Hangul", "Hani": "Han", "Hans": "Han", "Hant": "Han", "Hebr": "Hebrew"}
_SCRIPTS |= {"Jpan": "Japanese", "Kore": "Hangul", "Latn": "Latin", "Mlym": "Malayalam", "Mymr": "Myanmar"}
_SCRIPTS |= {"Taml": "Tamil", "Telu": "Telugu", "Thai": "Thai"}
"""ISO 15924 codes and the names of scripts in common.languages."""

_TAG = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?", re.IGNORECASE)
_BY_ISO = {code: name for name, one in LANGUAGES.items() for code in one.lang2vec if code != "als"}
"""Without als: Tosk Albanian in ISO 639-3, Alemannic German in WikiANN."""
_BY_NAME = {one.name.casefold(): name for name, one in LANGUAGES.items()}


@dataclass(frozen=True, order=True)
class Tag:
    """A language code in its parts: an ISO 639 code as common.languages has it, an ISO 15924 script, a region."""

    language: str
    script: str = ""
    region: str = ""


def parse_tag(code: str) -> Tag | None:
    """Return the parts of a language code, or None if it is no code of a known form.

    The language of the result is the code of common.languages for ISO 639-1 in any case, ISO 639-2 and 639-3,
    withdrawn codes, and English names of these languages. Other codes of two or three letters are kept. A script and a
    region may follow, as in `swe_Latn`, `zh-Hant` and `pt-BR`. A script that is the usual one is left out.
    """
    if code.casefold() in _BY_NAME:
        return Tag(_BY_NAME[code.casefold()])
    found = _TAG.fullmatch(WIKIPEDIA.get(code.lower(), code))
    if found is None:
        return None
    language = found[1].lower()
    language = _OLD.get(language) or _BIBLIOGRAPHIC.get(language) or _BY_ISO.get(language, language)
    script, region = (found[2] or "").title(), (found[3] or "").upper()
    usual = language in LANGUAGES and LANGUAGES[language].script == _SCRIPTS.get(script) and script != "Hant"
    return Tag(language, "" if usual else script, "" if region == "XX" else region)


@dataclass(frozen=True)
class OwnLanguage:
    """A row of the user's table of languages; empty fields are looked up in common.languages."""

    name: str = ""
    family: str = ""
    script: str = ""


@dataclass(frozen=True)
class Languages:
    """Names, families and scripts of languages by the code that the scores use.

    `own` maps codes to the user's values. `unknown` has the codes for which no features could be computed. A code
    without an own value is looked up in common.languages, in any form that parse_tag reads. Unknown values are empty.
    """

    own: Mapping[str, OwnLanguage] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    def find_name(self, code: str) -> str:
        """Return the English name of a language."""
        return self._find(code, "name")

    def find_family(self, code: str) -> str:
        """Return the family of a language."""
        return self._find(code, "family")

    def find_script(self, code: str) -> str:
        """Return the script of a language: the user's, else that of the code itself, else the usual one."""
        own, tag = self.own.get(code), parse_tag(code)
        if tag is None or not tag.script or (own and own.script):
            return self._find(code, "script")
        return _SCRIPTS.get(tag.script, tag.script)

    def order(self, codes: Iterable[str]) -> list[str]:
        """Return the codes by family, then name. Codes without a family come last, by code."""
        return sorted(set(codes), key=self._place)

    def _place(self, code: str) -> tuple:
        family = self.find_family(code)
        return (0, family, self.find_name(code) or code, code) if family else (1, code)

    def _find(self, code: str, what: str) -> str:
        own = getattr(self.own.get(code), what, "")
        if own:
            return own
        tag = parse_tag(code)
        return getattr(LANGUAGES.get(tag.language), what, "") if tag else ""


def read_languages(path: str | os.PathLike, codes: Iterable[str]) -> Languages:
    """Read the user's table of languages: a csv file with the column code and any of name, family and script.

    `codes` are the languages of the scores. Rows of other languages are ignored. Raises UserError with the file, and
    the line if there is one, for a missing column, a code that occurs twice, and a table without any of `codes`.
    """
    path, codes = Path(path), set(codes)
    cells = read_cells(path, "languages")
    header = [name.lower() for name in cells.header]
    fields = [name for name in ("name", "family", "script") if name in header]
    twice = [name for name in ("code", *fields) if header.count(name) > 1]
    if "code" not in header or not fields or twice:
        problem = f"two columns {twice[0]!r}" if twice else "no column 'code'" if "code" not in header else "only codes"
        raise UserError(
            f"{path}: {problem}: the file is {cells.describe()}; write the columns code and any of name,family,script"
        )
    own: dict[str, OwnLanguage] = {}
    for line, row in zip(cells.lines, cells.rows, strict=True):
        row = dict(zip(header, row, strict=False))
        code = row.get("code", "")
        if not code:
            raise UserError(f"{path}:{line}: code is empty; write the code of a language of the scores")
        if code in own:
            raise UserError(f"{path}:{line}: the code {show(code)} occurs twice; remove one of the rows")
        own[code] = OwnLanguage(**{name: row.get(name, "") for name in fields})
    if codes.isdisjoint(own):
        raise UserError(
            f"{path}: none of its {len(own)} codes is a language of the scores, such as {show(min(codes))}; write the "
            "codes of the scores"
        )
    return Languages({code: one for code, one in own.items() if code in codes})
