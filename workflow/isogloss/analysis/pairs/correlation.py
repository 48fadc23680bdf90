"""Correlation of each feature with transfer, with a plain p and a p that accounts for languages shared by pairs."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.matrices import Matrices, arrange_matrices, arrange_setting
from isogloss.analysis.data.scores import SETTING, list_settings
from isogloss.analysis.pairs.permutation import run_qap
from isogloss.analysis.pairs.proxies import find_proxies
from isogloss.analysis.statistics.conventions import FEWEST_LANGUAGES
from isogloss.analysis.statistics.multiplicity import adjust_p_values
from isogloss.analysis.statistics.resampling import (
    Resampled,
    find_bootstrap_interval,
    find_jackknife_interval,
    resample_correlations,
)
from isogloss.analysis.statistics.transforms import (
    RAW,
    TRANSFORMS,
    correlate,
    list_effects,
    rank,
    standardise_cells,
    transform,
)

FEWEST_PAIRS = 4

TEST_FAMILY = ["task", "model", "shots", "transform"]
"""Tests with the same values in these columns form one family for the correction of p-values."""

COLUMNS = [*SETTING, "feature", "transform", "primary", "needs_target_labels", "n_pairs", "n_languages"]
COLUMNS += ["pearson_r", "p_plain", "p_qap", "p_holm", "p_bh", "tests", "low", "high"]
COLUMNS += ["jackknife_low", "jackknife_high"]
COLUMNS += ["spearman_r", "spearman_p_plain", "spearman_p_qap", "spearman_low", "spearman_high"]
COLUMNS += ["qap_r", "qap_spearman_r", "qap_languages", "qap_pairs", "permutations", "seed", "note"]


def tabulate_correlations(evidence: Evidence) -> pd.DataFrame:
    """Correlate each feature with the transfer scores of each setting (correlations.csv).

    The table has one row per setting, transform and feature, over ordered pairs of different languages. `evidence`
    provides the scores, the features, the number of permutations, the seed and the declared hypothesis. If the scores
    have other models of the task, their scores are further features, `proxy:MODEL`, after the others. The columns
    include Pearson's and Spearman's r, plain p-values, p-values of the quadratic assignment procedure (QAP), corrected
    p-values, and 95% bootstrap and jackknife intervals; docs/reference/tables/correlations.md defines them. What cannot
    be computed is NaN, with the reason in `note`. Rows with the same number of languages share permutations and
    bootstrap samples.
    """
    rows = []
    for setting in list_settings(evidence.scores):
        key = {column: getattr(setting, column) for column in SETTING} | {"needs_target_labels": False}
        matrices = arrange_setting(evidence.scores, evidence.features, setting)
        rows += _correlate_matrices(matrices, evidence, key, "")
        proxies = find_proxies(evidence.scores, setting)
        if proxies:
            matrices = arrange_matrices(proxies.pairs, proxies.pairs[["source", "target", *proxies.names]])
            rows += _correlate_matrices(matrices, evidence, key | {"needs_target_labels": True}, proxies.note)
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"needs_target_labels": bool})
    primary = mark_primary(table, evidence.primary)
    table["primary"] = np.where(primary, "yes", "no")
    table[["tests", "p_holm", "p_bh"]] = adjust_p_values(table, TEST_FAMILY, primary)
    return table.astype({"qap_languages": "Int64", "qap_pairs": "Int64"})


def _correlate_matrices(matrices: Matrices, evidence: Evidence, key: dict, remark: str) -> list[dict]:
    """Return one row per transform and feature of the matrices; every note begins with `remark`."""
    rows = []
    tests = run_qap(matrices, evidence.permutations, evidence.seed)
    for name in TRANSFORMS:
        observed = {feature: _observe(matrices, feature, name) for feature in matrices.features}
        able = [feature for feature, row in observed.items() if np.isfinite(row["pearson_r"])]
        intervals = _find_intervals(matrices, able, name, evidence.seed)
        for feature, row in observed.items():
            untested = {"permutations": 0, "seed": evidence.seed}
            parts = row, tests[feature, name] if feature in able else untested, intervals.get(feature, {})
            note = "; ".join(filter(None, (remark, *(part.get("note") for part in parts))))
            whole = {**parts[0], **parts[1], **parts[2], "note": note}
            rows.append({**key, "feature": feature, "transform": name, **whole})
    return rows


def mark_primary(table: pd.DataFrame, primary: Mapping[str, object] | None) -> pd.Series:
    """Mark the rows of a table of correlations that test the declared hypothesis: the raw rows of its feature."""
    marked = (table["transform"] == RAW) & (primary is not None)
    for column in ("task", "model", "shots", "feature") if primary else ():
        marked &= table[column] == primary[column]
    return marked


def _observe(matrices: Matrices, feature: str, name: str) -> dict:
    """Return counts, both correlations and their plain p-values; tests and intervals are computed elsewhere."""
    known = matrices.know(feature)
    pairs, total = int(known.sum()), int(np.isfinite(matrices.score).sum())
    row = {"n_pairs": pairs, "n_languages": matrices.count_languages(feature)}
    row |= {"pearson_r": np.nan, "p_plain": np.nan, "spearman_r": np.nan, "spearman_p_plain": np.nan}
    missing = f"{total - pairs} of {total} pairs have no value of the feature" if pairs < total else ""
    reason = f"no correlation: it needs at least {FEWEST_PAIRS} pairs" if pairs < FEWEST_PAIRS else ""
    if not reason:
        score, values = (standardise_cells(one, known) for one in (matrices.score, matrices.features[feature]))
        weights, freedom = known.astype(float), pairs - 1 - list_effects(known)[1][name]
        r = float(correlate(transform(score, weights, name), transform(values, weights, name), weights))
        if not values.any() or not score.any():
            reason = (
                "no correlation: the scores are constant" if values.any() else "no correlation: the feature is constant"
            )
        elif freedom < 1:
            reason = f"no correlation: too few pairs for the {name} transform"
        elif not np.isfinite(r):
            reason = f"no correlation: the feature or the scores are constant after the {name} transform"
        else:
            ranked = (standardise_cells(rank(one, weights), known) for one in (score, values))
            rho = float(correlate(*(transform(one, weights, name) for one in ranked), weights))
            row |= {"pearson_r": r, "p_plain": find_plain_p(r, freedom)}
            row |= {"spearman_r": rho, "spearman_p_plain": find_plain_p(rho, freedom)}
    return {**row, "note": "; ".join(filter(None, (missing, reason)))}


def find_plain_p(r: float, freedom: int) -> float:
    """Return the two-sided p of a correlation with `freedom` degrees of freedom, if pairs were independent."""
    with np.errstate(divide="ignore"):
        t = abs(r) * np.sqrt(freedom / np.maximum(1 - r * r, 0))
    return float(2 * stats.t.sf(t, freedom))


def _find_intervals(matrices: Matrices, names: Sequence[str], name: str, seed: int) -> dict[str, dict]:
    """Return the intervals of each feature's r. Features with values in the same cells are resampled together."""
    alike: dict[bytes, list[str]] = {}
    for feature in names:
        alike.setdefault(matrices.know(feature).tobytes(), []).append(feature)
    spans: dict[str, dict] = {}
    for group in alike.values():
        if matrices.count_languages(group[0]) < FEWEST_LANGUAGES:
            spans |= {one: {"note": f"no interval: it needs at least {FEWEST_LANGUAGES} languages"} for one in group}
            continue
        for feature, found in resample_features(matrices, group, matrices.know(group[0]), name, seed).items():
            low, high = find_bootstrap_interval(found.r, found.draws)
            jackknife_low, jackknife_high = find_jackknife_interval(found)
            spearman_low, spearman_high = find_bootstrap_interval(found.spearman, found.spearman_draws)
            spans[feature] = {"low": low, "high": high, "spearman_low": spearman_low, "spearman_high": spearman_high}
            spans[feature] |= {"jackknife_low": jackknife_low, "jackknife_high": jackknife_high}
            wanting = [what for what, one in (("bootstrap", low), ("jackknife", jackknife_low)) if np.isnan(one)]
            if wanting:
                spans[feature]["note"] = (
                    f"no {' or '.join(wanting)} interval: r is undefined when some languages are left out"
                )
    return spans


