"""Regression of transfer on several features: each feature given the others, alone and beyond source and target."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from statsmodels.stats.outliers_influence import variance_inflation_factor

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.languages import Languages
from isogloss.analysis.data.pairs import select_features, tabulate_pairs
from isogloss.analysis.data.scores import SETTING, Setting, list_settings
from isogloss.analysis.pairs.predictors import choose_predictors
from isogloss.analysis.pairs.proxies import Proxies, find_proxies
from isogloss.analysis.statistics.additive import code_languages, explain, find_redundant
from isogloss.analysis.statistics.conventions import FEWEST_LANGUAGES, TIE
from isogloss.analysis.statistics.mixed import fit_mixed
from isogloss.analysis.statistics.mrqap import mrqap
from isogloss.analysis.statistics.transforms import DOUBLE_CENTRED, RAW

TERMS = ["coefficient", "mrqap_coefficient", "p_mrqap", "beyond_coefficient", "p_mrqap_beyond"]
TERMS += ["mixed_coefficient", "vif"]
FIT = ["r2", "r2_additive", "r2_beyond", "sd_source", "sd_target", "sd_source_family", "sd_target_family", "sd_rest"]
COLUMNS = [*SETTING, "with_proxy", "feature", "needs_target_labels", "n_pairs", "n_languages"]
COLUMNS += [*TERMS, "permutations", "seed", *FIT, "note"]

_FAMILIES = _LANGUAGES_OF_A_FAMILY = 3
_CELLS = 0.9
"""The share of cells that MRQAP requires. With fewer cells in common with the scores, the test rejects too often."""


_Part = tuple[dict[str, dict[str, float]], dict[str, float], list[str]]
"""The results of one part of the regression: per feature, for the whole regression, and notes."""


@dataclass(frozen=True)
class Material:
    """The input of a setting's regression.

    pairs: source, target, score and features. taken: the features in the regression; every pair has a value of them.
    reasons: why each other feature is left out. notes: changes to the pairs. problem: why no regression is possible
    with these scores, or empty.
    """

    pairs: pd.DataFrame
    taken: list[str]
    reasons: dict[str, str]
    notes: list[str]
    problem: str = ""


def tabulate_regression(evidence: Evidence) -> pd.DataFrame:
    """Regress the scores of each setting on several features: one row per setting and feature (regression.csv).

    `evidence` provides the scores, the features and their traits, the number of permutations, the seed and the declared
    hypothesis. Scores and features are standardised. The columns include coefficients with and without source and
    target effects, their MRQAP p-values, mixed-model coefficients, variance inflation factors and R2;
    docs/reference/tables/regression.md defines them. If the scores have other models of the task, one more regression
    per model follows, on the features and that proxy. What cannot be computed is NaN, with the reason in `note`. A
    feature that is left out has a row without numbers.
    """
    rows = []
    for setting in list_settings(evidence.scores):
        material = gather_material(evidence, setting)
        key = {column: getattr(setting, column) for column in SETTING} | {"seed": evidence.seed}
        rows += _tabulate_fit(material, evidence, key | {"with_proxy": "", "needs_target_labels": False})
        proxies = find_proxies(evidence.scores, setting)
        for name in proxies.names if proxies else ():
            joined = _add_proxy(material, proxies, name, evidence)
            rows += _tabulate_fit(joined, evidence, key | {"with_proxy": name, "needs_target_labels": True})
    return pd.DataFrame(rows, columns=COLUMNS)


def _tabulate_fit(material: Material, evidence: Evidence, key: dict[str, object]) -> list[dict[str, object]]:
    languages = set(material.pairs["source"]) | set(material.pairs["target"])
    key = key | {"n_pairs": len(material.pairs), "n_languages": len(languages), "permutations": 0}
    options = evidence.permutations, evidence.seed, evidence.languages
    fitted = _fit(material, *options) if material.taken else {}
    rows = [key | {"feature": name} | fitted[name] for name in material.taken]
    left_out = key | {"n_pairs": 0, "n_languages": 0}
    return rows + [left_out | {"feature": name, "note": reason} for name, reason in material.reasons.items()]


def gather_material(evidence: Evidence, setting: Setting) -> Material:
    """Return the pairs and features of a setting's regression; no feature is taken if no regression is possible."""
    own = select_features(evidence.features, setting.task, setting.model)
    names = [column for column in own.columns if column not in ("source", "target")]
    pairs = tabulate_pairs(evidence.scores, setting).merge(own, on=["source", "target"], how="left")
    return _take_features(pairs, names, evidence)


