"""Partial correlation of one feature with transfer given another feature, tested by double semi-partialling."""

from itertools import permutations as arrange

import numpy as np
import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.matrices import Matrices, arrange_setting, find_complete
from isogloss.analysis.data.scores import SETTING, list_settings
from isogloss.analysis.pairs.correlation import FEWEST_PAIRS, TEST_FAMILY, find_plain_p
from isogloss.analysis.statistics.conventions import FEWEST_LANGUAGES, NO_SQUARES, TIE
from isogloss.analysis.statistics.multiplicity import adjust_p_values
from isogloss.analysis.statistics.qap import draw_orders
from isogloss.analysis.statistics.transforms import (
    DOUBLE_CENTRED,
    RAW,
    correlate,
    list_effects,
    standardise_cells,
    transform,
)

COLUMNS = [*SETTING, "transform", "feature", "given", "n_pairs", "n_languages", "pearson_r", "feature_given_r"]
COLUMNS += ["partial_r", "p_plain", "p_qap", "p_holm", "p_bh", "tests", "qap_r", "qap_languages", "permutations"]
COLUMNS += ["seed", "note"]


def tabulate_partial(evidence: Evidence) -> pd.DataFrame:
    """Correlate each feature with the transfer scores of each setting, given one other feature (partial.csv).

    `evidence` provides the scores, the features, the number of permutations and the seed. The table has one row per
    setting, transform (`raw`, `double-centred`) and ordered pair of features. Only one other feature is held constant:
    tabulate_regression holds several constant at once. Given all others, a feature with near duplicates among them has
    no variance left. docs/reference/tables/correlations.md defines the columns. What cannot be computed is NaN, with
    the reason in `note`.
    """
    rows = []
    for setting in list_settings(evidence.scores):
        key = {column: getattr(setting, column) for column in SETTING}
        matrices = arrange_setting(evidence.scores, evidence.features, setting)
        pairs = list(arrange(matrices.features, 2))
        for name in (RAW, DOUBLE_CENTRED):
            observed = {pair: _observe(matrices, *pair, name) for pair in pairs}
            able = [pair for pair, row in observed.items() if np.isfinite(row["partial_r"])]
            tests = _test_partial(matrices, able, name, evidence.permutations, evidence.seed)
            for (feature, given), row in observed.items():
                test = tests.get((feature, given), {"permutations": 0, "seed": evidence.seed})
                note = "; ".join(filter(None, (row["note"], test.get("note"))))
                whole = {**key, "transform": name, "feature": feature, "given": given, **row, **test, "note": note}
                rows.append(whole)
    table = pd.DataFrame(rows, columns=COLUMNS)
    table[["tests", "p_holm", "p_bh"]] = adjust_p_values(table, [*TEST_FAMILY, "given"])
    return table.astype({"qap_languages": "Int64"})


def find_partial(r: float, r_given: float, feature_given: float) -> float:
    """Return the partial correlation of score and feature given another feature, from three correlations.

    `r` is the correlation of score and feature, `r_given` that of score and the other feature, and `feature_given` that
    of the two features. The result is NaN if the other feature explains all of the score or of the feature.
    """
    rest = (1 - r_given**2) * (1 - feature_given**2)
    return float((r - r_given * feature_given) / np.sqrt(rest)) if rest > NO_SQUARES else np.nan


def _observe(matrices: Matrices, feature: str, given: str, name: str) -> dict:
    known = matrices.know(feature, given)
    weights = known.astype(float)
    row = {"n_pairs": int(known.sum()), "n_languages": matrices.count_languages(feature, given)}
    row |= dict.fromkeys(("pearson_r", "feature_given_r", "partial_r", "p_plain"), np.nan)
    freedom = row["n_pairs"] - 2 - list_effects(known)[1][name] if known.any() else 0
    if row["n_pairs"] < FEWEST_PAIRS or freedom < 1:
        return {**row, "note": "no partial correlation: too few pairs"}
    score, one, other = (
        transform(standardise_cells(matrix, known), weights, name)
        for matrix in (matrices.score, matrices.features[feature], matrices.features[given])
    )
    r, r_given, both = (float(correlate(*pair, weights)) for pair in ((score, one), (score, other), (one, other)))
    row |= {"pearson_r": r, "feature_given_r": both}
    if not np.isfinite([r, r_given, both]).all():
        return {**row, "note": "no partial correlation: a feature or the scores are constant"}
    partial = find_partial(r, r_given, both)
    if np.isnan(partial):
        return {**row, "note": f"no partial correlation: {feature} or the scores are fully explained by {given}"}
    return {**row, "partial_r": partial, "p_plain": find_plain_p(partial, freedom), "note": ""}


