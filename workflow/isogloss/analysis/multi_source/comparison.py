"""The effect of several sources, or several pre-training languages: every arm compared with a reference arm."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import SETTING
from isogloss.analysis.few_shot.curve_area import describe_saved
from isogloss.analysis.multi_source.arms import (
    BEST,
    EQUAL_PER_SOURCE,
    IN_LANGUAGE_ARM,
    NONE_ARM,
    ORACLE,
    SELF_SUPERVISED,
    SUPERVISED,
    Cell,
    Runs,
)
from isogloss.analysis.multi_source.groups import (
    ALL_GIVEN,
    FEW_TARGETS,
    SENSE_KEY,
    Group,
    average_given,
    index_given,
    join_rows,
    list_groups,
    resample,
    walk_settings,
)
from isogloss.analysis.statistics.paired import find_detectable, find_t_interval
from isogloss.common.languages import ENGLISH

ARM_KEY = [*SETTING, *SENSE_KEY, "metric", "reference", "arm", "budget"]

COLUMNS = [*ARM_KEY, "target", "case", "sources", "n_sources", "n_labelled", "n_seeds", *ALL_GIVEN]
COLUMNS += ["score", "baseline", "baseline_score", "difference", "low", "high", "shots_saved", "chosen_on"]
COLUMNS += ["seed", "note"]

MEANS_COLUMNS = [*ARM_KEY, "n_sources", "n_targets", "n_same", *ALL_GIVEN, "score", "baseline_score"]
MEANS_COLUMNS += ["difference", "low", "high", "detectable", "without_english", "note"]

REFERENCES = {SUPERVISED: (BEST,), SELF_SUPERVISED: (BEST, NONE_ARM)}
"""The reference arms of each sense; all other arms are compared with them."""

CASES_ONLY = "the targets are low-resource cases, not a sample of languages: no mean over targets"
_WORDS = {
    (SUPERVISED, BEST): "the predicted best source",
    (SELF_SUPERVISED, BEST): "the predicted best language",
    (SELF_SUPERVISED, NONE_ARM): "the model without pre-training",
}


def tabulate_multi_source(evidence: Evidence) -> pd.DataFrame:
    """Compare every arm with the reference arms on every target (multi_source.csv).

    `evidence` provides the scores, the feature `syntax`, run records, counts by sentence, cases and the seed. All
    except the scores are optional. There is one row per sense, setting, metric, reference, arm, budget and target. The
    interval is a paired bootstrap of test sentences; it requires counts by sentence. A group without runs with several
    sources has one row with a note. docs/reference/tables/multi_source.md defines the columns.
    """
    groups, without = list_groups(evidence)
    return join_rows([row for group in groups for row in _list_rows(group, evidence)], COLUMNS, without)


def _list_rows(group: Group, evidence: Evidence, intervals: bool = True) -> Iterator[dict]:
    given = index_given(evidence, group)
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
                        if cell.arm not in (NONE_ARM, IN_LANGUAGE_ARM) or (group.sense, cell.arm) == _READ_ITSELF:
                            row["shots_saved"] = describe_saved(group.list_alone(cell.target), shots, row["score"])
                        if intervals and other is not None:
                            row |= resample(group, cell.points, other.points, evidence)
                    yield row


_READ_ITSELF = SELF_SUPERVISED, IN_LANGUAGE_ARM
"""Pre-training on unlabelled text of the target can save shots; training on its labelled sentences cannot."""


def find_reference(cells: list[Cell], reference: str) -> dict[str, Cell]:
    """Return target -> the cell of the reference arm."""
    return {cell.target: cell for cell in cells if cell.arm == reference and cell.budget != EQUAL_PER_SOURCE}


def _describe(
    cell: Cell, own: dict[int, float], runs: Runs, given: dict[tuple, list[float]], evidence: Evidence
) -> dict:
    return {
        "arm": cell.arm,
        "budget": cell.budget,
        "target": cell.target,
        "case": "yes" if cell.target in evidence.cases else "no",
        "sources": cell.sources,
        "n_sources": cell.n_sources,
        "n_labelled": cell.points[0].n,
        "n_seeds": len(own),
        **average_given(cell, own, runs, given),
        "score": float(np.mean(list(own.values()))),
        "chosen_on": cell.chosen_on,
        "seed": evidence.seed,
    }


def _compare(cell: Cell, own: dict[int, float], other: Cell | None, reference: str, runs: Runs) -> dict:
    """Return the baseline, its score, the difference over the seeds that both arms have, and a note."""
    what = _WORDS[runs.sense, reference]
    notes = ["oracle: chosen on the same test scores that are reported"] if cell.arm == ORACLE else []
    theirs = runs.average(other.points) if other else {}
    if other is None or not theirs:
        return {"note": "; ".join([*notes, f"{what} has no run in this setting"])}
    common = sorted(own.keys() & theirs.keys())
    row = {"baseline": other.sources, "baseline_score": float(np.mean(list(theirs.values())))}
    if not common:
        return {**row, "note": "; ".join([*notes, f"no seed in common with {what}"])}
    if len(common) < max(len(own), len(theirs)):
        notes.append(f"the difference is over the {len(common)} seeds that both arms have")
    if cell.arm != reference and cell.points == other.points:
        notes.append(f"identical to {what}")
    difference = float(np.mean([own[seed] - theirs[seed] for seed in common]))
    return {**row, "difference": difference, "note": "; ".join(notes)}


def tabulate_multi_source_means(evidence: Evidence) -> pd.DataFrame:
    """Return the mean of the paired differences of each arm over its targets, with a t interval over languages.

    This is multi_source_means.csv. The inputs are those of tabulate_multi_source. Every language in turn is the
    low-resource target, as in Rahimi et al. 2019. If all targets are cases, there is no mean.
    docs/reference/tables/multi_source.md defines the columns.
    """
    groups, without = list_groups(evidence)
    rows = [row for group in groups for row in _list_rows(group, evidence, intervals=False)]
    table = pd.DataFrame(rows, columns=COLUMNS)
    means = [
        {**dict(zip(ARM_KEY, key, strict=True)), **_average(own, evidence)}
        for key, own in table.groupby(ARM_KEY, sort=False)
    ]
    return join_rows(means, MEANS_COLUMNS, without)


def _average(own: pd.DataFrame, evidence: Evidence) -> dict:
    paired, score = own.dropna(subset="difference"), own["score"].mean()
    if not evidence.has_sample(own["target"]):
        counted, found, note, score = own, {}, CASES_ONLY, np.nan
    elif paired.empty:
        what = _WORDS[own["sense"].iloc[0], own["reference"].iloc[0]]
        counted, found, note = own, {}, f"no target has a run of {what}"
    elif (own["arm"] == own["reference"]).all():
        counted, found, note = own, {}, "reference arm"
    else:
        counted, differences, score = paired, paired["difference"].to_numpy(dtype=float), paired["score"].mean()
        mean, low, high = find_t_interval(differences)
        found = {"baseline_score": paired["baseline_score"].mean(), "difference": mean, "low": low, "high": high}
        found["detectable"] = find_detectable(differences)
        others = paired[paired["target"] != ENGLISH]
        found["without_english"] = others["difference"].mean() if len(others) < len(paired) else np.nan
        note = "" if len(paired) > 2 else FEW_TARGETS
        if len(paired) < len(own):
            note = "; ".join(
                filter(None, [note, f"{len(own) - len(paired)} targets left out: they have no difference"])
            )
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
