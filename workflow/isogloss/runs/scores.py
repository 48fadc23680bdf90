"""Collect the scores table of a study from the records of its runs."""

import os
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from isogloss.analysis.data.scores import COLUMNS, KEY, MAIN_METRICS
from isogloss.common.errors import UserError
from isogloss.common.files import complete_file
from isogloss.common.run import METRIC, TEST_CORPUS, complete_identity, name_sources
from isogloss.provenance.seal import read_record


def collect_scores(records: Iterable[str | os.PathLike]) -> pd.DataFrame:
    """Return the scores table of `metrics.json` records: the columns COLUMNS, one row per metric, sorted.

    Sources are joined by `+`; `none` means no source. The entry `test_corpora` of a record has scores of the same model
    on other test sets. They become rows that differ in the column `test_corpus`. A metric without a value (null: there
    was no mention to count) has no row, except the main metric: its score is empty, so that the analysis can say so.
    Raises UserError with the path of a file that is not a record.
    """
    rows = []
    for path in records:
        try:
            record = read_record(Path(path))
            run, scores = complete_identity(record["run"]), record["scores"]
            sources = name_sources(run["sources"])
            blocks = {run[TEST_CORPUS]: scores}
            blocks |= {name: block["scores"] for name, block in record.get("test_corpora", {}).items()}
            tested = {name: {**run, "sources": sources, TEST_CORPUS: name} for name in blocks}
            keys = {name: [axes[key] for key in KEY if key != METRIC] for name, axes in tested.items()}
        except (KeyError, TypeError, ValueError) as problem:
            reason = f"{type(problem).__name__} {problem}"
            raise UserError(f"{path}: not a record of a run ({reason}); delete the file and run again") from None
        for name, block in blocks.items():
            main = next((metric for metric in MAIN_METRICS if metric in block), None)
            rows += [[*keys[name], one, score] for one, score in block.items() if score is not None or one == main]
    return pd.DataFrame(rows, columns=COLUMNS).sort_values(KEY, ignore_index=True)


def write_scores(records: Iterable[str | os.PathLike], out: str | os.PathLike) -> None:
    """Write the table of collect_scores to a csv file, with scores in full precision."""
    with complete_file(out) as beside:
        collect_scores(records).to_csv(beside, index=False)
