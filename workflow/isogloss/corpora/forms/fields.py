"""Columns of a task in the header of a table or in the keys of a JSON object, under the names that people use."""

from collections.abc import Mapping, Sequence

from isogloss.common.errors import UserError
from isogloss.corpora.forms.records import Reading

Names = Mapping[str, Sequence[str]]
"""Column of a task -> its usual names in files, most usual first, in lower case."""


def find_column(names: Sequence[str], column: str, columns: Names, reading: Reading) -> str:
    """Return the name in a file of a column of the task; empty if the file does not have it."""
    chosen = reading.columns.get(column)
    if chosen is not None:
        return chosen if chosen in names else ""
    folded = {name.casefold(): name for name in reversed(names)}
    return next((folded[usual] for usual in columns.get(column, (column,)) if usual in folded), "")


def choose_columns(header: Sequence[str], columns: Names, extra: Names, reading: Reading, where: str) -> dict[str, int]:
    """Return the position in a header of each column of the task, and of those of `extra` that the header has.

    Raises UserError, with `where`, for a column that is missing and for one that is there more than once.
    """
    places = {}
    for column in (*columns, *extra):
        chosen = reading.columns.get(column)
        if isinstance(chosen, int):
            if chosen > len(header):
                raise UserError(
                    f"{where}: has {len(header)} column(s), but `columns` names column {chosen}; correct it"
                )
            places[column] = chosen - 1
            continue
        name = find_column(header, column, {**columns, **extra}, reading)
        if not name and column in columns:
            refuse_missing(column, header, columns, reading, where)
        if name and header.count(name) > 1:
            numbers = [place for place, one in enumerate(header, start=1) if one == name]
            raise UserError(
                f"{where}: {len(numbers)} columns are called {name!r}; choose one by number, such as "
                f"`local: {{path: ..., columns: {{{column}: {numbers[-1]}}}}}`"
            )
        if name:
            places[column] = header.index(name)
    return places


def refuse_missing(column: str, names: Sequence[str], columns: Names, reading: Reading, where: str) -> None:
    """Raise UserError for a column of the task that a file does not have."""
    shown = ", ".join(str(name)[:30] for name in names)[:90]
    wanted = reading.columns.get(column)
    what = f"`columns` names {wanted!r}" if wanted is not None else f"no column {column!r}"
    others = [one for one in columns if not find_column(names, one, columns, reading)]
    example = ", ".join(f"{one}: ..." for one in others)
    raise UserError(
        f"{where}: {what}{', only ' if shown else ''}{shown}; write `columns: {{{example}}}` with the names or numbers "
        "of your columns"
    )
