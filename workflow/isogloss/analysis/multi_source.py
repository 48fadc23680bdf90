"""What training on several sources, or pre-training on several languages, does: every arm against one of reference."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from isogloss.analysis.arms import (
    BEST,
    EQUAL_PER_SOURCE,
    IN_LANGUAGE,
    NONE,
    ORACLE,
    SELF_SUPERVISED,
    SUPERVISED,
    Cell,
    Point,
    Runs,
)
from isogloss.analysis.cells import list_cells, list_totals, list_ways
from isogloss.analysis.curve_area import tell_saved
from isogloss.analysis.evidence import Evidence
from isogloss.analysis.paired import bootstrap_difference, find_detectable, find_t_interval
from isogloss.analysis.run_records import GIVEN, PRETRAINED
from isogloss.analysis.scores import NO_SOURCE, SETTING, find_main_metric
from isogloss.analysis.senses import GROUP, list_views

KIND = ["sense", "held"]
ARM = [*SETTING, *KIND, "metric", "reference", "arm", "budget"]
ALL_GIVEN = [*GIVEN, *PRETRAINED]

COLUMNS = [*ARM, "target", "case", "sources", "n_sources", "n_labelled", "n_seeds", *ALL_GIVEN]
COLUMNS += ["score", "baseline", "baseline_score", "difference", "low", "high", "shots_saved", "chosen_on"]
COLUMNS += ["seed", "note"]

MEANS = [*ARM, "n_sources", "n_targets", "n_same", *ALL_GIVEN, "score", "baseline_score"]
MEANS += ["difference", "low", "high", "detectable", "without_english", "note"]

ENGLISH = "en"
"""The language that most models start from and recipes are chosen in: what is found without it is told as well."""

REFERENCES = {SUPERVISED: (BEST,), SELF_SUPERVISED: (BEST, NONE)}
"""The arms that the others are compared with."""

NOTHING = "no run of several sources"
CASES_ONLY = "its targets are cases, no sample of languages: no mean over them"
_MENTIONS = ("f1_seen", "f1_unseen")
_WORDS = {
    (SUPERVISED, BEST): "the source predicted best",
    (SELF_SUPERVISED, BEST): "the language predicted best",
    (SELF_SUPERVISED, NONE): "the model without pre-training",
}


@dataclass(frozen=True)
class Group:
    """The runs of one view, by metric, the task's main one first. held: the arm of the other sense."""

    key: tuple[str, str, str]
    sense: str
    held: str
    metrics: dict[str, Runs]

    @property
    def main(self) -> str:
        """The task's metric."""
        return next(iter(self.metrics))

    @property
    def runs(self) -> Runs:
        """Scores by the task's metric."""
        return self.metrics[self.main]

    def describe(self) -> dict[str, str]:
        """Return what stands in every row of the group."""
        return {**dict(zip(GROUP, self.key, strict=True)), "sense": self.sense, "held": self.held}

    def list_alone(self, target: str) -> dict[int, float]:
        """Return shots -> the mean score of a target's shots alone, without a source or without pre-training."""
        found: dict[int, list[float]] = {}
        for point, seeds in self.runs.scores.items():
            if point.sources == NO_SOURCE and point.target == target:
                found.setdefault(point.shots, []).extend(seeds.values())
        return {shots: float(np.mean(values)) for shots, values in sorted(found.items())}


def list_groups(evidence: Evidence) -> tuple[list[Group], list[tuple]]:
    """Return the groups that have arms to compare, and the keys of the (task, model, test corpus) that have none."""
    views, without = list_views(evidence)
    groups = []
    for view in views:
        main = find_main_metric(view.own, view.key[0])
        metrics = [main, *(name for name in _MENTIONS if name in set(view.own["metric"]))]
        arranged = {metric: view.arrange(metric, evidence.runs) for metric in metrics}
        groups.append(Group(view.key, view.sense, view.held, arranged))
    return groups, without


def join_rows(rows: list[dict], columns: list[str], without: list[tuple]) -> pd.DataFrame:
    """Return rows as a table, and a row with nothing but a note for each group that has no arms to compare."""
    nothing = [{**dict(zip(GROUP, key, strict=True)), "note": NOTHING} for key in without]
    return pd.DataFrame([*rows, *nothing], columns=columns)