def _add_proxy(material: Material, proxies: Proxies, name: str, evidence: Evidence) -> Material:
    """Return the input of a regression on a proxy and the features of the regression without it.

    The proxy comes first, after the declared feature. If there are too many features for the number of languages, the
    last ones are left out.
    """
    features = material.pairs[["source", "target", *material.taken]]
    pairs = proxies.pairs[["source", "target", "score", name]].merge(features, on=["source", "target"], how="left")
    joined = _take_features(pairs, [name, *material.taken], evidence)
    return replace(joined, notes=[proxies.note, *joined.notes])


def _take_features(pairs: pd.DataFrame, names: list[str], evidence: Evidence) -> Material:
    """Choose features among the named columns of the pairs, and keep the pairs with a value of every feature taken."""
    languages = set(pairs["source"]) | set(pairs["target"])
    impossible = (
        f"not computed: at least {FEWEST_LANGUAGES} languages are required" if len(languages) < FEWEST_LANGUAGES else ""
    )
    if not impossible and np.ptp(pairs["score"]) <= TIE:
        impossible = "not computed: the scores are constant"
    if impossible:
        return Material(pairs, [], dict.fromkeys(names, impossible), [], impossible)
    taken, reasons = choose_predictors(pairs, names, evidence)
    known = pairs.dropna(subset=taken).reset_index(drop=True)
    left = set(known["source"]) | set(known["target"])
    if len(left) < FEWEST_LANGUAGES or np.ptp(known["score"]) <= TIE:
        reason = "no regression: too few pairs have a value of every feature"
        return Material(pairs, [], reasons | dict.fromkeys(taken, reason), [])
    notes = [f"{len(pairs) - len(known)} of {len(pairs)} pairs are left out because a feature has no value"]
    return Material(known, taken, reasons, notes if len(known) < len(pairs) else [])


def _fit(material: Material, permutations: int, seed: int, languages: Languages) -> dict[str, dict[str, object]]:
    """Return TERMS, permutations, FIT and the note of each feature taken."""
    pairs, names = material.pairs, material.taken
    values = standardise(pairs[[*names, "score"]].to_numpy(dtype=float))
    features, score = values[:, :-1], values[:, -1]
    constant = np.ones((len(pairs), 1))
    plain = np.hstack([constant, features])
    if len(pairs) <= plain.shape[1]:
        return {name: {"note": "no regression: too few pairs for the number of features"} for name in names}
    coefficients = np.linalg.lstsq(plain, score, rcond=None)[0][1:]
    factors = [variance_inflation_factor(plain, place + 1) for place in range(len(names))]
    found = {
        name: {"coefficient": coefficient, "vif": factor}
        for name, coefficient, factor in zip(names, coefficients, factors, strict=True)
    }
    fit, notes = {"r2": explain(plain, score)}, list(material.notes)
    for part in (_go_beyond, partial(_fit_random, languages)):
        terms, whole, reasons = part(pairs, names, features, score)
        fit |= whole
        notes += reasons
        for name in names:
            found[name] |= terms.get(name, {})
    tested, reasons = run_mrqap(pairs, names, permutations, seed)
    note = "; ".join([*notes, *reasons])
    return {name: found[name] | tested.get(name, {}) | fit | {"note": note} for name in names}


def standardise(values: np.ndarray) -> np.ndarray:
    """Return the columns scaled to mean 0 and standard deviation 1."""
    return (values - values.mean(axis=0)) / values.std(axis=0)


def _go_beyond(pairs: pd.DataFrame, names: list[str], features: np.ndarray, score: np.ndarray) -> _Part:
    """Fit source and target dummies, alone and together with the features."""
    additive = code_languages(pairs["source"], pairs["target"])
    redundant = find_redundant(additive, features)
    able = [place for place, one in enumerate(redundant) if not one]
    if len(pairs) <= np.linalg.matrix_rank(additive) + len(able):
        return {}, {}, ["no r2_beyond: too few pairs for source and target effects"]
    full = np.hstack([additive, features[:, able]])
    coefficients = np.linalg.lstsq(full, score, rcond=None)[0][additive.shape[1] :]
    terms = {names[place]: {"beyond_coefficient": one} for place, one in zip(able, coefficients, strict=True)}
    alone = explain(additive, score)
    reasons = [f"source and target effects explain all of {name}" for name in names if name not in terms]
    return terms, {"r2_additive": alone, "r2_beyond": explain(full, score) - alone}, reasons


