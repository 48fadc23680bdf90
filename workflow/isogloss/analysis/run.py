"""The whole analysis of a scores table: every table and the summary, into one folder."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.run_records import read_counts, read_runs
from isogloss.analysis.data.scores import (
    NO_SOURCE,
    SETTING,
    find_main_metric,
    list_settings,
    read_scores,
    select_cells,
)
from isogloss.analysis.few_shot.few_shot import tabulate_few_shot
from isogloss.analysis.few_shot.forecast import tabulate_forecast
from isogloss.analysis.few_shot.held_out import tabulate_laws
from isogloss.analysis.multi_source.comparison import tabulate_multi_source, tabulate_multi_source_means
from isogloss.analysis.multi_source.curves import tabulate_multi_source_areas, tabulate_multi_source_sizes
from isogloss.analysis.multi_source.joint import tabulate_multi_source_joint
from isogloss.analysis.multi_source.page import compose_multi_source
from isogloss.analysis.pairs.checks import check_overlap, tabulate_checks
from isogloss.analysis.pairs.correlation import tabulate_correlations
from isogloss.analysis.pairs.differences import tabulate_differences
from isogloss.analysis.pairs.partial import tabulate_partial
from isogloss.analysis.pairs.prediction import tabulate_prediction
from isogloss.analysis.pairs.regression import tabulate_regression
from isogloss.analysis.pairs.variance import tabulate_variance
from isogloss.analysis.ranking.ranking import tabulate_ranking
from isogloss.analysis.summary.page import compose_summary
from isogloss.common.errors import UserError
from isogloss.common.files import complete_file
from isogloss.common.languages import LOW_RESOURCE

TABLES: dict[str, Callable[[Evidence], pd.DataFrame]] = {
    "matrices.csv": lambda evidence: tabulate_matrices(evidence.scores),
    "checks.csv": tabulate_checks,
    "correlations.csv": tabulate_correlations,
    "differences.csv": tabulate_differences,
    "partial.csv": tabulate_partial,
    "variance.csv": tabulate_variance,
    "regression.csv": tabulate_regression,
    "prediction.csv": tabulate_prediction,
    "few_shot.csv": lambda evidence: tabulate_few_shot(evidence.scores),
    "laws.csv": lambda evidence: tabulate_laws(evidence.scores),
    "forecast.csv": lambda evidence: tabulate_forecast(evidence.scores),
    "ranking.csv": tabulate_ranking,
    "multi_source.csv": tabulate_multi_source,
    "multi_source_means.csv": tabulate_multi_source_means,
    "multi_source_areas.csv": tabulate_multi_source_areas,
    "multi_source_sizes.csv": tabulate_multi_source_sizes,
    "multi_source_joint.csv": tabulate_multi_source_joint,
}
"""What analyse writes beside summary.md and multi_source.md: each file and the function that makes its table."""


def analyse(
    scores: str | os.PathLike,
    features: pd.DataFrame,
    out: str | os.PathLike,
    permutations: int = 10000,
    seed: int = 0,
    primary: Mapping[str, object] | None = None,
    notice: str | None = None,
    percent: bool = False,
    runs: str | os.PathLike | None = None,
    sentences: str | os.PathLike | None = None,
    cases: Sequence[str] | None = None,
) -> None:
    """Analyse a scores table: write TABLES, summary.md and multi_source.md into the folder `out`.

    scores: a file as read_scores takes it. features: as select_features takes them. permutations, seed: of
    the QAP. primary: the declared hypothesis (task, model, shots, feature). notice: a line for the top of
    the summary. percent: scores are given in 0..100. runs, sentences: what runs were given and what they got right in
    each sentence, as `isogloss runs` writes it. cases: low-resource targets, by default Swahili and Bengali. The same
    input gives the same output, byte for byte. Raises UserError for a bad file, for a case that is no target, and if no
    pair of languages has both a score and features.
    """
    if permutations < 1:
        raise UserError(f"--permutations: {permutations} permutations give no p-value; give 1 or more, such as 10000")
    table = read_scores(scores, percent)
    given = read_runs(runs) if runs else None
    counts = read_counts(sentences) if sentences else None
    low = choose_cases(table, cases)
    evidence = Evidence(table, features, permutations, seed, primary, given, counts, low)
    check_overlap(evidence.scores, features, scores)
    # Threads of BLAS slow down systems as small as these, up to 40 times.
    with threadpool_limits(1):
        tables = {name: tabulate(evidence) for name, tabulate in TABLES.items()}
    for name, table in tables.items():
        with complete_file(Path(out) / name) as beside:
            table.to_csv(beside, index=False, float_format="%.6g")
    with complete_file(Path(out) / "summary.md") as beside:
        beside.write_text(compose_summary(tables, evidence.scores, primary, notice), encoding="utf-8")
    with complete_file(Path(out) / "multi_source.md") as beside:
        beside.write_text(compose_multi_source(tables, notice), encoding="utf-8")


def choose_cases(scores: pd.DataFrame, cases: Sequence[str] | None) -> tuple[str, ...]:
    """Return the low-resource targets to report; without any named, Swahili and Bengali where they are targets."""
    targets = sorted(scores["target"].unique())
    if cases is None:
        return tuple(code for code in LOW_RESOURCE if code in targets)
    for code in cases:
        if code not in targets:
            raise UserError(f"--cases: {code!r} is no target of the scores; choose from {', '.join(targets)}")
    return tuple(cases)


def tabulate_matrices(scores: pd.DataFrame) -> pd.DataFrame:
    """Return every transfer matrix of the scores, a row a cell.

    Columns: those of a Setting, metric, source, target, kind (transfer, in-language, none), score (mean over
    seeds), seeds (how many), deviation (standard, between seeds; NaN of one). An in-language cell stands at every
    number of shots and always holds the 0-shot runs.
    """
    rows = []
    for setting in list_settings(scores):
        key = [getattr(setting, column) for column in SETTING]
        metric = find_main_metric(scores, setting.task)
        cells = select_cells(scores, setting, metric).groupby(["sources", "target"])["score"]
        of_cells = cells.agg(["mean", "count", "std"])
        for source, target in sorted(of_cells.index, key=lambda cell: (cell[0] == NO_SOURCE, cell)):
            kind = "in-language" if source == target else NO_SOURCE if source == NO_SOURCE else "transfer"
            rows.append([*key, metric, source, target, kind, *of_cells.loc[(source, target)]])
    columns = [*SETTING, "metric", "source", "target", "kind", "score", "seeds", "deviation"]
    return pd.DataFrame(rows, columns=columns).astype({"seeds": int})
