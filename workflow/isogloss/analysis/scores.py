"""The scores table: collected from records or read from anywhere, checked, turned into transfer matrices."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from isogloss.errors import UserError
from isogloss.files import complete_file

KEY = ["task", "model", "sources", "n", "target", "test_corpus", "shots", "adaptation", "seed", "metric"]
COLUMNS = [*KEY, "score"]
NO_SOURCE = "none"

_NUMBERS = ("n", "shots", "seed")
_SHORT = ["source", "target", "score"]
_MAIN_METRICS = ("f1", "accuracy", "score")


@dataclass(frozen=True, order=True)
class Setting:
    """One transfer matrix of a study: everything but its sources, targets and seeds."""

    task: str
    model: str
    test_corpus: str
    n: int
    adaptation: str
    shots: int


SETTING = [*Setting.__dataclass_fields__]


def collect_scores(records: Iterable[str | os.PathLike]) -> pd.DataFrame:
    """Return the scores table of `metrics.json` records: the columns COLUMNS, a row for each metric, sorted.

    Sources are joined by `+`; `none` stands for no source. A metric without a value (null: no mention to
    count) has no row. Raises UserError naming a record that is not one.
    """
    rows = []
    for path in records:
        try:
            record = json.loads(Path(path).read_text(encoding="utf-8"))
            run, scores = record["run"], record["scores"]
            sources = "+".join(sorted(run["sources"])) or NO_SOURCE
            key = [sources if name == "sources" else run[name] for name in KEY if name != "metric"]
        except (KeyError, TypeError, ValueError) as problem:
            reason = f"{type(problem).__name__} {problem}"
            raise UserError(f"{path}: not a record of a run ({reason}); delete it and run again") from None
        rows += [[*key, metric, score] for metric, score in scores.items() if score is not None]
    return pd.DataFrame(rows, columns=COLUMNS).sort_values(KEY, ignore_index=True)


def write_scores(records: Iterable[str | os.PathLike], out: str | os.PathLike) -> None:
    """Write collect_scores to a csv file, scores in full precision."""
    with complete_file(out) as beside:
        collect_scores(records).to_csv(beside, index=False)


def read_scores(path: str | os.PathLike) -> pd.DataFrame:
    """Read a scores table: the columns COLUMNS, or the short form `source,target,score[,seed]`.

    The short form becomes task and model `unnamed`, n and shots 0, adaptation `direct`, metric `score`.
    Raises UserError naming file, line and column for a missing column, a cell that is no number, a score
    outside 0..1, or a row given twice.
    """
    path = Path(path)
    try:
        text = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as problem:
        reason = str(problem).strip().splitlines()[0]
        raise UserError(f"{path}: cannot be read as a csv table of scores: {reason}") from None
    if "sources" not in text.columns and set(_SHORT) <= set(text.columns):
        text = _lengthen(text)
    missing = [column for column in COLUMNS if column not in text.columns]
    if missing:
        raise UserError(
            f"{path}: no column {missing[0]!r}; a scores table has {','.join(COLUMNS)}, "
            "or for short source,target,score[,seed]"
        )
    if text.empty:
        raise UserError(f"{path}: no scores below the header; give at least one row")
    table = text[COLUMNS].copy()
    for column in _NUMBERS:
        table[column] = _read_numbers(text[column], path, "a whole number of 0 or more", whole=True).astype(int)
    table["score"] = _read_numbers(text["score"], path, "a number in 0..1 (divide percentages by 100)")
    repeated = table.duplicated(KEY)
    if repeated.any():
        line = _find_line(repeated)
        raise UserError(f"{path}:{line}: this run and metric stand in an earlier row too; remove one")
    return table.sort_values(KEY, ignore_index=True)


def _lengthen(text: pd.DataFrame) -> pd.DataFrame:
    fixed = {
        "task": "unnamed",
        "model": "unnamed",
        "n": "0",
        "test_corpus": "unnamed",
        "shots": "0",
        "adaptation": "direct",
        "metric": "score",
    }
    seed = {} if "seed" in text.columns else {"seed": "0"}
    return text.rename(columns={"source": "sources"}).assign(**fixed, **seed)


def _read_numbers(cells: pd.Series, path: Path, kind: str, whole: bool = False) -> pd.Series:
    numbers = pd.to_numeric(cells, errors="coerce").astype(float)
    right = (numbers >= 0) & (np.isfinite(numbers) & (numbers % 1 == 0) if whole else numbers <= 1)
    if not right.all():
        line = _find_line(~right)
        raise UserError(f"{path}:{line}: {cells.name} is {cells[line - 2]!r}, not {kind}; correct it")
    return numbers


def _find_line(wrong: pd.Series) -> int:
    """The line of the file, its header counted, of the first wrong row."""
    return int(np.flatnonzero(wrong)[0]) + 2


def list_languages(scores: pd.DataFrame) -> list[str]:
    """Return every language that is a source or a target, sorted."""
    sources = {code for name in scores["sources"].unique() for code in name.split("+")}
    return sorted((sources | set(scores["target"])) - {NO_SOURCE})


def find_main_metric(scores: pd.DataFrame, task: str) -> str:
    """Return the metric a task is judged by: f1, else accuracy, else score, else the first by name."""
    metrics = sorted(scores.loc[scores["task"] == task, "metric"].unique())
    return next((metric for metric in _MAIN_METRICS if metric in metrics), metrics[0])


def mark_kinds(scores: pd.DataFrame) -> pd.Series:
    """Return what each row is: `transfer` (one other language), `in-language`, `none` or `multi-source`.

    A run with its target among its sources is in-language however many sources it has.
    """
    sources = scores["sources"].str.split("+", regex=False)
    inside = [target in names for target, names in zip(scores["target"], sources, strict=True)]
    kinds = np.where(sources.str.len() > 1, "multi-source", "transfer")
    kinds = np.where(inside, "in-language", kinds)
    return pd.Series(np.where(scores["sources"] == NO_SOURCE, NO_SOURCE, kinds), index=scores.index)


def list_settings(scores: pd.DataFrame) -> list[Setting]:
    """Return every setting that has single-source transfer, sorted."""
    found = scores.loc[mark_kinds(scores) == "transfer", SETTING].drop_duplicates()
    return sorted(Setting(*row) for row in found.itertuples(index=False, name=None))


def transfer_matrix(scores: pd.DataFrame, setting: Setting, metric: str | None = None) -> pd.DataFrame:
    """Return the mean over seeds of each source (rows, `none` last if there) and target (columns), by code.

    The diagonal holds in-language runs, which have 0 shots at any setting, of the same n; off it are runs of
    one source. The `none` row holds runs of the setting's shots. NaN where there is no run. metric: by
    default the task's main one.
    """
    metric = metric or find_main_metric(scores, setting.task)
    same = (scores["metric"] == metric) & (scores["task"] == setting.task)
    same &= (scores["model"] == setting.model) & (scores["test_corpus"] == setting.test_corpus)
    own = scores[same]
    kinds = mark_kinds(own)
    at_n, at_shots = own["n"] == setting.n, own["shots"] == setting.shots
    transfer = (kinds == "transfer") & at_n & at_shots & (own["adaptation"] == setting.adaptation)
    diagonal = (own["sources"] == own["target"]) & at_n & (own["shots"] == 0)
    chosen = own[transfer | diagonal | ((kinds == NO_SOURCE) & at_shots)]
    matrix = chosen.pivot_table(index="sources", columns="target", values="score", aggfunc="mean")
    matrix = matrix.reindex(sorted(matrix.index, key=lambda source: (source == NO_SOURCE, source)))
    return matrix.rename_axis(index="source")