def _fit_random(
    languages: Languages, pairs: pd.DataFrame, names: list[str], features: np.ndarray, score: np.ndarray
) -> _Part:
    """Fit the mixed model: crossed random effects of source and target, and of their families if there are enough."""
    groupings = {"sd_source": pairs["source"], "sd_target": pairs["target"]}
    families, reason = find_families(pairs, languages)
    if families:
        groupings |= {f"sd_{role}_family": pairs[role].map(families) for role in ("source", "target")}
    model = fit_mixed(score, np.hstack([np.ones((len(pairs), 1)), features]), list(groupings.values()))
    if model is None:
        return {}, {}, ["no mixed model: source effects, target effects and features fit the scores exactly"]
    terms = {name: {"mixed_coefficient": one} for name, one in zip(names, model.coefficients[1:], strict=True)}
    spread = pairs["score"].std(ddof=0)
    whole = {name: np.sqrt(one) * spread for name, one in zip(groupings, model.variances, strict=True)}
    return terms, whole | {"sd_rest": np.sqrt(model.residual) * spread}, [reason] if reason else []


def find_families(pairs: pd.DataFrame, languages: Languages) -> tuple[dict[str, str], str]:
    """Return the family of each language, or an empty dict and the reason why there are no family effects."""
    codes = sorted(set(pairs["source"]) | set(pairs["target"]))
    families = {code: languages.find_family(code) for code in codes}
    unknown = [code for code in codes if not families[code]]
    if unknown:
        return {}, f"no family effects: the family of {unknown[0]} is unknown"
    sizes = pd.Series(families).value_counts()
    if (sizes >= _LANGUAGES_OF_A_FAMILY).sum() < _FAMILIES:
        return {}, f"no family effects: fewer than {_FAMILIES} families have {_LANGUAGES_OF_A_FAMILY} languages"
    return families, ""


def run_mrqap(
    pairs: pd.DataFrame, names: list[str], permutations: int, seed: int
) -> tuple[dict[str, dict[str, float]], list[str]]:
    """Return mrqap_coefficient, p_mrqap, p_mrqap_beyond and permutations of each feature, and notes.

    pairs: source, target, score and the features, without missing values. MRQAP uses the languages of _find_common.
    """
    common = _find_common(pairs)
    own = pairs[pairs["source"].isin(common) & pairs["target"].isin(common)]
    cells = len(common) * (len(common) - 1)
    if len(common) < FEWEST_LANGUAGES:
        return {}, [
            f"no MRQAP: it needs at least {FEWEST_LANGUAGES} languages that are both source and target, with "
            f"{_CELLS:.0%} of their cells"
        ]
    values = own[names].to_numpy(dtype=float)
    if any(find_redundant(np.ones((len(own), 1)), values)) or np.ptp(own["score"]) <= TIE:
        return {}, ["no MRQAP: a column is constant or collinear over the languages that are both source and target"]
    notes = [
        f"MRQAP uses {len(own)} pairs of the {len(common)} languages that are both source and target, with at least "
        f"{_CELLS:.0%} of their cells"
    ]
    notes = notes if len(own) < len(pairs) else []
    if len(own) < cells:
        notes.append(f"MRQAP is refitted for each permutation: {cells - len(own)} of {cells} cells are missing")
    squares = [own.pivot(index="source", columns="target", values=name) for name in ("score", *names)]
    score, *features = [square.reindex(index=common, columns=common).to_numpy(dtype=float) for square in squares]
    features = np.stack(features)
    standard = standardise(own[[*names, "score"]].to_numpy(dtype=float))
    coefficients = np.linalg.lstsq(standard[:, :-1], standard[:, -1], rcond=None)[0]
    _, p_values = mrqap(score, features, permutations, seed, RAW)
    found = {
        name: {"mrqap_coefficient": coefficient, "p_mrqap": p, "permutations": permutations}
        for name, coefficient, p in zip(names, coefficients, p_values, strict=True)
    }
    redundant = find_redundant(code_languages(own["source"], own["target"]), values)
    able = [place for place, one in enumerate(redundant) if not one]
    if able:
        t, p_values = mrqap(score, features[able], permutations, seed, DOUBLE_CENTRED)
        for place, one, p in zip(able, t, p_values, strict=True):
            found[names[place]]["p_mrqap_beyond"] = p if np.isfinite(one) else np.nan
    return found, notes


def _find_common(pairs: pd.DataFrame) -> list[str]:
    """Return the languages that are both source and target and share at least nine tenths of their cells.

    While more cells are missing, the language with the most missing cells is dropped.
    """
    common = sorted(set(pairs["source"]) & set(pairs["target"]))
    there = pd.crosstab(pairs["source"], pairs["target"]).reindex(index=common, columns=common, fill_value=0)
    while len(there) > 1 and there.to_numpy().sum() < _CELLS * len(there) * (len(there) - 1):
        worst = (there.sum(axis=0) + there.sum(axis=1)).idxmin()
        there = there.drop(index=worst, columns=worst)
    return list(there.index)
