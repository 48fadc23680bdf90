"""Variance of a transfer matrix by source, target, pair and seed, and its reliability and asymmetry."""

import numpy as np
import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import SETTING, Setting, find_main_metric, list_settings, mark_kinds
from isogloss.analysis.statistics.additive import explain, take_out
from isogloss.analysis.statistics.conventions import FEWEST_LANGUAGES, NO_SHARE
from isogloss.analysis.statistics.mixed import fit_mixed
from isogloss.analysis.statistics.reliability import CellMeans, measure_reliability

SAMPLE_SIZES = ["n_pairs", "n_languages", "n_sources", "n_targets", "n_seeds"]
SHARES = ["share_source", "share_target", "share_both", "share_pair", "share_seed"]
COMPONENTS = [f"{kind}_{part}" for kind in ("sd", "component") for part in ("source", "target", "pair", "seed")]
RELIABILITY = ["reliability", "reliability_pair", "split_half", "split_half_pair", "seed_of_source", "seed_of_target"]
ASYMMETRY = ["n_mirrored", "asymmetry", "asymmetry_pair", "reciprocity", "reciprocity_pair"]
COLUMNS = [*SETTING, "metric", *SAMPLE_SIZES, "mean", "sd", *SHARES, *COMPONENTS, *RELIABILITY, *ASYMMETRY, "note"]

_FEWEST_MIRRORED = 3


