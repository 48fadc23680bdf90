"""The complete analysis of a scores table: write every table and both summaries into one folder."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from isogloss.analysis.contents import choose_statistics
from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.languages import Languages, recognise_codes
from isogloss.analysis.data.run_records import read_counts, read_runs
from isogloss.analysis.data.scores import NO_SCALE, UNIT, list_languages
from isogloss.analysis.data.traits import FeatureTraits
from isogloss.analysis.files.score_table import read_scores_file
from isogloss.analysis.multi_source.page import compose_multi_source
from isogloss.analysis.pairs.checks import check_overlap
from isogloss.analysis.summary.page import compose_summary
from isogloss.common.errors import UserError
from isogloss.common.files import complete_file
from isogloss.common.languages import LOW_RESOURCE
from isogloss.common.registry import load_part


def analyse(
    scores: str | os.PathLike,
    features: pd.DataFrame,
    out: str | os.PathLike,
    permutations: int = 10000,
    seed: int = 0,
    primary: Mapping[str, object] | None = None,
    notice: str | None = None,
    scale: str = UNIT,
    runs: str | os.PathLike | None = None,
    sentences: str | os.PathLike | None = None,
    cases: Sequence[str] | None = None,
    statistics: Sequence[str] = (),
    traits: Mapping[str, FeatureTraits] | None = None,
    languages: Languages | None = None,
) -> None:
    """Analyse a scores table: write all tables, summary.md and multi_source.md into the folder `out`.

    `scores` is the path of a csv file in the format of read_scores, and `scale` the scale of its scores.
    `features` is a data frame in the format of select_features. `permutations` is the number of permutations of every
    permutation test, and `seed` the seed of every permutation test and bootstrap. `primary` is the declared hypothesis,
    a mapping with the keys task, model, shots and feature. `notice` is a line for the top of both summaries.

    `runs` and `sentences` are optional paths of the two tables that `isogloss runs` writes: the training data of each
    run (csv), and its counts of correct, gold and predicted items per test sentence (parquet). `cases` lists the
    low-resource targets that are reported one by one; the default is Swahili and Bengali, if they are targets.
    `statistics` lists further tables by name, from installed packages. `traits` maps names of features to their
    FeatureTraits; the traits of other features are guessed from their names. `languages` has the families and scripts
    of the languages, as read_languages returns them.

    The same input gives the same output, byte for byte. Returns nothing. Raises UserError for an invalid file, for
    fewer than 1 permutation, for a case that is not a target, for a statistic that cannot be used, and if no language
    pair has both a score and features.
    """
    if permutations < 1:
        raise UserError(
            f"--permutations: {permutations} permutations give no p-value; set it to 1 or more, such as 10000"
        )
    chosen = {name: load_part(one.tabulate) for name, one in choose_statistics(statistics).items()}
    if scale == NO_SCALE and sentences:
        raise UserError("--sentences: its counts give scores from 0 to 1; remove it, or remove --scale none")
    file = read_scores_file(scores, scale)
    table = file.scores
    given = read_runs(runs) if runs else None
    counts = read_counts(sentences) if sentences else None
    low = choose_cases(table, cases, file.missing)
    languages = languages or Languages(meant=recognise_codes(list_languages(table)))
    more = {"traits": traits or {}, "scale": scale, "languages": languages, "missing": file.missing}
    evidence = Evidence(table, features, permutations, seed, primary, given, counts, low, **more)
    check_overlap(evidence, scores)
    # Several BLAS threads slow down such small matrices, up to 40 times.
    with threadpool_limits(1):
        tables = {f"{name}.csv": tabulate(evidence) for name, tabulate in chosen.items()}
    for name, table in tables.items():
        with complete_file(Path(out) / name) as beside:
            table.to_csv(beside, index=False, float_format="%.6g")
    with complete_file(Path(out) / "summary.md") as beside:
        beside.write_text(compose_summary(tables, evidence, notice), encoding="utf-8")
    with complete_file(Path(out) / "multi_source.md") as beside:
        beside.write_text(compose_multi_source(tables, notice), encoding="utf-8")


def choose_cases(
    scores: pd.DataFrame, cases: Sequence[str] | None, missing: pd.DataFrame | None = None
) -> tuple[str, ...]:
    """Return the low-resource targets to report; by default Swahili and Bengali, if they are targets.

    missing: rows without a score. A target that has only such rows cannot be reported; checks.csv counts them.
    """
    targets = sorted(scores["target"].unique())
    unscored = set() if missing is None else set(missing["target"]) - set(targets)
    cases = cases if cases is None else [code for code in cases if code not in unscored]
    if cases is None:
        return tuple(code for code in LOW_RESOURCE if code in targets)
    for code in cases:
        if code not in targets:
            raise UserError(f"--cases: {code!r} is not a target of the scores; choose from {', '.join(targets)}")
    return tuple(cases)
