"""Optional data from the run records, beside the scores: the training data of runs and counts per test sentence."""

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
    """Read the table of runs that `isogloss runs` writes, one row per run.

    `path` is a csv file. The result has the columns that identify a run (task, model, sources, n, target, shots,
    adaptation, seed), then strategies, sentences, words, subword_tokens, steps, test_in_training, validation,
    pretraining, pretraining_tokens, unique_tokens, repetitions, updates and test_in_pretraining. Unknown values are
    NaN. The last five are also NaN if the model was not pre-trained on a set of languages.

    Raises UserError with the file, and the line if there is one, for a missing column or a cell that is not a number.
    """
    path = Path(path)
    table = read_text(path, "runs")
    wanted = [*KEY, "strategies", *GIVEN_TO_RUN, "validation", "pretraining", *PRETRAINED]
    missing = [column for column in wanted if column not in table.columns]
    if missing:
        raise UserError(f"{path}: no column {missing[0]!r}; a table of runs requires {','.join(wanted)}")
    for column in (axis.name for axis in AXES if axis.kind is int):
        table[column] = read_numbers(table[column], path, "a whole number of 0 or more; correct it", "count").astype(
            int
        )
    for column in (*GIVEN_TO_RUN, "validation", *PRETRAINED):
        table[column] = read_numbers(table[column], path, "a number; correct it", "number")
    return table[wanted]


@dataclass(frozen=True)
class Counts:
    """Counts per test sentence.

    `runs` maps (the KEY values of a run, then the test corpus) to a 3 x S array, with S test sentences: the numbers of
    correct, gold and predicted items.
    """

    runs: Mapping[tuple, np.ndarray]


def read_counts(path: str | os.PathLike) -> Counts:
    """Read the counts of each run per test sentence, from the parquet file that `isogloss runs` writes.

    Returns a Counts: for each run and test corpus, a 3 x S array of correct, gold and predicted items in S test
    sentences. Raises UserError if the file at `path` cannot be read as such a table.
    """
    path = Path(path)
    columns = [*KEY, TEST_CORPUS]
    try:
        table = pd.read_parquet(path, columns=[*columns, *COUNT_COLUMNS])
    except (OSError, ValueError) as problem:
        reason = str(problem).strip().splitlines()[0]
        raise UserError(f"{path}: cannot be read as a table of counts per test sentence: {reason}") from None
    keys = table[columns].itertuples(index=False, name=None)
    counts = table[COUNT_COLUMNS].itertuples(index=False, name=None)
    return Counts({key: np.stack(rows) for key, rows in zip(keys, counts, strict=True)})
