"""The runs of a view by metric, for the tables of several sources, and what the run records add to their cells."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.run_records import GIVEN_TO_RUN, PRETRAINED
from isogloss.analysis.data.scores import GROUP, SEEN_ITEMS, find_main_metric
from isogloss.analysis.multi_source.arms import IN_LANGUAGE_ARM, NONE_ARM, SELF_SUPERVISED, Cell, Point, Runs
from isogloss.analysis.multi_source.cells import list_cells, list_totals, list_ways
from isogloss.analysis.multi_source.senses import list_views
from isogloss.analysis.statistics.paired import paired_bootstrap
from isogloss.common.run import NO_SOURCE, RUN_KEY, TEST_CORPUS

SENSE_KEY = ["sense", "held"]
ALL_GIVEN = [*GIVEN_TO_RUN, *PRETRAINED]
ALL_TARGETS = "all"
"""Value of the column `target` for the mean over targets."""

NOTHING_TO_COMPARE = "no run with several sources"
FEW_TARGETS = "too few targets for an interval or a detectable difference"
_SEEN = tuple(f"{metric}_{half}" for metric in SEEN_ITEMS for half in ("seen", "unseen"))


@dataclass(frozen=True)
class Group:
    """The runs of one view by metric, the main metric of the task first. held: the fixed arm of the other sense."""

    key: tuple[str, str, str]
    sense: str
    held: str
    metrics: dict[str, Runs]

    @property
    def main(self) -> str:
        """The main metric of the task."""
        return next(iter(self.metrics))

    @property
    def runs(self) -> Runs:
        """The scores by the main metric."""
        return self.metrics[self.main]

    def describe(self) -> dict[str, str]:
        """Return the values that all rows of the group share."""
        return {**dict(zip(GROUP, self.key, strict=True)), "sense": self.sense, "held": self.held}

    def list_alone(self, target: str) -> dict[int, float]:
        """Return shots -> mean score of the target-only runs of a target (self-supervised: without pre-training)."""
        found: dict[int, list[float]] = {}
        for point, seeds in self.runs.scores.items():
            if point.sources == NO_SOURCE and point.target == target:
                found.setdefault(point.shots, []).extend(seeds.values())
        return {shots: float(np.mean(values)) for shots, values in sorted(found.items())}


def list_groups(evidence: Evidence) -> tuple[list[Group], list[tuple]]:
    """Return the groups with arms to compare, and the keys (task, model, test corpus) without such arms."""
    views, without = list_views(evidence)
    groups = []
    for view in views:
        main = find_main_metric(view.own, view.key[0])
        metrics = [main, *(name for name in _SEEN if name in set(view.own["metric"]))]
        arranged = {metric: view.arrange(metric, evidence.runs) for metric in metrics}
        groups.append(Group(view.key, view.sense, view.held, arranged))
    return groups, without


def join_rows(rows: list[dict], columns: list[str], without: list[tuple]) -> pd.DataFrame:
    """Return the rows as a table, with a row that contains only a note for each group without arms to compare."""
    nothing = [{**dict(zip(GROUP, key, strict=True)), "note": NOTHING_TO_COMPARE} for key in without]
    return pd.DataFrame([*rows, *nothing], columns=columns)


def walk_settings(group: Group) -> Iterator[tuple[int, str, int, list[Cell]]]:
    """Yield (n, adaptation, shots, cells) for every setting of a group."""
    for n in list_totals(group.runs):
        for adaptation, shots in list_ways(group.runs):
            cells = list_cells(group.runs, n, adaptation, shots)
            if group.sense == SELF_SUPERVISED or any(cell.arm not in (NONE_ARM, IN_LANGUAGE_ARM) for cell in cells):
                yield n, adaptation, shots, cells


def find_record(runs: Runs, point: Point, seed: int) -> tuple:
    """Return the values of RUN_KEY of one run of a point, as in its record."""
    record = {**runs.records[point], "seed": seed}
    return tuple(record[name] for name in RUN_KEY)


def index_given(evidence: Evidence, group: Group) -> dict[tuple, list[float]]:
    """Return a dict from the values of RUN_KEY of each run to its values of ALL_GIVEN."""
    if evidence.runs is None:
        return {}
    own = evidence.runs[evidence.runs["task"] == group.key[GROUP.index("task")]]
    keys = own[[*RUN_KEY]].itertuples(index=False, name=None)
    return dict(zip(keys, own[ALL_GIVEN].to_numpy(dtype=float).tolist(), strict=True))


def average_given(cell: Cell, seeds: Iterable[int], runs: Runs, given: Mapping[tuple, list[float]]) -> dict[str, float]:
    """Return the means of ALL_GIVEN over the runs of a cell; NaN if a run has no record."""
    keys = [find_record(runs, point, seed) for point in cell.points for seed in seeds]
    known = [given[key] for key in keys if key in given]
    means = np.mean(known, axis=0) if len(known) == len(keys) else np.full(len(ALL_GIVEN), np.nan)
    return dict(zip(ALL_GIVEN, means, strict=True))


def resample(group: Group, one: Sequence[Point], other: Sequence[Point], evidence: Evidence) -> dict[str, float]:
    """Return the interval of the difference of two cells (paired bootstrap of test sentences); {} without counts.

    Only seeds for which all runs of both cells have counts are used.
    """
    if evidence.counts is None or one == other:
        return {}
    test_corpus = group.key[GROUP.index(TEST_CORPUS)]
    found: list[list[np.ndarray]] = [[], []]
    points = [*one, *other]
    seeds = sorted({seed for point in points for seed in group.runs.scores.get(point, ())})
    for seed in seeds:
        keys = [(*find_record(group.runs, point, seed), test_corpus) for point in points]
        if all(key in evidence.counts.runs for key in keys):
            counts = [evidence.counts.runs[key] for key in keys]
            found[0] += counts[: len(one)]
            found[1] += counts[len(one) :]
    if not found[0] or len({counts.shape for side in found for counts in side}) > 1:
        return {}
    low, high = paired_bootstrap(*found, evidence.seed)
    return {"low": low, "high": high}