def tabulate_multi_source(evidence: Evidence) -> pd.DataFrame:
    """Hold every arm against those of reference in every target (columns: COLUMNS).

    The interval is a paired bootstrap of test sentences, where counts by sentence are at hand. docs/analysis.md
    defines the columns. A group without runs of several sources has one row with a note.
    """
    groups, without = list_groups(evidence)
    return join_rows([row for group in groups for row in _list_rows(group, evidence)], COLUMNS, without)


def _list_rows(group: Group, evidence: Evidence, intervals: bool = True) -> Iterator[dict]:
    given = _index_given(evidence, group)
    for n, adaptation, shots, cells in walk_settings(group):
        setting = {**group.describe(), "n": n, "adaptation": adaptation, "shots": shots}
        for reference in REFERENCES[group.sense]:
            others = find_reference(cells, reference)
            for metric, runs in group.metrics.items():
                for cell in cells:
                    own, other = runs.average(cell.points), others.get(cell.target)
                    if not own:
                        continue
                    row = {**setting, "reference": reference, "metric": metric}
                    row |= _describe(cell, own, runs, given, evidence)
                    row |= _compare(cell, own, other, reference, runs)
                    if metric == group.main:
                        if cell.arm not in (NONE, IN_LANGUAGE) or (group.sense, cell.arm) == _READ_ITSELF:
                            row["shots_saved"] = tell_saved(group.list_alone(cell.target), shots, row["score"])
                        if intervals and other is not None:
                            row |= _resample(group, cell, other, evidence)
                    yield row


_READ_ITSELF = SELF_SUPERVISED, IN_LANGUAGE
"""Text of the target without labels leaves its shots to be saved; its labels do not."""


def find_reference(cells: list[Cell], reference: str) -> dict[str, Cell]:
    """Return target -> the cell of an arm of reference."""
    return {cell.target: cell for cell in cells if cell.arm == reference and cell.budget != EQUAL_PER_SOURCE}


def walk_settings(group: Group) -> Iterator[tuple[int, str, int, list[Cell]]]:
    """Yield (n, adaptation, shots, its cells) for every setting of a group."""
    for n in list_totals(group.runs):
        for adaptation, shots in list_ways(group.runs):
            cells = list_cells(group.runs, n, adaptation, shots)
            if group.sense == SELF_SUPERVISED or any(cell.arm not in (NONE, IN_LANGUAGE) for cell in cells):
                yield n, adaptation, shots, cells


def _describe(
    cell: Cell, own: dict[int, float], runs: Runs, given: dict[tuple, list[float]], evidence: Evidence
) -> dict:
    keys = [(*_find_record(runs, point), seed) for point in cell.points for seed in own]
    known = [given[key] for key in keys if key in given]
    means = np.mean(known, axis=0) if len(known) == len(keys) else np.full(len(ALL_GIVEN), np.nan)
    return {
        "arm": cell.arm,
        "budget": cell.budget,
        "target": cell.target,
        "case": "yes" if cell.target in evidence.cases else "no",
        "sources": cell.sources,
        "n_sources": cell.n_sources,
        "n_labelled": cell.points[0].n,
        "n_seeds": len(own),
        **dict(zip(ALL_GIVEN, means, strict=True)),
        "score": float(np.mean(list(own.values()))),
        "chosen_on": cell.chosen_on,
        "seed": evidence.seed,
    }


def _find_record(runs: Runs, point: Point) -> tuple:
    """Return model, sources, n, target, shots and adaptation of a point's runs, as records name them."""
    return *runs.records[point], point.n, point.target, point.shots, point.adaptation


def _index_given(evidence: Evidence, group: Group) -> dict[tuple, list[float]]:
    """Return (record..., seed) -> what the run was given, in the order of ALL_GIVEN."""
    if evidence.runs is None:
        return {}
    own = evidence.runs[evidence.runs["task"] == group.key[0]]
    names = ["model", "sources", "n", "target", "shots", "adaptation", "seed"]
    keys = own[names].itertuples(index=False, name=None)
    return dict(zip(keys, own[ALL_GIVEN].to_numpy(dtype=float).tolist(), strict=True))


