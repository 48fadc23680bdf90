"""Joint and sequential adaptation compared: the same sources and shots in one training, or one after the other."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import GROUP
from isogloss.analysis.multi_source.arms import ORACLE, Cell, rank_arm
from isogloss.analysis.multi_source.cells import list_cells, list_totals, list_ways
from isogloss.analysis.multi_source.groups import (
    ALL_TARGETS,
    FEW_TARGETS,
    SENSE_KEY,
    Group,
    average_given,
    index_given,
    join_rows,
    list_groups,
    resample,
)
from isogloss.analysis.statistics.paired import find_detectable, find_t_interval
from isogloss.common.run import JOINT, SEQUENTIAL

COLUMNS = [
    *GROUP,
    "n",
    "shots",
    *SENSE_KEY,
    "metric",
    "arm",
    "budget",
    "target",
    "case",
    "n_targets",
    "sources",
    "n_seeds",
]
COLUMNS += ["score", "sequential_score", "difference", "low", "high", "detectable", "steps", "sequential_steps", "note"]

Pair = tuple[Cell, Cell]


def tabulate_multi_source_joint(evidence: Evidence) -> pd.DataFrame:
    """Compare the joint runs of every arm with its sequential runs, for each target and over all targets.

    This is multi_source_joint.csv. The inputs are those of tabulate_multi_source. The runs are paired by seed. The
    interval of a target is a paired bootstrap of test sentences; it requires counts by sentence. The interval over
    targets is a t interval over languages. If all targets are cases, there is no mean. The oracle is left out, because
    it may choose a different source for each adaptation. docs/reference/tables/multi_source.md defines the columns.
    """
    groups, without = list_groups(evidence)
    return join_rows([row for group in groups for row in _list_rows(group, evidence)], COLUMNS, without)


def _list_rows(group: Group, evidence: Evidence) -> Iterator[dict]:
    given = index_given(evidence, group)
    ways = list_ways(group.runs)
    for n in list_totals(group.runs):
        for shots in sorted({k for way, k in ways if way == JOINT} & {k for way, k in ways if way == SEQUENTIAL}):
            key = {**group.describe(), "n": n, "shots": shots, "metric": group.main}
            pairs = _pair_cells(group, n, shots)
            for arm, budget in sorted(pairs, key=lambda name: (rank_arm(name[0]), name[1])):
                own = [_compare(group, pair, given, evidence) for pair in pairs[arm, budget]]
                own = [row for row in own if row]
                means = [_average(own)] if evidence.has_sample(row["target"] for row in own) else []
                yield from ({**key, "arm": arm, "budget": budget, **row} for row in [*own, *means])


def _pair_cells(group: Group, n: int, shots: int) -> dict[tuple[str, str], list[Pair]]:
    """Return (arm, budget) -> list of (joint, sequential), one for each target that has both."""
    joint, sequential = (
        {(cell.arm, cell.budget, cell.target): cell for cell in list_cells(group.runs, n, way, shots)}
        for way in (JOINT, SEQUENTIAL)
    )
    found: dict[tuple[str, str], list[Pair]] = {}
    for key in sorted(joint.keys() & sequential.keys()):
        if key[0] != ORACLE and joint[key].points != sequential[key].points:
            found.setdefault(key[:2], []).append((joint[key], sequential[key]))
    return found


def _compare(group: Group, pair: Pair, given: dict[tuple, list[float]], evidence: Evidence) -> dict | None:
    scores = [group.runs.average(cell.points) for cell in pair]
    seeds = sorted(scores[0].keys() & scores[1].keys())
    if not seeds:
        return None
    joint, sequential = (float(np.mean([own[seed] for seed in seeds])) for own in scores)
    steps = [average_given(cell, seeds, group.runs, given)["steps"] for cell in pair]
    fewer = len(scores[0].keys() | scores[1].keys()) > len(seeds)
    return {
        "target": pair[0].target,
        "case": "yes" if pair[0].target in evidence.cases else "no",
        "n_targets": 1,
        "sources": pair[0].sources,
        "n_seeds": len(seeds),
        "score": joint,
        "sequential_score": sequential,
        "difference": joint - sequential,
        **resample(group, pair[0].points, pair[1].points, evidence),
        "steps": steps[0],
        "sequential_steps": steps[1],
        "note": f"the difference is over the {len(seeds)} seeds that both adaptations have" if fewer else "",
    }


def _average(rows: list[dict]) -> dict:
    differences = np.array([row["difference"] for row in rows])
    mean, low, high = find_t_interval(differences)
    columns = ("score", "sequential_score", "steps", "sequential_steps")
    return {
        "target": ALL_TARGETS,
        "n_targets": len(rows),
        **{column: float(np.mean([row[column] for row in rows])) for column in columns},
        "difference": mean,
        "low": low,
        "high": high,
        "detectable": find_detectable(differences),
        "note": "" if len(rows) > 2 else FEW_TARGETS,
    }
