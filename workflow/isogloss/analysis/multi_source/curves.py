"""Few-shot curves of the arms, and scores by number of sources at an equal total."""

import numpy as np
import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import GROUP, SETTING
from isogloss.analysis.few_shot.curve_area import measure_area
from isogloss.analysis.multi_source.arms import (
    BEST,
    EQUAL_PER_SOURCE,
    HINDSIGHT,
    IN_LANGUAGE_ARM,
    MEAN_SINGLE,
    NONE_ARM,
    ORACLE,
    SUPERVISED,
    Cell,
    rank_arm,
)
from isogloss.analysis.multi_source.cells import list_totals
from isogloss.analysis.multi_source.comparison import REFERENCES
from isogloss.analysis.multi_source.groups import ALL_TARGETS, SENSE_KEY, Group, join_rows, list_groups, walk_settings
from isogloss.analysis.statistics.paired import find_t_interval
from isogloss.common.run import DIRECT

AREA_COLUMNS = [
    *GROUP,
    "n",
    "adaptation",
    *SENSE_KEY,
    "metric",
    "reference",
    "arm",
    "budget",
    "target",
    "n_targets",
    "shots",
]
AREA_COLUMNS += ["area", "compared_shots", "difference", "low", "high", "note"]

SIZE_COLUMNS = [*SETTING, *SENSE_KEY, "metric", "n_sources", "arm", "n_targets", "score"]
SIZE_COLUMNS += ["one_source", "difference", "low", "high", "note"]

Curves = dict[tuple[str, str, str], dict[int, float]]


def tabulate_multi_source_areas(evidence: Evidence) -> pd.DataFrame:
    """Return the area under the few-shot curve of each arm, for each target and as a mean over targets.

    This is multi_source_areas.csv. The inputs are those of tabulate_multi_source. Each curve starts at the zero-shot
    score of the same source models. If all targets are cases, there is no mean. docs/reference/tables/multi_source.md
    defines the columns.
    """
    groups, without = list_groups(evidence)
    rows = []
    for group in groups:
        for n in list_totals(group.runs):
            for adaptation, curves in _list_curves(group, n).items():
                key = {**group.describe(), "n": n, "adaptation": adaptation, "metric": group.main}
                for reference in REFERENCES[group.sense]:
                    rows += [{**key, "reference": reference, **row} for row in _measure(curves, reference, evidence)]
    return join_rows(rows, AREA_COLUMNS, without)


def _list_curves(group: Group, n: int) -> dict[str, Curves]:
    """Return adaptation -> (arm, budget, target) -> shots -> mean over seeds.

    The scores of `direct` are the zero-shot start of the curves of every other adaptation.
    """
    found: dict[str, Curves] = {}
    for total, adaptation, shots, cells in walk_settings(group):
        for cell in cells if total == n else []:
            scores = group.runs.average(cell.points)
            if scores and (group.sense, cell.arm) != (SUPERVISED, IN_LANGUAGE_ARM):
                curve = found.setdefault(adaptation, {}).setdefault((cell.arm, cell.budget, cell.target), {})
                curve[shots] = float(np.mean(list(scores.values())))
    direct = found.pop(DIRECT, {})
    for curves in found.values():
        for key, curve in direct.items():
            curves[key] = {**curve, **curves.get(key, {})}
    return found


def _measure(curves: Curves, reference: str, evidence: Evidence) -> list[dict]:
    rows = []
    for arm, budget in sorted({key[:2] for key in curves}, key=lambda key: (rank_arm(key[0]), key[1])):
        own = [_measure_target(curves, key, reference) for key in sorted(curves) if key[:2] == (arm, budget)]
        own = [row for row in own if row]
        rows += own
        if evidence.has_sample(row["target"] for row in own):
            rows.append({"arm": arm, "budget": budget, **_average(own)})
    return rows


