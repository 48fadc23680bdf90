"""Read the user's own names, families and scripts of languages."""

import os
from collections.abc import Collection
from pathlib import Path

from isogloss.analysis.data.languages import Languages, OwnLanguage, recognise_codes
from isogloss.analysis.files.text import read_cells, show
from isogloss.common.errors import UserError

_FIELDS = ("name", "family", "script")


def read_languages(path: str | os.PathLike, codes: Collection[str] | None = None) -> Languages:
    """Read the user's names, families and scripts from a csv file with the column code and any of these three columns.

    `codes` are the languages of the scores; rows of other languages are ignored. Without `codes`, all rows are used.
    Returns a Languages, which looks up what the file does not have. Raises UserError with the file, and the line if
    there is one, for a missing column, a code that occurs twice, and a table without any of `codes`.
    """
    path = Path(path)
    cells = read_cells(path, "languages")
    header = [name.lower() for name in cells.header]
    fields = [name for name in _FIELDS if name in header]
    twice = [name for name in ("code", *fields) if header.count(name) > 1]
    if "code" not in header or not fields or twice:
        problem = f"two columns {twice[0]!r}" if twice else "no column 'code'" if "code" not in header else "only codes"
        raise UserError(
            f"{path}: {problem}: the file is {cells.describe()}; write the columns code and any of {','.join(_FIELDS)}"
        )
    own: dict[str, OwnLanguage] = {}
    for line, row in zip(cells.lines, cells.rows, strict=True):
        values = dict(zip(header, row, strict=True))
        code = values["code"]
        if not code:
            raise UserError(f"{path}:{line}: code is empty; write the code of a language of the scores")
        if code in own:
            raise UserError(f"{path}:{line}: the code {show(code)} occurs twice; remove one of the rows")
        own[code] = OwnLanguage(**{name: values[name] for name in fields})
    if codes is None:
        return Languages(own)
    if own.keys().isdisjoint(codes):
        raise UserError(
            f"{path}: none of its {len(own)} codes is a language of the scores, such as {show(min(codes))}; write the "
            "codes of the scores"
        )
    return Languages({code: one for code, one in own.items() if code in codes}, recognise_codes(codes))
