"""Labels of rows and columns of a scores table: is it a language, or something else that people write there?"""

import re
from pathlib import Path

import pandas as pd

from isogloss.analysis.files.columns import TARGET, simplify
from isogloss.analysis.files.numbers import is_number
from isogloss.analysis.files.text import show
from isogloss.common.errors import UserError
from isogloss.common.languages import resolve_code
from isogloss.common.run import NO_SOURCE
from isogloss.common.tables import find_line

_MEANS = {"avg", "average", "mean", "macro_avg", "macro_average", "overall", "total"}
_SUMMARIES = {*_MEANS, "std", "sum", "max", "min"}
"""The words beside the means are codes of languages too, so that they are refused only above a column of a matrix."""

_CODE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*|[a-z]{4}\d{4}")
"""Codes as those of ISO 639 and BCP 47, and as those of Glottolog."""


def is_language(name: str) -> bool:
    """Return whether the name of a column can be a language: a code or a name, and no word for a mean."""
    return simplify(name) not in _SUMMARIES and bool(_CODE.fullmatch(name) or resolve_code(name))


def check_labels(text: pd.DataFrame, path: Path) -> None:
    """Raise UserError for a source or target that is no language: empty, a mean, a truth value, a number, a list."""
    for column in ("sources", TARGET):
        for code in dict.fromkeys(code for cell in text[column].unique() for code in cell.split("+")):
            problem = _find_problem(code, column)
            if problem:
                has = pd.Series([code in cell.split("+") for cell in text[column]], index=text.index)
                rows = f" ({has.sum()} rows)" if has.sum() > 1 else ""
                raise UserError(
                    f"{path}:{find_line(has)}: {column} is {show(code) if code else 'empty'}{rows}{problem}"
                )


def _find_problem(code: str, column: str) -> str:
    if code in ("", "-", "NaN", "N/A", "n/a"):
        return "; add a language code"
    if simplify(code) in _MEANS:
        return ", a mean over languages and no language; remove these rows"
    if code.casefold() in ("false", "true"):
        return ", which a program wrote in place of the code no (Norwegian) or of another word; write the language code"
    if is_number(code):
        return ", a number; add a language code"
    if code == NO_SOURCE and column == TARGET:
        return "; only sources can be none; add the language of the test set"
    parts = [part.strip() for part in re.split(r"[,;|&/]", code)]
    if len(parts) > 1 and all(map(resolve_code, parts)):
        advice = "one row for each" if column == TARGET else show("+".join(parts))
        return f", several languages; write {advice}"
    return ""