def _measure_target(curves: Curves, key: tuple[str, str, str], reference: str) -> dict | None:
    arm, budget, target = key
    same = [one for one in curves if (one[0], one[2]) == (reference, target) and one[1] != EQUAL_PER_SOURCE]
    curve, best = curves[key], curves[same[0]] if same else {}
    if len(curve) < 2:
        return None
    row = {"arm": arm, "budget": budget, "target": target, "n_targets": 1, "area": measure_area(curve)}
    row["shots"] = " ".join(map(str, sorted(curve)))
    common = sorted(curve.keys() & best.keys())
    if len(common) < 2:
        return {**row, "note": f"the arm and {reference} have fewer than two numbers of shots in common"}
    areas = [measure_area({shots: one[shots] for shots in common}) for one in (curve, best)]
    return {**row, "compared_shots": " ".join(map(str, common)), "difference": areas[0] - areas[1], "note": ""}


def _average(rows: list[dict]) -> dict:
    """Return the row over all targets; targets with other numbers of shots than the most frequent ones are left out."""
    shots = [row["shots"] for row in rows]
    usual = max(sorted(set(shots)), key=shots.count)
    kept = [row for row in rows if row["shots"] == usual]
    note = (
        "" if len(kept) == len(rows) else f"{len(rows) - len(kept)} targets left out: they have other numbers of shots"
    )
    row = {"target": ALL_TARGETS, "n_targets": len(kept), "shots": usual, "note": note}
    row["area"] = float(np.mean([one["area"] for one in kept]))
    paired = [one for one in kept if "difference" in one]
    if not paired or len({one["compared_shots"] for one in paired}) > 1:
        return row
    mean, low, high = find_t_interval(np.array([one["difference"] for one in paired]))
    return {**row, "compared_shots": paired[0]["compared_shots"], "difference": mean, "low": low, "high": high}


def tabulate_multi_source_sizes(evidence: Evidence) -> pd.DataFrame:
    """Return the mean score by number of sources at an equal total, over the targets that all arms have.

    This is multi_source_sizes.csv. The inputs are those of tabulate_multi_source. The arms are mean-single and the sets
    that are chosen without scores; for self-supervised pre-training, all arms except single languages by name.
    Differences are relative to one source: to mean-single, or to the predicted best source if some single sources have
    no runs. If all targets are cases, there is no mean. docs/reference/tables/multi_source.md defines the columns.
    """
    groups, without = list_groups(evidence)
    rows = []
    for group in groups:
        for n, adaptation, shots, cells in walk_settings(group):
            key = {**group.describe(), "n": n, "adaptation": adaptation, "shots": shots, "metric": group.main}
            rows += [{**key, **row} for row in _count_sources(group, cells, evidence)]
    return join_rows(rows, SIZE_COLUMNS, without)


def _count_sources(group: Group, cells: list[Cell], evidence: Evidence) -> list[dict]:
    arms: dict[str, dict[str, tuple[int, float]]] = {}
    bounds = (NONE_ARM, IN_LANGUAGE_ARM) if group.sense == SUPERVISED else ()
    for cell in cells:
        chosen = cell.budget != EQUAL_PER_SOURCE and cell.arm not in (*bounds, ORACLE, HINDSIGHT)
        scores = group.runs.average(cell.points)
        if chosen and scores and rank_arm(cell.arm)[0] != 1:
            arms.setdefault(cell.arm, {})[cell.target] = cell.n_sources, float(np.mean(list(scores.values())))
    most = max((len(own) for own in arms.values()), default=0)
    full = {arm: own for arm, own in arms.items() if len(own) == most}
    common = sorted(set.intersection(*(set(own) for own in full.values()))) if full else []
    if not evidence.has_sample(common) or len(full) < 2:
        return []
    means = {arm: np.array([own[target][1] for target in common]) for arm, own in full.items()}
    one = next((arm for arm in (MEAN_SINGLE, BEST) if arm in means), None)
    rows = []
    for arm, own in full.items():
        sizes = {own[target][0] for target in common}
        row = {"n_sources": max(sizes), "arm": arm, "n_targets": len(common), "score": float(means[arm].mean())}
        row["note"] = "" if len(sizes) == 1 else f"some targets have only {min(sizes)} sources"
        if one and arm != one:
            difference, low, high = find_t_interval(means[arm] - means[one])
            row |= {"one_source": one, "difference": difference, "low": low, "high": high}
        rows.append(row)
    return sorted(rows, key=lambda row: (row["n_sources"], rank_arm(row["arm"])))