def resample_features(
    matrices: Matrices, names: Sequence[str], known: np.ndarray, name: str, seed: int
) -> dict[str, Resampled]:
    """Resample the correlations of the named features over the same known cells (L x L), under the transform `name`."""
    places = np.flatnonzero(known.any(axis=0) | known.any(axis=1))
    cells = np.ix_(places, places)
    there = known[cells]
    score = standardise_cells(matrices.score[cells], there)
    features = np.stack([standardise_cells(matrices.features[feature][cells], there) for feature in names])
    return dict(zip(names, resample_correlations(score, features, there, name, seed), strict=True))


def correlate_pairs(pairs: pd.DataFrame, feature: str) -> tuple[int, int, float, float, str]:
    """Correlate one feature with the scores of language pairs, without a permutation test.

    `pairs` is a data frame with the columns source, target and score, and a column named by `feature`. Pairs without a
    value of the feature are ignored. Returns the number of pairs, the number of languages, Pearson's r, its two-sided
    p-value, and a note. The p-value treats pairs as independent, which they are not; see `qap` for a valid test. With
    fewer than 4 pairs or a constant column, r and p are NaN and the note gives the reason.
    """
    row = _observe(arrange_matrices(pairs, pairs[["source", "target", feature]]), feature, RAW)
    return row["n_pairs"], row["n_languages"], row["pearson_r"], row["p_plain"], row["note"]
