"""Feature tables: read, check and merge them."""

import os
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from isogloss.common.errors import UserError
from isogloss.common.files import complete_file
from isogloss.common.tables import find_line, read_numbers, read_text
from isogloss.features.statistics import tabulate_statistics

_PAIR = ["source", "target"]
_SCOPE = ["task", "model"]
_MARKER = "_imputed"
_DISTANCE = "distance"


def read_features(path: str | os.PathLike) -> pd.DataFrame:
    """Return a feature table `[task,model,]source,target,<numeric columns>`, sorted by task, model, source and target.

    Rows with an empty task (or model) apply to every task (or model); see select_features of isogloss.analysis. An
    empty cell is NaN. Columns that end in `_imputed` are markers and are left out. A column whose name ends in
    `distance` contains precomputed distances, which check_distances checks.

    Raises UserError, with file, line and column, for a table without source and target, a repeated pair, and text or
    infinity in a numeric column.
    """
    path = Path(path)
    text = read_text(path, "features")
    for column in _PAIR:
        if column not in text.columns:
            raise UserError(
                f"{path}: no column {column!r}, the first columns are {list(text.columns[:8])}; "
                "add the columns source,target"
            )
        unnamed = text[column] == ""
        if unnamed.any():
            raise UserError(f"{path}:{find_line(unnamed)}: {column} is empty; write the code of a language")
    keys = [column for column in _SCOPE if column in text.columns] + _PAIR
    repeated = text.duplicated(keys)
    if repeated.any():
        line = find_line(repeated)
        pair = ",".join(text.loc[line - 2, _PAIR])
        raise UserError(f"{path}:{line}: the pair {pair} occurs twice; remove one of the rows")
    table = text[keys].copy()
    for column in text.columns:
        if column not in keys and not column.endswith(_MARKER):
            wanted = "a finite number; correct it or leave it empty"
            table[column] = read_numbers(text[column], path, wanted, "number")
            if column.endswith(_DISTANCE):
                check_distances(table, column, path)
    return table.sort_values(keys, ignore_index=True)


def merge_features(paths: Iterable[str | os.PathLike]) -> pd.DataFrame:
    """Merge feature tables (`source,target,<numeric columns>`) into one sorted table with one row per pair.

    A pair that is missing in a table has NaN in the columns of that table. Raises UserError as read_features does, and
    for a column that is in two tables.
    """
    merged = pd.DataFrame(columns=_PAIR)
    for path in paths:
        table = read_features(path)
        for column in set(table.columns) & set(merged.columns) - set(_PAIR):
            raise UserError(f"{path}: column {column!r} is also in an earlier feature table; rename one of the columns")
        merged = merged.merge(table, on=_PAIR, how="outer")
    return merged.sort_values(_PAIR, ignore_index=True)


def write_features(
    common: Iterable[str | os.PathLike],
    of_task: Iterable[str | os.PathLike],
    of_model: Iterable[str | os.PathLike],
    out: str | os.PathLike,
    statistics: Iterable[str | os.PathLike] = (),
) -> None:
    """Write all feature tables of a study into one: `task,model,source,target,<numeric columns>`.

    common: tables for every task and model. of_task: TASK/*.csv, each for one task. of_model: TASK/MODEL/*.csv, each
    for one task and model. statistics: records of language models for tabulate_statistics, whose columns are added to
    those of of_model. Task and model are empty in rows that apply to all tasks and models. Raises UserError as
    merge_features does.
    """
    parts = [merge_features(common).assign(task="", model="")]
    tasks: dict[str, list[Path]] = {}
    for path in map(Path, of_task):
        tasks.setdefault(path.parent.name, []).append(path)
    parts += [merge_features(paths).assign(task=task, model="") for task, paths in tasks.items()]
    measured = tabulate_statistics(statistics)
    for path in map(Path, of_model):
        scope = path.parent.parent.name, path.parent.name
        own = read_features(path)
        if scope in measured:
            own = own.merge(measured.pop(scope), on=_PAIR, how="outer")
        parts.append(own.assign(task=scope[0], model=scope[1]))
    parts += [own.assign(task=task, model=model) for (task, model), own in measured.items()]
    table = pd.concat(parts).sort_values([*_SCOPE, *_PAIR])
    columns = [column for column in table.columns if column not in (*_SCOPE, *_PAIR)]
    with complete_file(out) as beside:
        table[[*_SCOPE, *_PAIR, *columns]].to_csv(beside, index=False)


def check_distances(table: pd.DataFrame, column: str, path: Path) -> None:
    """Raise UserError for precomputed distances that were computed from filler values.

    Widely used tables have the same filler row for all languages without data. Two such languages have a distance of 0
    from each other, and the same distances from all other languages. Raises UserError, with the file and the languages,
    for a distance of 0 between two languages and for two languages with identical rows.
    """
    apart = table[table["source"] != table["target"]]
    zero = apart[apart[column] == 0]
    if len(zero):
        row = zero.iloc[0]
        raise UserError(
            f"{path}: {column} of {row['source']} and {row['target']} is 0, which indicates filler values, not "
            "similarity; compute it from lang2vec vectors, or remove the column"
        )
    square = apart.pivot(index="source", columns="target", values=column)
    square = square.combine_first(square.T)
    for i, one in enumerate(square.index):
        for other in square.index[i + 1 :]:
            rest = square.loc[[one, other], [name for name in square.columns if name not in (one, other)]]
            if rest.shape[1] > 1 and rest.notna().all(axis=None) and (rest.loc[one] == rest.loc[other]).all():
                raise UserError(
                    f"{path}: {one} and {other} have identical rows of {column}, which indicates filler values, not "
                    "similarity; compute it from lang2vec vectors, or remove the column"
                )
