"""multi_source.md: what the tables of several sources say, in plain sentences that name their columns."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from isogloss.analysis.data.scores import GROUP, SETTING
from isogloss.analysis.multi_source.arms import BEST, NONE_ARM, SELF_SUPERVISED, SUPERVISED
from isogloss.analysis.multi_source.groups import ALL_TARGETS, SENSE_KEY
from isogloss.analysis.multi_source.sentences import (
    AREAS_CSV,
    JOINT_CSV,
    MEANS_CSV,
    PER_TARGET_CSV,
    REFERENCE_NAMES,
    SIZES_CSV,
    name_arm,
    name_labels,
    name_metric,
    name_way,
    round_saved,
    select,
    select_told,
    sign,
    tell_interval,
    tell_setting,
)

_SENSE = {
    SUPERVISED: (
        "*Pre-training* here is **supervised**: training on labelled sentences of the source languages, before the "
        "target's shots are used or together with them (`adaptation`). **Self-supervised** pre-training, on text "
        "without labels, is not varied by these arms: it is what the model of the column `model` had before, the same "
        "in every arm."
    ),
    SELF_SUPERVISED: (
        "*Pre-training* here is **self-supervised**: span corruption on text of a set of languages, without labels, "
        "before any label is used. All arms start from the same weights and vocabulary, and have the same tokens and "
        "updates. **Supervised** pre-training, on labelled sentences of sources, is not varied by these arms: their "
        "sources are those of the arm in the column `held`."
    ),
}
_EXPLAINED = {
    SUPERVISED: (
        "Each arm is held against the source predicted best without seeing scores: the one nearest by syntax "
        f"(`{BEST}`). Every language is in turn the low-resource target; `difference` is the mean over targets of the "
        f"paired difference, `low` and `high` its 95% t interval over languages ({MEANS_CSV}). Equal-total arms share "
        "n labelled sentences among their sources, so that they have no more data than one source; intervals of "
        "several arms are not adjusted for each other."
    ),
    SELF_SUPERVISED: (
        "Each arm is held against pre-training on the one language predicted best without seeing scores, the one "
        f"nearest by syntax (`{BEST}`), and against the model without pre-training (`{NONE_ARM}`); the column "
        "`reference` says which. Every language is in turn the low-resource target; `difference` is the mean over "
        f"targets of the paired difference, `low` and `high` its 95% t interval over languages ({MEANS_CSV}). "
        "Intervals of several arms are not adjusted for each other, and not for the weights that all arms start from, "
        "which are one draw."
    ),
}


def compose_multi_source(tables: Mapping[str, pd.DataFrame], notice: str | None = None) -> str:
    """Return multi_source.md from the tables by name. notice: a line that stands above all."""
    lines = ["# Several sources", ""]
    if notice:
        lines += [f"> {notice}", ""]
    means = tables[MEANS_CSV].dropna(subset="arm")
    if means.empty:
        return (
            "\n".join([*lines, f"No run has several sources: nothing can be said of them ({PER_TARGET_CSV})."]) + "\n"
        )
    for sense, of_sense in means.groupby("sense", sort=False):
        lines += [_SENSE[sense], "", _EXPLAINED[sense], ""]
        for key, own in of_sense.groupby([*GROUP, *SENSE_KEY], sort=True):
            lines += [f"## {_name_group(key)}", ""]
            of_group = {
                name: select(tables[name], [*GROUP, *SENSE_KEY], key)
                for name in (PER_TARGET_CSV, AREAS_CSV, SIZES_CSV, JOINT_CSV)
            }
            for _, rows in own.groupby(SETTING, sort=True):
                lines += [*tell_setting(rows, of_group), ""]
            lines += [*_tell_areas(of_group[AREAS_CSV])]
            lines += [*_tell_joint(of_group[JOINT_CSV])]
            lines += [*_tell_cases(of_group[PER_TARGET_CSV])]
    return "\n".join(lines).rstrip("\n") + "\n"


def _name_group(key: tuple[str, ...]) -> str:
    task, model, test_corpus, sense, held = key
    name = f"{task}, {model}" + ("" if test_corpus == task else f", tested on {test_corpus}")
    if sense == SELF_SUPERVISED:
        return f"{name}, {sense} pre-training; sources: {held}"
    return f"{name}, self-supervised on: {held}" if held else name


def _tell_areas(table: pd.DataFrame) -> Iterator[str]:
    rows = select_told(table[(table["target"] == ALL_TARGETS) & (table["reference"] == BEST)])
    for (n, adaptation), own in rows.groupby(["n", "adaptation"], sort=True):
        yield f"### Area under the few-shot curve, {adaptation}, {name_labels(n)}"
        yield ""
        where = f"{AREAS_CSV}, `target` is `{ALL_TARGETS}`"
        yield f"Trapezoids over ln(1 + shots), divided by the range: a mean score ({where})."
        yield ""
        for row in own.itertuples():
            line = f"- {name_arm(row)}: {row.area:.3f} (`area`) at {row.shots} shots over {row.n_targets} targets"
            if np.isfinite(row.difference) and row.arm != BEST:
                line += f", {sign(row.difference)} (`difference`) at {row.compared_shots} shots{tell_interval(row)}"
            yield line + "."
        yield ""


def _tell_joint(table: pd.DataFrame) -> Iterator[str]:
    rows = select_told(table[(table["target"] == ALL_TARGETS) | (table["case"] == "yes")])
    for n, of_n in rows.groupby("n", sort=True):
        yield f"### Joint against sequential, {name_labels(n)}"
        yield ""
        yield (
            "Sources and shots in one training, less the same sources first and then the shots (`difference`; `low` to "
            f"`high`, over languages, or over test sentences where it is one target; {JOINT_CSV})."
        )
        yield ""
        for (target, shots), own in of_n.groupby(["target", "shots"], sort=True):
            parts = [f"{name_arm(row)} {sign(row.difference)}{tell_interval(row)}" for row in own.itertuples()]
            least, most = own["n_targets"].min(), own["n_targets"].max()
            over = f"{most:.0f}" if least == most else f"{least:.0f} to {most:.0f}"
            where = f"Mean over {over} targets" if target == ALL_TARGETS else target
            yield f"- {where}, {shots:.0f} shots: {'; '.join(parts)}."
        yield ""


def _tell_cases(table: pd.DataFrame) -> Iterator[str]:
    metric = table["metric"].iloc[0]
    cases = table[(table["case"] == "yes") & (table["metric"] == metric) & (table["reference"] == BEST)]
    cases = select_told(cases)
    if cases.empty:
        return
    yield "### Low-resource targets, one by one"
    yield ""
    yield (
        f"Cases, no sample of languages: nothing here is a mean over them ({PER_TARGET_CSV}). Intervals are over test "
        "sentences (paired bootstrap), where predictions were at hand; what other seeds would give is not in them."
    )
    yield ""
    for key, own in cases.groupby(["target", "n", "adaptation", "shots"], sort=True):
        yield _tell_case(key, own)
    yield ""


def _tell_case(key: tuple, own: pd.DataFrame) -> str:
    target, n, adaptation, shots = key
    line = f"- {target}, {name_way(shots, adaptation).lower()}, {name_labels(n)}"
    for row in own[own["arm"] == BEST].itertuples():
        reference = REFERENCE_NAMES[row.sense]
        line += f"; {name_metric(row.metric)} {row.score:.3f} (`score`) from the {reference}, {row.baseline}"
    rows = [row for row in own.itertuples() if row.arm != BEST and np.isfinite(row.difference)]
    if rows:
        told = [f"{name_arm(row)} {sign(row.difference)}{tell_interval(row)}" for row in rows]
        line += f"; to that (`difference`; `low` to `high`): {'; '.join(told)}"
    worth = [row for row in own.itertuples() if isinstance(row.shots_saved, str)]
    saved = [f"{name_arm(row)} {round_saved(row.shots_saved)}" for row in worth if row.shots_saved]
    if saved:
        line += f"; shots saved (`shots_saved`): {'; '.join(saved)}"
    return f"{line}."
