"""What the records of runs say beside scores, as the workflow hands it to the analysis; none of it is needed."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from isogloss.common.errors import UserError
from isogloss.common.run import AXES, RUN_KEY, TEST_CORPUS
from isogloss.common.tables import read_numbers, read_text

KEY = [*RUN_KEY]
GIVEN_TO_RUN = ["sentences", "words", "subword_tokens", "steps", "test_in_training"]
PRETRAINED = ["pretraining_tokens", "unique_tokens", "repetitions", "updates", "test_in_pretraining"]
COUNT_COLUMNS = ["correct", "gold", "predicted"]


def read_runs(path: str | os.PathLike) -> pd.DataFrame:
    """Read what each run was given: the columns KEY, strategies, GIVEN_TO_RUN, validation, pretraining, PRETRAINED.

    NaN where it is not known, or where a model was not pre-trained on a set of languages.

    Raises UserError naming file, line and column for a missing column or a cell that is no number.
    """
    path = Path(path)
    table = read_text(path, "runs")
    wanted = [*KEY, "strategies", *GIVEN_TO_RUN, "validation", "pretraining", *PRETRAINED]
    missing = [column for column in wanted if column not in table.columns]
    if missing:
        raise UserError(f"{path}: no column {missing[0]!r}; a table of runs has {','.join(wanted)}")
    for column in (axis.name for axis in AXES if axis.kind is int):
        table[column] = read_numbers(table[column], path, "a whole number of 0 or more; correct it", "count").astype(
            int
        )
    for column in (*GIVEN_TO_RUN, "validation", *PRETRAINED):
        table[column] = read_numbers(table[column], path, "a number; correct it", "number")
    return table[wanted]


@dataclass(frozen=True)
class Counts:
    """Counts by test sentence: (KEY values..., test corpus) -> 3 x S of correct, gold, predicted."""

    runs: Mapping[tuple, np.ndarray]


def read_counts(path: str | os.PathLike) -> Counts:
    """Read the counts of each run by test sentence, from parquet; UserError for a file that is none of them."""
    path = Path(path)
    columns = [*KEY, TEST_CORPUS]
    try:
        table = pd.read_parquet(path, columns=[*columns, *COUNT_COLUMNS])
    except (OSError, ValueError) as problem:
        reason = str(problem).strip().splitlines()[0]
        raise UserError(f"{path}: cannot be read as counts by sentence: {reason}") from None
    keys = table[columns].itertuples(index=False, name=None)
    counts = table[COUNT_COLUMNS].itertuples(index=False, name=None)
    return Counts({key: np.stack(rows) for key, rows in zip(keys, counts, strict=True)})