def _compare(cell: Cell, own: dict[int, float], other: Cell | None, reference: str, runs: Runs) -> dict:
    """Return the baseline, its score, the difference over the seeds that both have, and a note."""
    what = _WORDS[runs.sense, reference]
    notes = ["an oracle: chosen on the scores that it is given with"] if cell.arm == ORACLE else []
    theirs = runs.average(other.points) if other else {}
    if other is None or not theirs:
        return {"note": "; ".join([*notes, f"{what} has no run here"])}
    common = sorted(own.keys() & theirs.keys())
    row = {"baseline": other.sources, "baseline_score": float(np.mean(list(theirs.values())))}
    if not common:
        return {**row, "note": "; ".join([*notes, f"no seed in common with {what}"])}
    if len(common) < max(len(own), len(theirs)):
        notes.append(f"the difference is over the {len(common)} seeds that both have")
    if cell.arm != reference and cell.points == other.points:
        notes.append(f"is {what} itself")
    difference = float(np.mean([own[seed] - theirs[seed] for seed in common]))
    return {**row, "difference": difference, "note": "; ".join(notes)}


def _resample(group: Group, cell: Cell, other: Cell, evidence: Evidence) -> dict:
    """Return low and high over test sentences, of the seeds that all runs of both have counts for."""
    if evidence.counts is None or cell.points == other.points:
        return {}
    task, _, test_corpus = group.key
    found: list[list[np.ndarray]] = [[], []]
    points = [*cell.points, *other.points]
    seeds = sorted({seed for point in points for seed in group.runs.scores.get(point, ())})
    for seed in seeds:
        keys = [(task, *_find_record(group.runs, point), seed, test_corpus) for point in points]
        if all(one in evidence.counts.runs for one in keys):
            counts = [evidence.counts.runs[one] for one in keys]
            found[0] += counts[: len(cell.points)]
            found[1] += counts[len(cell.points) :]
    if not found[0] or len({counts.shape for side in found for counts in side}) > 1:
        return {}
    low, high = bootstrap_difference(*found, evidence.seed)
    return {"low": low, "high": high}


def tabulate_multi_source_means(evidence: Evidence) -> pd.DataFrame:
    """Average the paired differences of each arm over its targets, with a t interval over languages (columns: MEANS).

    Every language is in turn the low-resource target, as in Rahimi et al. 2019. Where all targets are cases there is no
    mean. docs/analysis.md defines the columns.
    """
    groups, without = list_groups(evidence)
    rows = [row for group in groups for row in _list_rows(group, evidence, intervals=False)]
    table = pd.DataFrame(rows, columns=COLUMNS)
    means = [
        {**dict(zip(ARM, key, strict=True)), **_average(own, evidence)} for key, own in table.groupby(ARM, sort=False)
    ]
    return join_rows(means, MEANS, without)


def _average(own: pd.DataFrame, evidence: Evidence) -> dict:
    paired, score = own.dropna(subset="difference"), own["score"].mean()
    if not evidence.has_sample(own["target"]):
        counted, found, note, score = own, {}, CASES_ONLY, np.nan
    elif paired.empty:
        what = _WORDS[own["sense"].iloc[0], own["reference"].iloc[0]]
        counted, found, note = own, {}, f"no target has a run of {what}"
    elif (own["arm"] == own["reference"]).all():
        counted, found, note = own, {}, "what the others are compared with"
    else:
        counted, differences, score = paired, paired["difference"].to_numpy(dtype=float), paired["score"].mean()
        mean, low, high = find_t_interval(differences)
        found = {"baseline_score": paired["baseline_score"].mean(), "difference": mean, "low": low, "high": high}
        found["detectable"] = find_detectable(differences)
        others = paired[paired["target"] != ENGLISH]
        found["without_english"] = others["difference"].mean() if len(others) < len(paired) else np.nan
        note = "" if len(paired) > 2 else "too few targets for an interval or its power"
        if len(paired) < len(own):
            note = "; ".join(filter(None, [note, f"{len(own) - len(paired)} targets left out: no difference"]))
    sizes = sorted(counted["n_sources"].unique())
    return {
        "n_sources": str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}",
        "n_targets": len(counted),
        "n_same": int((counted["sources"] == counted["baseline"]).sum()),
        **counted[ALL_GIVEN].astype(float).mean(skipna=False).to_dict(),
        "score": score,
        **found,
        "note": note,
    }
