"""Names, families and scripts of the languages of a scores table: the user's own, else those of common.languages."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from isogloss.common.languages import LANGUAGES, WIKIPEDIA, resolve_code

_ALEMANNIC = ("als", "gsw")
"""The code of Alemannic German in Wikipedias and in ISO 639, where als is Tosk Albanian."""


@dataclass(frozen=True)
class OwnLanguage:
    """A row of the user's table of languages; empty fields are looked up in common.languages."""

    name: str = ""
    family: str = ""
    script: str = ""


@dataclass(frozen=True)
class Languages:
    """Names, families and scripts of languages by the code that the scores use.

    `own` maps codes to the user's values. `meant` maps codes of other schemes to codes of common.languages; a code
    without an entry is looked up as it is. `unknown` has the codes for which no features could be computed. Values
    that are not known are empty.
    """

    own: Mapping[str, OwnLanguage] = field(default_factory=dict)
    meant: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    def find_name(self, code: str) -> str:
        """Return the English name of a language."""
        return self._find(code, "name")

    def find_family(self, code: str) -> str:
        """Return the family of a language."""
        return self._find(code, "family")

    def find_script(self, code: str) -> str:
        """Return the script of a language."""
        return self._find(code, "script")

    def order(self, codes: Iterable[str]) -> list[str]:
        """Return the codes by family, then name. Codes without a family come last, by code."""
        return sorted(set(codes), key=self._place)

    def _place(self, code: str) -> tuple:
        family = self.find_family(code)
        return (0, family, self.find_name(code) or code, code) if family else (1, code)

    def _find(self, code: str, what: str) -> str:
        own = getattr(self.own.get(code), what, "")
        return own or getattr(LANGUAGES.get(self.meant.get(code, code)), what, "")


def recognise_codes(codes: Collection[str]) -> dict[str, str]:
    """Return the code of common.languages for each code of a scores table that resolve_code recognises.

    `als` means Alemannic German if other codes of the table are those of Wikipedias, as in WikiANN.
    """
    meant = {code: found for code in codes if (found := resolve_code(code))}
    of_wikipedias = "simple" in codes or not WIKIPEDIA.keys().isdisjoint(meant)
    theirs, iso = _ALEMANNIC
    return meant | {theirs: iso} if of_wikipedias and theirs in meant else meant
