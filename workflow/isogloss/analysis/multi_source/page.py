"""multi_source.md: the tables of several sources in plain sentences that name their columns."""

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
    report_interval,
    report_setting,
    round_saved,
    select,
    select_told,
    sign,
)

_SENSE = {
    SUPERVISED: (
        "*Pre-training* here is **supervised**: training on labelled sentences of the source languages, before the "
        "shots of the target or together with them (`adaptation`). **Self-supervised** pre-training, on text without "
        "labels, is not varied by these arms. It is the earlier pre-training of the model in the column `model`, which "
        "is the same in every arm."
    ),
    SELF_SUPERVISED: (
        "*Pre-training* here is **self-supervised**: span corruption on unlabelled text of a set of languages, before "
        "any label is used. All arms start from the same weights and vocabulary. They have the same number of tokens "
        "and updates. **Supervised** pre-training, on labelled sentences of sources, is not varied by these arms. The "
        "column `held` contains the arm that chooses their sources."
    ),
}
_EXPLAINED = {
    SUPERVISED: (
        "Each arm is compared with the predicted best source: the nearest language by syntax, chosen without scores "
        f"(`{BEST}`). Every language in turn is the low-resource target. `difference` is the mean over targets of the "
        f"paired difference, and `low` to `high` is its 95% t interval over languages ({MEANS_CSV}). An arm is "
        "*inconclusive* if this interval includes 0. Equal-total arms share n labelled sentences among their sources, "
        "so they have no more data than one source. The intervals are not adjusted for multiple comparisons of arms."
    ),
    SELF_SUPERVISED: (
        "Each arm is compared with pre-training on the predicted best language: the nearest language by syntax, "
        f"chosen without scores (`{BEST}`). It is also compared with the model without pre-training (`{NONE_ARM}`). "
        "The column `reference` contains the reference arm. Every language in turn is the low-resource target. "
        "`difference` is the mean over targets of the paired difference, and `low` to `high` is its 95% t interval "
        f"over languages ({MEANS_CSV}). An arm is *inconclusive* if this interval includes 0. The intervals are not "
        "adjusted for multiple comparisons of arms. They also do not include the variation across initial weights, "
        "because all arms start from the same weights."
    ),
}


def compose_multi_source(tables: Mapping[str, pd.DataFrame], notice: str | None = None) -> str:
    """Return multi_source.md. tables: the tables by file name. notice: a line at the top of the page."""
    lines = ["# Several sources", ""]
    if notice:
        lines += [f"> {notice}", ""]
    means = tables[MEANS_CSV].dropna(subset="arm")
    if means.empty:
        return (
            "\n".join([*lines, f"No run has several sources, so there is nothing to compare ({PER_TARGET_CSV})."])
            + "\n"
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
                lines += [*report_setting(rows, of_group), ""]
            lines += [*_report_areas(of_group[AREAS_CSV])]
            lines += [*_report_joint(of_group[JOINT_CSV])]
            lines += [*_report_cases(of_group[PER_TARGET_CSV])]
    return "\n".join(lines).rstrip("\n") + "\n"


def _name_group(key: tuple[str, ...]) -> str:
    task, model, test_corpus, sense, held = key
    name = f"{task}, {model}" + ("" if test_corpus == task else f", tested on {test_corpus}")
    if sense == SELF_SUPERVISED:
        return f"{name}, {sense} pre-training (sources: {held})"
    return f"{name} (self-supervised pre-training: {held})" if held else name


def _report_areas(table: pd.DataFrame) -> Iterator[str]:
    rows = select_told(table[(table["target"] == ALL_TARGETS) & (table["reference"] == BEST)])
    for (n, adaptation), own in rows.groupby(["n", "adaptation"], sort=True):
        yield f"### Area under the few-shot curve, {adaptation}, {name_labels(n)}"
        yield ""
        where = f"{AREAS_CSV}, `target` is `{ALL_TARGETS}`"
        yield f"The area is the sum of trapezoids over ln(1 + shots), divided by the range: a mean score ({where})."
        yield ""
        for row in own.itertuples():
            line = f"- {name_arm(row)}: area {row.area:.3f} (`area`) at {row.shots} shots over {row.n_targets} targets"
            if np.isfinite(row.difference) and row.arm != BEST:
                line += f". The difference is {sign(row.difference)} (`difference`) at {row.compared_shots} shots"
                line += report_interval(row)
            yield line + "."
        yield ""


def _report_joint(table: pd.DataFrame) -> Iterator[str]:
    rows = select_told(table[(table["target"] == ALL_TARGETS) | (table["case"] == "yes")])
    for n, of_n in rows.groupby("n", sort=True):
        yield f"### Joint versus sequential adaptation, {name_labels(n)}"
        yield ""
        yield (
            "`difference` is the score of joint adaptation minus the score of sequential adaptation, with the same "
            "sources and shots. `low` to `high` is its 95% interval: over languages for a mean, over test sentences "
            f"for one target ({JOINT_CSV})."
        )
        yield ""
        for (target, shots), own in of_n.groupby(["target", "shots"], sort=True):
            parts = [f"{name_arm(row)} {sign(row.difference)}{report_interval(row)}" for row in own.itertuples()]
            least, most = own["n_targets"].min(), own["n_targets"].max()
            over = f"{most:.0f}" if least == most else f"{least:.0f} to {most:.0f}"
            where = f"Mean over {over} targets" if target == ALL_TARGETS else target
            yield f"- {where}, {shots:.0f} shots: {'; '.join(parts)}."
        yield ""


def _report_cases(table: pd.DataFrame) -> Iterator[str]:
    metric = table["metric"].iloc[0]
    cases = table[(table["case"] == "yes") & (table["metric"] == metric) & (table["reference"] == BEST)]
    cases = select_told(cases)
    if cases.empty:
        return
    yield "### Low-resource targets, one by one"
    yield ""
    yield (
        f"These targets are low-resource cases, not a sample of languages, so there is no mean ({PER_TARGET_CSV}). "
        "Intervals are from a paired bootstrap of test sentences, if predictions are available. They do not include "
        "the variation across seeds."
    )
    yield ""
    for key, own in cases.groupby(["target", "n", "adaptation", "shots"], sort=True):
        yield _report_case(key, own)
    yield ""


def _report_case(key: tuple, own: pd.DataFrame) -> str:
    target, n, adaptation, shots = key
    line = f"- {target}, {name_way(shots, adaptation).lower()}, {name_labels(n)}"
    for row in own[own["arm"] == BEST].itertuples():
        reference = REFERENCE_NAMES[row.sense]
        line += f". The {reference}, {row.baseline}, has {name_metric(row.metric)} {row.score:.3f} (`score`)"
    rows = [row for row in own.itertuples() if row.arm != BEST and np.isfinite(row.difference)]
    if rows:
        differences = [f"{name_arm(row)} {sign(row.difference)}{report_interval(row)}" for row in rows]
        line += f". Differences to it (`difference`, `low` to `high`): {'; '.join(differences)}"
    worth = [row for row in own.itertuples() if isinstance(row.shots_saved, str)]
    saved = [f"{name_arm(row)} {round_saved(row.shots_saved)}" for row in worth if row.shots_saved]
    if saved:
        line += f". Shots saved (`shots_saved`): {'; '.join(saved)}"
    return f"{line}."
