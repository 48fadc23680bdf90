"""Columns of a scores table by any of their usual names."""

import re
from pathlib import Path

from isogloss.analysis.files.numbers import has_numbers
from isogloss.analysis.files.text import Cells, show
from isogloss.common.errors import UserError
from isogloss.common.run import SCORE_KEY

SOURCE, TARGET, SCORE = "source", "target", "score"
REQUIRED = (SOURCE, TARGET, SCORE)

SYNONYMS = {
    SOURCE: "sources src source_lang source_language src_lang src_language train_lang train_language "
    "training_language transfer_lang transfer_language lang_source",
    TARGET: "targets tgt trg target_lang target_language tgt_lang tgt_language test_lang test_language eval_lang "
    "eval_language evaluation_language task_lang task_language lang_target",
    SCORE: "scores value result performance",
}
"""Names of columns, in lower case with `_` between words, that are read as source, target and score."""

FALLBACKS = {
    SOURCE: "train from",
    TARGET: "test to eval",
    SCORE: "f1 f1_score accuracy acc las uas bleu chrf em exact_match",
}
"""Names that are read in the same way if the table has no column of the first kind."""

OTHERS = [column for column in SCORE_KEY if column not in ("sources", TARGET)]
"""The other columns of the long form. They have one name each."""

_LONGEST_CODE = 3


_ASIDE = re.compile(r"\(.*?\)|\[.*?\]|%")
"""What a name can have besides its words: a unit or an explanation, as in `F1 (%)`."""


def simplify(name: str) -> str:
    """Return the name of a column in lower case, with `_` between its words, without brackets and percent signs."""
    return re.sub(r"[\s_.\-]+", "_", _ASIDE.sub(" ", name.casefold())).strip("_")


def list_names(role: str) -> set[str]:
    """Return every name of a required column."""
    return {role, *SYNONYMS[role].split(), *FALLBACKS[role].split()}


def place_columns(path: Path, cells: Cells) -> dict[str, int]:
    """Return the place of each column that the analysis reads: some of REQUIRED and of OTHERS.

    Raises UserError with the file for two columns of the same meaning.
    """
    names = [simplify(name) for name in cells.header]
    chosen = {role: _choose(role, names, cells) for role in REQUIRED}
    for role, found in chosen.items():
        if len(found) > 1:
            first, second = (show(cells.header[place]) for place in found[:2])
            more = ", or write one row for each metric, with its name in a column metric" if role == SCORE else ""
            raise UserError(
                f"{path}: the columns {first} and {second} both mean {role}; rename the one that is not the {role}"
                f"{more}"
            )
    for role in OTHERS:
        chosen[role] = [place for place, name in enumerate(cells.header) if name == role]
        chosen[role] = chosen[role] or [place for place, name in enumerate(names) if name == role]
        if len(chosen[role]) > 1:
            name = show(cells.header[chosen[role][0]])
            raise UserError(f"{path}: two columns are called {name}; rename one of them")
    return {role: found[0] for role, found in chosen.items() if found}


def _choose(role: str, names: list[str], cells: Cells) -> list[int]:
    """Return the places of the columns with a name of a required column, or with a fallback if there is none."""
    found = [place for place, name in enumerate(names) if name in {role, *SYNONYMS[role].split()}]
    found = found or [place for place, name in enumerate(names) if name in FALLBACKS[role].split()]
    if role == SCORE:
        return found
    # In a matrix, a short name such as `to` or `src` is a language code above numbers.
    return [p for p in found if len(names[p]) > _LONGEST_CODE or not has_numbers(cells.list_column(p))]
