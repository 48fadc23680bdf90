"""Statistics of language models on training text, as features of source and target."""

import os
from collections.abc import Iterable
from itertools import permutations
from pathlib import Path

import pandas as pd

from isogloss.common.errors import UserError
from isogloss.features import OF_SOURCE, OF_TARGET, STATISTICS
from isogloss.provenance.seal import read_record


def tabulate_statistics(paths: Iterable[str | os.PathLike]) -> dict[tuple[str, str], pd.DataFrame]:
    """Return (task, model) -> table of statistics of training text, one row per ordered pair of different languages.

    paths: records of isogloss.runs.language_model, one per task, model and language. Columns: source, target and, for
    each of STATISTICS that the model has, one column for the source and one for the target; NaN for a language without
    a value. A model without any value is left out. Raises UserError for a file that is not such a record.
    """
    found: dict[tuple[str, str], dict[str, dict[str, float]]] = {}
    for path in paths:
        record = read_record(Path(path))
        try:
            scope, language = (record["task"], record["model"]), record["language"]
            values = record["texts"].get("train", {}).get("values", {})
        except (KeyError, TypeError, AttributeError):
            raise UserError(
                f"{path}: not a record of a language model; name a file that `isogloss language-model` wrote"
            ) from None
        found.setdefault(scope, {})[language] = values
    return {scope: _pair(values) for scope, values in sorted(found.items()) if any(values.values())}


def _pair(values: dict[str, dict[str, float]]) -> pd.DataFrame:
    table = pd.DataFrame(permutations(sorted(values), 2), columns=["source", "target"])
    for name in STATISTICS:
        if any(name in of_language for of_language in values.values()):
            column = {language: of_language.get(name, float("nan")) for language, of_language in values.items()}
            for end in (OF_SOURCE, OF_TARGET):
                table[f"{name}_{end}"] = table[end].map(column)
    return table
