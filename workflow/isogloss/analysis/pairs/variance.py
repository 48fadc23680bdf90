"""Where the variance of a transfer matrix lies: in its sources, its targets, their pairs, or the seeds."""

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
    """Return the variance of each setting's transfer matrix by where it lies (columns: COLUMNS).

    Over ordered pairs of different languages, of the task's main metric. docs/reference/analysis.md defines each column; what
    cannot be computed is NaN, with the reason in `note`.
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
    """Return a setting's single runs of transfer: source, target, seed, score (of the main metric)."""
    own = (mark_kinds(scores) == "transfer") & (scores["metric"] == find_main_metric(scores, setting.task))
    for column in SETTING:
        own &= scores[column] == getattr(setting, column)
    runs = scores.loc[own, ["sources", "target", "seed", "score"]].rename(columns={"sources": "source"})
    return runs.sort_values(["source", "target", "seed"], ignore_index=True)


def describe_variance(runs: pd.DataFrame, seed: int) -> dict[str, object]:
    """Return the columns of COLUMNS after `metric`, for runs as tabulate_runs returns them.

    seed: draws the split halves where there are too many to take them all.
    """
    cells = CellMeans.from_runs(runs)
    pairs, means = cells.pairs, cells.means
    both = set(pairs["source"]) | set(pairs["target"])
    sizes = len(pairs), len(both), pairs["source"].nunique(), pairs["target"].nunique()
    found: dict[str, object] = dict.fromkeys([*SHARES, *COMPONENTS, *RELIABILITY, *ASYMMETRY], np.nan)
    found |= dict(zip(SAMPLE_SIZES, (*sizes, cells.runs), strict=True))
    found |= {"mean": means.mean(), "sd": means.std(ddof=1) if len(means) > 1 else np.nan, "n_mirrored": 0}
    if len(both) < FEWEST_LANGUAGES:
        return found | {"note": f"fewer than {FEWEST_LANGUAGES} languages"}
    if np.ptp(means) <= NO_SHARE:
        return found | {"note": "constant scores"}
    residuals = take_out(cells.design, means)
    notes = []
    if cells.freedom < 1:
        notes.append("no shares: the cells are no more than the source and target effects")
    else:
        found |= split_variance(cells, residuals)
        components = find_components(cells)
        found |= components or {}
        notes += [] if components else ["no components: source and target leave nothing"]
        if np.isnan(cells.noise):
            notes.append("pair holds the seed's variance too: no cell has two seeds")
        reliability, reasons = measure_reliability(cells, seed)
        found |= reliability
        notes += reasons
    return found | measure_asymmetry(pairs, means, residuals, notes) | {"note": "; ".join(notes)}


def split_variance(cells: CellMeans, residuals: np.ndarray) -> dict[str, float]:
    """Return SHARES: shares of the sum of squares of cells, means over seeds, about their mean.

    source, target and both are R2 of their dummies, alone and together. What both leave is the pair's, less what
    noise of the seeds is expected to leave there: freedom x pair_noise / (seeds a cell).
    """
    means = cells.means
    total = ((means - means.mean()) ** 2).sum()
    sources = cells.pairs["source"].nunique()
    alone = explain(cells.design[:, :sources], means), explain(cells.design[:, sources:], means)
    left = (residuals**2).sum() / total
    seed = min(cells.freedom * cells.pair_noise / cells.runs / total, left) if np.isfinite(cells.noise) else np.nan
    return dict(zip(SHARES, (*alone, 1 - left, left - np.nan_to_num(seed), seed), strict=True))


def find_components(cells: CellMeans) -> dict[str, float] | None:
    """Return COMPONENTS: the standard deviations of random effects, and shares of the variance of a single run.

    source, target and residual by REML on the cells (fit_mixed: crossed random intercepts); seed is the pooled
    variance between seeds within a cell; pair is the residual less pair_noise / (seeds a cell), not below 0. None where
    the cells are source and target effects exactly.
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
    """Return ASYMMETRY, over pairs of languages that have both directions; adds to the notes where there are few."""
    place = {pair: row for row, pair in enumerate(zip(pairs["source"], pairs["target"], strict=True))}
    mirrored = [(row, place[t, s]) for (s, t), row in place.items() if (t, s) in place]
    if len(mirrored) < 2 * _FEWEST_MIRRORED:
        notes.append(f"no asymmetry: fewer than {_FEWEST_MIRRORED} pairs of languages have both directions")
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
