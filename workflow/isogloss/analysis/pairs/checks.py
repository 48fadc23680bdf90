"""What a reader should know of the scores and features before believing any number made from them."""

import os

import numpy as np
import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.matrices import Matrices, arrange_setting
from isogloss.analysis.data.scores import SETTING, Setting, find_main_metric, list_settings, mark_kinds
from isogloss.analysis.statistics.conventions import FEWEST_LANGUAGES
from isogloss.common.errors import UserError

COLUMNS = [*SETTING, "feature", "check", "count", "of", "note"]

_SHOWN = 8
"""Languages or pairs that a note names at most."""


def tabulate_checks(evidence: Evidence) -> pd.DataFrame:
    """Return a row for each thing that is not as one would wish; none of them is an error.

    Returns the columns COLUMNS, defined in docs/reference/analysis.md: of each setting, and with `feature` of one feature.
    """
    rows = []
    for setting in list_settings(evidence.scores):
        key = [getattr(setting, column) for column in SETTING]
        matrices = arrange_setting(evidence.scores, evidence.features, setting)
        found = _check_scores(evidence.scores, setting, matrices) + _check_features(matrices)
        rows += [[*key, *row] for row in found]
    return pd.DataFrame(rows, columns=COLUMNS)


def check_overlap(scores: pd.DataFrame, features: pd.DataFrame, path: str | os.PathLike) -> None:
    """Refuse scores, read from `path`, and features that share no pair of languages: UserError names a pair of each."""
    transfer = scores[mark_kinds(scores) == "transfer"]
    scored = set(transfer[["sources", "target"]].itertuples(index=False, name=None))
    known = set(features[["source", "target"]].itertuples(index=False, name=None))
    if scored and scored.isdisjoint(known):
        example = ",".join(min(known)) if known else "no pair"
        raise UserError(
            f"{path}: no scored pair of languages has features: scored is {','.join(min(scored))}, features has "
            f"{example}; use the same codes in both"
        )


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
        note = f"no QAP and no interval below {FEWEST_LANGUAGES}"
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


def _check_features(matrices: Matrices) -> list[list]:
    scored = np.isfinite(matrices.score)
    names = matrices.languages
    rows = []
    for feature, values in matrices.features.items():
        missing = scored & ~np.isfinite(values)
        if missing.any():
            pairs = [f"{names[i]}-{names[j]}" for i, j in np.argwhere(missing)]
            rows.append([feature, "pair without a value", len(pairs), int(scored.sum()), _name(pairs)])
        there = values[scored & np.isfinite(values)]
        if len(there) and np.ptp(there) == 0:
            rows.append([feature, "constant feature", len(there), len(there), f"{there[0]:g} for every pair"])
    return rows


def _name(items: list[str] | np.ndarray) -> str:
    shown = " ".join(map(str, items[:_SHOWN]))
    return shown + (f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else "")
