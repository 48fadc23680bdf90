"""Data-quality checks: what a reader should know about the scores and features before interpreting any result."""

import os
from collections.abc import Collection

import numpy as np
import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.matrices import Matrices, arrange_setting
from isogloss.analysis.data.scores import SETTING, Setting, find_main_metric, list_settings, mark_kinds
from isogloss.analysis.statistics.conventions import FEWEST_LANGUAGES
from isogloss.common.errors import UserError

COLUMNS = [*SETTING, "feature", "check", "count", "of", "note"]

_SHOWN = 8
"""The maximum number of languages or pairs that a note lists."""


def tabulate_checks(evidence: Evidence) -> pd.DataFrame:
    """Return one row per data-quality warning, for each setting and for each feature (checks.csv).

    `evidence.scores` and `evidence.features` are the inputs that are used. The checks find rows without
    a score, missing pairs, languages that are only source or only target, pairs with fewer seeds, languages without
    features, missing values of features, and constant features. No warning is an error. The columns are those of a
    Setting, then feature (empty for a warning about scores), check, count, of (the total) and note.
    docs/reference/analysis.md defines them.
    """
    rows = []
    settings = list_settings(evidence.scores)
    missing = {} if evidence.missing is None else dict(iter(evidence.missing.groupby(SETTING, sort=True)))
    for setting in settings:
        key = [getattr(setting, column) for column in SETTING]
        matrices = arrange_setting(evidence.scores, evidence.features, setting)
        left_out = missing.pop(tuple(key), None)
        found = [] if left_out is None else [_count_missing(left_out, evidence.scores)]
        found += _check_scores(evidence.scores, setting, matrices) + _check_features(
            matrices, evidence.languages.unknown
        )
        rows += [[*key, *row] for row in found]
    rows += [[*key, *_count_missing(left_out, evidence.scores)] for key, left_out in missing.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def check_overlap(evidence: Evidence, path: str | os.PathLike) -> None:
    """Raise UserError if no language pair has both a score and features; `path` is the file of the scores.

    The message names one pair of each table. Languages that the user describes need no features.
    """
    scores, features = evidence.scores, evidence.features
    if features.empty and evidence.languages.own:
        return
    transfer = scores[mark_kinds(scores) == "transfer"]
    scored = set(transfer[["sources", "target"]].itertuples(index=False, name=None))
    known = set(features[["source", "target"]].itertuples(index=False, name=None))
    if scored and scored.isdisjoint(known):
        example = ",".join(min(known)) if known else "no pair"
        raise UserError(
            f"{path}: no language pair has both a score and features: the scores have {','.join(min(scored))}, the "
            f"features have {example}; use the same codes in both"
        )


def _count_missing(missing: pd.DataFrame, scores: pd.DataFrame) -> list:
    """Return the warning about the rows of a setting that have no score; the total has the rows with one too."""
    setting = missing[SETTING].iloc[0]
    there = int((scores[SETTING] == setting).all(axis=1).sum())
    pairs = [f"{source}-{target}" for source, target in zip(missing["sources"], missing["target"], strict=True)]
    return [
        "",
        "row without a score",
        len(missing),
        len(missing) + there,
        f"{_name(list(dict.fromkeys(pairs)))}; {UNSCORED}",
    ]


UNSCORED = "a run has no score if its test set has nothing to find, such as a test set without entities"


def _check_scores(scores: pd.DataFrame, setting: Setting, matrices: Matrices) -> list[list]:
    known = np.isfinite(matrices.score)
    sources, targets = known.any(axis=1), known.any(axis=0)
    names = np.array(matrices.languages)
    rows = []
    for check, only, word in (
        ("source that is no target", sources & ~targets, "sources"),
        ("target that is no source", targets & ~sources, "targets"),
    ):
        if only.any():
            total = int((sources if word == "sources" else targets).sum())
            rows.append(["", check, int(only.sum()), total, _name(names[only])])
    wanted = np.outer(sources, targets) & ~np.eye(len(names), dtype=bool)
    missing = wanted & ~known
    if missing.any():
        pairs = [f"{names[i]}-{names[j]}" for i, j in np.argwhere(missing)]
        rows.append(["", "pair without a score", len(pairs), int(wanted.sum()), _name(pairs)])
    if len(names) < FEWEST_LANGUAGES:
        note = f"no QAP and no interval: they need at least {FEWEST_LANGUAGES} languages"
        rows.append(["", "few languages", len(names), FEWEST_LANGUAGES, note])
    seeds = _count_seeds(scores, setting)
    fewer = seeds[seeds < seeds.max()]
    if len(fewer):
        pairs = [f"{source}-{target} ({count})" for (source, target), count in fewer.items()]
        rows.append(["", f"pair with fewer than {seeds.max()} seeds", len(fewer), len(seeds), _name(pairs)])
    return rows


def _count_seeds(scores: pd.DataFrame, setting: Setting) -> pd.Series:
    own = scores[(mark_kinds(scores) == "transfer") & (scores["metric"] == find_main_metric(scores, setting.task))]
    for column in SETTING:
        own = own[own[column] == getattr(setting, column)]
    return own.groupby(["sources", "target"])["seed"].nunique()


def _check_features(matrices: Matrices, unknown: Collection[str]) -> list[list]:
    scored = np.isfinite(matrices.score)
    names = matrices.languages
    rows = []
    bare = [name for name in names if name in unknown]
    if bare:
        rows.append(["", "language without features", len(bare), len(names), _name(bare)])
    for feature, values in matrices.features.items():
        missing = scored & ~np.isfinite(values)
        if missing.any():
            pairs = [f"{names[i]}-{names[j]}" for i, j in np.argwhere(missing)]
            rows.append([feature, "pair without a value", len(pairs), int(scored.sum()), _name(pairs)])
        there = values[scored & np.isfinite(values)]
        if len(there) and np.ptp(there) == 0:
            rows.append(
                [feature, "constant feature", len(there), len(there), f"the value is {there[0]:g} for all pairs"]
            )
    return rows


def _name(items: list[str] | np.ndarray) -> str:
    shown = " ".join(map(str, items[:_SHOWN]))
    return shown + (f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else "")
