"""The table of the languages of a study: name, script and family, with the script that the text is in."""

import csv
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from isogloss.common.examples import read_examples
from isogloss.common.facts import NOTHING, Facts, describe_language
from isogloss.common.files import complete_file
from isogloss.common.languages import list_scripts

COLUMNS = ("code", "name", "script", "script_assumed", "family", "like")
ENOUGH = 20_000
"""Number of letters from which the script of a language is determined."""
_JAPANESE = {"Hira", "Kana"}
_KANA = 0.1
"""Share of kana among kana and Han letters from which on text is Japanese. Japanese text has about a half."""


def write_languages(
    codes: Sequence[str], facts: Mapping[str, Facts], files: Iterable[str | os.PathLike], out: str | os.PathLike
) -> None:
    """Write COLUMNS of some languages to a csv file.

    facts: what the study says of languages. files: .../LANGUAGE/test.parquet, whose text shows the script. The script
    is that of the study, else that of the code (`sr-Latn`), else that of the text, else the usual one of the language;
    in the last case `script_assumed` is `yes`.
    """
    text: dict[str, list[Path]] = {}
    for path in map(Path, files):
        text.setdefault(path.parent.name, []).append(path)
    with complete_file(out) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for code in codes:
            given = facts.get(code, NOTHING)
            language = describe_language(code, given)
            seen = list_scripts()[found] if language.assumed and (found := _read_script(text.get(code, []))) else ""
            assumed = "yes" if language.assumed and not seen else "no"
            writer.writerow([code, language.name, seen or language.script, assumed, language.family, given.like])


def _read_script(paths: Iterable[Path]) -> str:
    return find_script(line for path in paths for example in read_examples(path) for line in example.lines)


def find_script(lines: Iterable[str]) -> str:
    """Return the ISO 15924 code of the script of most letters in some lines; empty if they have no letters.

    The script of a letter is its Unicode property Script. Japanese text (`Jpan`) is written in Han letters and kana.
    """
    from fontTools.unicodedata import script

    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(script(letter) for letter in line if letter.isalpha())
        if counts.total() >= ENOUGH:
            break
    for none in ("Zyyy", "Zinh", "Zzzz"):  # letters of no script or of several
        counts.pop(none, None)
    if not counts:
        return ""
    kana = sum(counts[code] for code in _JAPANESE)
    if kana and kana >= _KANA * (kana + counts["Hani"]) and kana + counts["Hani"] > counts.total() / 2:
        return "Jpan"
    return min(counts, key=lambda code: (-counts[code], code))