def tabulate_variance(evidence: Evidence) -> pd.DataFrame:
    """Decompose the variance of each transfer matrix into source, target, pair and seed (variance.csv).

    `evidence.scores` and `evidence.seed` are the inputs that are used. The table has one row per setting, over ordered
    pairs of different languages and the task's main metric. The columns include shares of the sum of squares, variance
    components, reliability and asymmetry; docs/reference/tables/variance.md defines them. What cannot be computed is
    NaN, with the reason in `note`.
    """
    rows = []
    for setting in list_settings(evidence.scores):
        metric = find_main_metric(evidence.scores, setting.task)
        key = {column: getattr(setting, column) for column in SETTING}
        rows.append(
            key | {"metric": metric} | describe_variance(tabulate_runs(evidence.scores, setting), evidence.seed)
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def tabulate_runs(scores: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """Return the single transfer runs of a setting: source, target, seed and score, sorted.

    `scores` is a scores table as read_scores returns it, and `setting` the transfer matrix. The score is the task's
    main metric. In-language runs, target-only runs and runs with several sources are not included.
    """
    own = (mark_kinds(scores) == "transfer") & (scores["metric"] == find_main_metric(scores, setting.task))
    for column in SETTING:
        own &= scores[column] == getattr(setting, column)
    runs = scores.loc[own, ["sources", "target", "seed", "score"]].rename(columns={"sources": "source"})
    return runs.sort_values(["source", "target", "seed"], ignore_index=True)


def describe_variance(runs: pd.DataFrame, seed: int) -> dict[str, object]:
    """Decompose the variance of one transfer matrix: return a dict of the columns of variance.csv after `metric`.

    `runs` is a data frame of single runs as tabulate_runs returns it, with the columns source, target, seed and score.
    `seed` determines the split halves of the seeds that are drawn, if there are too many to use all. The keys are
    numbers of pairs, languages, sources, targets and seeds; mean and standard deviation of the cells; shares, variance
    components, reliability and asymmetry; and `note`. docs/reference/tables/variance.md defines them. What cannot be
    computed is NaN, with the reason in `note`.
    """
    cells = CellMeans.from_runs(runs)
    pairs, means = cells.pairs, cells.means
    both = set(pairs["source"]) | set(pairs["target"])
    sizes = len(pairs), len(both), pairs["source"].nunique(), pairs["target"].nunique()
    found: dict[str, object] = dict.fromkeys([*SHARES, *COMPONENTS, *RELIABILITY, *ASYMMETRY], np.nan)
    found |= dict(zip(SAMPLE_SIZES, (*sizes, cells.runs), strict=True))
    found |= {"mean": means.mean(), "sd": means.std(ddof=1) if len(means) > 1 else np.nan, "n_mirrored": 0}
    if len(both) < FEWEST_LANGUAGES:
        return found | {"note": f"not computed: at least {FEWEST_LANGUAGES} languages are required"}
    if np.ptp(means) <= NO_SHARE:
        return found | {"note": "not computed: the scores are constant"}
    residuals = take_out(cells.design, means)
    notes = []
    if cells.freedom < 1:
        notes.append("no shares: there are no more cells than source and target effects")
    else:
        found |= split_variance(cells, residuals)
        components = find_components(cells)
        found |= components or {}
        notes += [] if components else ["no components: source and target effects fit the scores exactly"]
        if np.isnan(cells.noise):
            notes.append("the pair variance includes the variance between seeds: no cell has two seeds")
        reliability, reasons = measure_reliability(cells, seed)
        found |= reliability
        notes += reasons
    return found | measure_asymmetry(pairs, means, residuals, notes) | {"note": "; ".join(notes)}


def split_variance(cells: CellMeans, residuals: np.ndarray) -> dict[str, float]:
    """Return SHARES: shares of the sum of squares of the cells (means over seeds) about their mean.

    The shares of source, target and both are R2 of their dummies, alone and together. The share of the seed is the
    expected contribution of noise between seeds to the rest: freedom x pair_noise / (seeds per cell). The share of the
    pair is the rest minus the share of the seed.
    """
    means = cells.means
    total = ((means - means.mean()) ** 2).sum()
    sources = cells.pairs["source"].nunique()
    alone = explain(cells.design[:, :sources], means), explain(cells.design[:, sources:], means)
    left = (residuals**2).sum() / total
    seed = min(cells.freedom * cells.pair_noise / cells.runs / total, left) if np.isfinite(cells.noise) else np.nan
    return dict(zip(SHARES, (*alone, 1 - left, left - np.nan_to_num(seed), seed), strict=True))


def find_components(cells: CellMeans) -> dict[str, float] | None:
    """Return COMPONENTS: standard deviations of random effects, and shares of the variance of a single run.

    Source, target and residual variances are estimated by REML on the cells (fit_mixed: crossed random intercepts). The
    seed variance is the pooled variance between seeds within a cell. The pair variance is the residual variance minus
    pair_noise / (seeds per cell), at least 0. Returns None if source and target effects fit the cells exactly.
    """
    pairs = cells.pairs
    fit = fit_mixed(cells.means, np.ones((len(pairs), 1)), [pairs["source"], pairs["target"]])
    if fit is None:
        return None
    pair = max(fit.residual - np.nan_to_num(cells.pair_noise) / cells.runs, 0.0)
    variances = np.array([*fit.variances, pair, np.nan_to_num(cells.noise)])
    shares = variances / variances.sum()
    found = dict(zip(COMPONENTS, [*np.sqrt(variances), *shares], strict=True))
    unknown = ("sd_seed", "component_seed") if np.isnan(cells.noise) else ()
    return found | dict.fromkeys(unknown, np.nan)


def measure_asymmetry(
    pairs: pd.DataFrame, means: np.ndarray, residuals: np.ndarray, notes: list[str]
) -> dict[str, float]:
    """Return ASYMMETRY over language pairs with both directions; add to `notes` if there are too few."""
    place = {pair: row for row, pair in enumerate(zip(pairs["source"], pairs["target"], strict=True))}
    mirrored = [(row, place[t, s]) for (s, t), row in place.items() if (t, s) in place]
    if len(mirrored) < 2 * _FEWEST_MIRRORED:
        notes.append(f"no asymmetry: it needs at least {_FEWEST_MIRRORED} language pairs with both directions")
        return {"n_mirrored": len(mirrored) // 2}
    there, back = np.array(mirrored).T
    found: dict[str, float] = {"n_mirrored": len(mirrored) // 2}
    for name, values in (("", means), ("_pair", residuals)):
        centred = values[there] - values[there].mean()
        size = (centred**2).sum()
        if size > NO_SHARE * ((means - means.mean()) ** 2).sum():
            antisymmetric = (values[there] - values[back]) / 2
            found["asymmetry" + name] = (antisymmetric**2).sum() / size
            found["reciprocity" + name] = (centred * (values[back] - values[there].mean())).sum() / size
    return found
