"""Correlation of each feature with transfer, with a plain p and one that knows that pairs share languages."""

import numpy as np
import pandas as pd
from scipy import stats

from isogloss.analysis.dyadic import permute_correlations
from isogloss.analysis.scores import NO_SOURCE, SETTING, Setting, list_settings, transfer_matrix

FEWEST_PAIRS = 4
FEWEST_LANGUAGES = 5
"""With fewer, a matrix has too few permutations (24 of 4 languages) for a p-value to mean anything."""

COLUMNS = [*SETTING, "feature", "n_pairs", "n_languages", "pearson_r", "p_plain", "p_qap"]
COLUMNS += ["permutations", "seed", "note"]

_CONSTANT = 1e-12


def tabulate_pairs(scores: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """Return a setting's transfer scores: source, target, score (mean over seeds); in-language left out."""
    matrix = transfer_matrix(scores, setting)
    pairs = matrix.drop(index=NO_SOURCE, errors="ignore").rename_axis(columns="target").stack().dropna()
    pairs = pairs.rename("score").reset_index()
    return pairs[pairs["source"] != pairs["target"]].reset_index(drop=True)


def select_features(features: pd.DataFrame, task: str, model: str) -> pd.DataFrame:
    """Return the features of a task and model: `source,target,<numeric columns>`, a row for each pair.

    features: the same, or with columns `task` and `model` before, which are empty in rows that hold for all.
    Columns of text are left out, and those without any value for this task and model.
    """
    chosen = features
    for column, wanted in (("task", task), ("model", model)):
        if column in chosen.columns:
            chosen = chosen[chosen[column].isna() | chosen[column].isin(["", wanted])]
    numbers = chosen.set_index(["source", "target"]).select_dtypes("number")
    return numbers.groupby(level=[0, 1]).first().dropna(axis="columns", how="all").reset_index()


def correlate_features(scores: pd.DataFrame, features: pd.DataFrame, permutations: int, seed: int) -> pd.DataFrame:
    """Correlate each feature with the main metric, for every setting of the scores.

    features: as select_features takes them. Returns the columns COLUMNS, defined in docs/analysis.md.
    What cannot be computed is NaN, with the reason in `note`. The same permutations serve every setting.
    """
    rows = []
    for setting in list_settings(scores):
        own = select_features(features, setting.task, setting.model)
        names = [column for column in own.columns if column not in ("source", "target")]
        pairs = tabulate_pairs(scores, setting).merge(own, on=["source", "target"], how="left")
        tests = _test_by_permutation(pairs, names, permutations, seed)
        for name in names:
            key = [getattr(setting, column) for column in SETTING]
            rows.append([*key, name, *correlate_pairs(pairs, name), *tests[name]])
    parts = [*COLUMNS[:-4], "note_plain", "p_qap", "permutations", "seed", "note_qap"]
    table = pd.DataFrame(rows, columns=parts)
    notes = table[["note_plain", "note_qap"]].agg(lambda row: "; ".join(filter(None, row)), axis=1)
    return table.assign(note=notes if len(table) else "")[COLUMNS]


def correlate_pairs(pairs: pd.DataFrame, feature: str) -> tuple[int, int, float, float, str]:
    """Return number of pairs, number of languages, Pearson's r, its plain two-sided p, and a note.

    pairs: source, target, score and the feature's column; pairs without a value are left out. The plain p
    treats pairs as independent, which they are not. r and p are NaN, and the note says why, with too few
    pairs or a constant column.
    """
    known = pairs.dropna(subset=[feature])
    languages = len(set(known["source"]) | set(known["target"]))
    note = f"no value for {len(pairs) - len(known)} of {len(pairs)} pairs" if len(known) < len(pairs) else ""
    if len(known) < FEWEST_PAIRS:
        reason = f"fewer than {FEWEST_PAIRS} pairs"
    elif np.ptp(known[feature]) <= _CONSTANT:
        reason = "constant feature"
    elif np.ptp(known["score"]) <= _CONSTANT:
        reason = "constant scores"
    else:
        r, p = stats.pearsonr(known[feature], known["score"])
        return len(known), languages, float(r), float(p), note
    return len(known), languages, np.nan, np.nan, "; ".join(filter(None, (note, reason)))


def _test_by_permutation(pairs: pd.DataFrame, names: list[str], permutations: int, seed: int) -> dict[str, tuple]:
    """Return p_qap, permutations, seed and a note for each feature."""
    languages = sorted(set(pairs["source"]) | set(pairs["target"]))
    if len(languages) < FEWEST_LANGUAGES:
        return dict.fromkeys(names, (np.nan, 0, seed, f"no QAP: fewer than {FEWEST_LANGUAGES} languages"))
    if len(pairs) < len(languages) * (len(languages) - 1):
        return dict.fromkeys(names, (np.nan, 0, seed, "no QAP: the matrix is not square and complete"))
    squares = {name: _square(pairs, name, languages) for name in ["score", *names]}
    off = ~np.eye(len(languages), dtype=bool)
    able = [name for name in names if np.isfinite(squares[name][off]).all()]
    able = [name for name in able if min(np.ptp(squares[name][off]), np.ptp(squares["score"][off])) > _CONSTANT]
    tests = dict.fromkeys(names, (np.nan, 0, seed, "no QAP: the feature is incomplete or constant"))
    if able:
        stacked = np.stack([squares[name] for name in able])
        _, p_values = permute_correlations(squares["score"], stacked, permutations, seed)
        tests |= {name: (float(p), permutations, seed, "") for name, p in zip(able, p_values, strict=True)}
    return tests


def _square(pairs: pd.DataFrame, column: str, languages: list[str]) -> np.ndarray:
    square = pairs.pivot(index="source", columns="target", values=column)
    return square.reindex(index=languages, columns=languages).to_numpy(dtype=float)