def _test_partial(
    matrices: Matrices, pairs: list[tuple[str, str]], name: str, permutations: int, seed: int
) -> dict[tuple[str, str], dict]:
    """Test partial correlations over the languages without a missing pair; the same languages are tested together."""
    tests: dict[tuple[str, str], dict] = {}
    together: dict[tuple[int, ...], list[tuple[str, str]]] = {}
    for pair in pairs:
        places = find_complete(matrices.know(*pair))
        if len(places) < FEWEST_LANGUAGES:
            note = f"no QAP: it needs at least {FEWEST_LANGUAGES} languages without a missing pair"
            tests[pair] = {"permutations": 0, "seed": seed, "note": note}
        else:
            together.setdefault(tuple(places), []).append(pair)
    for places, group in together.items():
        few = len(places) < matrices.count_languages()
        note = f"QAP permutes the {len(places)} languages without a missing pair" if few else ""
        cells = np.ix_(places, places)
        names = list(dict.fromkeys(name for pair in group for name in pair))
        score, features = matrices.score[cells], np.stack([matrices.features[one][cells] for one in names])
        indices = [(names.index(feature), names.index(given)) for feature, given in group]
        for pair, r, p in zip(group, *partial_qap(score, features, indices, name, permutations, seed), strict=True):
            tests[pair] = {"qap_r": r, "p_qap": p, "qap_languages": len(places), "seed": seed, "note": note}
            tests[pair]["permutations"] = permutations if np.isfinite(p) else 0
            if np.isnan(p):
                tests[pair]["note"] = "no QAP: no partial correlation over the languages without a missing pair"
    return tests


def partial_qap(
    scores: np.ndarray, features: np.ndarray, pairs: list[tuple[int, int]], name: str, permutations: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Compute partial correlations of scores and features given one other feature, and test them by permutation.

    `scores` is an L x L array and `features` an F x L x L array. Rows are sources and columns are targets, for the same
    L languages in the same order. Both must be complete off the diagonal; the diagonal is ignored. `pairs` lists P
    pairs of indices of features, (feature, given). `name` is the transform, one of TRANSFORMS. `permutations` is the
    number of random permutations of the languages, drawn with `seed`.

    Returns two arrays of length P: the partial correlation of each pair, and its two-sided p-value. Both are NaN if the
    given feature explains all of the feature or of the scores. The residuals of the feature on the given feature are
    permuted, rows and columns together, and replace the feature. The test compares the partial correlation, which
    orders the permutations in the same way as the pivotal t.

    Source: Dekker, Krackhardt & Snijders 2007, "Sensitivity of MRQAP tests to collinearity and autocorrelation
    conditions", Psychometrika 72(4): double semi-partialling, with one other feature.
    """
    off = ~np.eye(len(scores), dtype=bool)
    variables = np.stack(
        [transform(standardise_cells(one, off), off.astype(float), name) for one in (scores, *features)]
    )
    sizes = np.sqrt((variables**2).sum(axis=(1, 2), keepdims=True))
    with np.errstate(invalid="ignore", divide="ignore"):
        variables = np.where(sizes**2 > NO_SQUARES, variables / sizes, np.nan)
    flat = variables.reshape(len(variables), -1)
    between = flat @ flat.T
    one, given = np.array(pairs).T + 1
    partial = np.array(
        [find_partial(between[0, i], between[0, j], between[i, j]) for i, j in zip(one, given, strict=True)]
    )
    left = (flat[one] - between[one, given, None] * flat[given]) / np.sqrt(1 - between[one, given, None] ** 2)
    exceeding = np.zeros(len(pairs), dtype=int)
    able = np.isfinite(partial)
    left, slope = np.where(able[:, None], left, 0.0), np.where(able, between[0, given], 0.0)
    filled = np.nan_to_num(variables)
    for order in draw_orders(len(scores), permutations, seed):
        cells = order[:, :, None], order[:, None, :]
        # Reorder all matrices but the residuals: the result is the same, with F + 1 matrices instead of one per pair.
        with_score = filled[0][cells].reshape(len(order), -1) @ left.T
        with_given = np.empty_like(with_score)
        for place in np.unique(given):
            own = given == place
            with_given[:, own] = filled[place][cells].reshape(len(order), -1) @ left[own].T
        rest = np.maximum((1 - slope**2) * (1 - with_given**2), NO_SQUARES)
        permuted = (with_score - slope * with_given) / np.sqrt(rest)
        exceeding += (np.abs(permuted) >= np.abs(np.nan_to_num(partial)) - TIE).sum(axis=0)
    return partial, np.where(able, (1 + exceeding) / (1 + permutations), np.nan)
