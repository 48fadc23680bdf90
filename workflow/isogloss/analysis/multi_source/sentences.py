"""The sentences of multi_source.md on the arms of one setting; each number is followed by its column."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from isogloss.analysis.data.scores import SEEN_ITEMS, SETTING
from isogloss.analysis.multi_source.arms import (
    BEST,
    EQUAL_PER_SOURCE,
    HINDSIGHT,
    MEAN_SINGLE,
    NONE_ARM,
    ORACLE,
    SELF_SUPERVISED,
    SUPERVISED,
    rank_arm,
)
from isogloss.analysis.multi_source.comparison import ARM_KEY, CASES_ONLY, REFERENCES
from isogloss.common.languages import ENGLISH

PER_TARGET_CSV, MEANS_CSV = "multi_source.csv", "multi_source_means.csv"
AREAS_CSV, SIZES_CSV, JOINT_CSV = "multi_source_areas.csv", "multi_source_sizes.csv", "multi_source_joint.csv"

REFERENCE_NAMES = {SUPERVISED: "predicted best source", SELF_SUPERVISED: "predicted best language"}
"""The name of the arm `nearest-1` in sentences."""
_NAMES = {"f1": "F1"} | {
    f"{metric}_{half}": f"{'F1' if metric == 'f1' else metric} on {items} {half} in training"
    for metric, items in SEEN_ITEMS.items()
    for half in ("seen", "unseen")
}
_WHAT = {
    MEAN_SINGLE: "mean over single sources",
    HINDSIGHT: "best single source by its score on validation data of the sources",
    ORACLE: "best single source chosen on the test scores",
}
_NOTHING = {SUPERVISED: "target-only, no source", SELF_SUPERVISED: "the model from which all arms start"}


def select(table: pd.DataFrame, columns: list[str], values: tuple) -> pd.DataFrame:
    """Return the rows of a table that have an arm, and `values` in `columns`."""
    same = np.logical_and.reduce([table[column] == value for column, value in zip(columns, values, strict=True)])
    return table[same & table["arm"].notna()]


def report_setting(rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Yield the sentences on the arms of a setting.

    rows: rows of MEANS_CSV. tables: rows of the other tables with the same `sense` and `held`, by file name.
    """
    sense, main = rows["sense"].iloc[0], rows["metric"].iloc[0]
    setting = tuple(rows[SETTING].iloc[0])
    own = rows[(rows["metric"] == main) & (rows["reference"] == BEST)]
    yield f"### {name_way(*setting[-1:], setting[-2])}, {name_labels(setting[3])}"
    yield ""
    shown = [row for row in own.itertuples() if is_shown(row.arm)]
    if own["note"].eq(CASES_ONLY).all():
        yield (
            "- The targets are low-resource cases, not a sample of languages. They are reported one by one, without a "
            "mean."
        )
    else:
        for row in own[own["arm"] == BEST].itertuples():
            mean = f"a mean {name_metric(main)} of {row.score:.3f} (`score`)"
            seeds = _report_seeds(select(tables[PER_TARGET_CSV], ARM_KEY, _key(row))["n_seeds"])
            yield f"- The {REFERENCE_NAMES[sense]} has {mean} over {row.n_targets} targets and {seeds}."
        yield from (_report_arm(row) for row in shown if row.arm != BEST)
    for reference in REFERENCES[sense][1:]:
        yield from _report_others(rows[(rows["metric"] == main) & (rows["reference"] == reference)], reference)
    yield from _report_saved(
        sense, [(name_arm(row), select(tables[PER_TARGET_CSV], ARM_KEY, _key(row))) for row in shown]
    )
    yield from (_report_tokens if sense == SELF_SUPERVISED else _report_budgets)(own)
    for metric in rows["metric"].unique()[1:]:
        parts = _list_differences(rows[(rows["metric"] == metric) & (rows["reference"] == BEST)])
        if parts:
            what = f"difference to the {REFERENCE_NAMES[sense]} (`difference`, `n_targets`)"
            yield f"- {name_metric(metric)}, {what}: {'; '.join(parts)}."
    yield from _report_sizes(select(tables[SIZES_CSV], SETTING, setting), main)


def _list_differences(rows: pd.DataFrame) -> list[str]:
    """Return the difference of each arm that chooses sets of languages; if self-supervised, of every reported arm."""
    shown = [row for row in rows.itertuples() if np.isfinite(row.difference) and row.arm != row.reference]
    shown = [row for row in shown if rank_arm(row.arm)[0] > 1 or (row.sense == SELF_SUPERVISED and is_shown(row.arm))]
    # The number of targets is reported, because few targets may have mentions that were seen in training.
    return [
        f"{name_arm(row)} {sign(row.difference)}{report_interval(row)} over {row.n_targets} targets" for row in shown
    ]


def _report_others(rows: pd.DataFrame, reference: str) -> Iterator[str]:
    """Yield the differences of the arms to a further reference arm."""
    if parts := _list_differences(rows):
        what = _NOTHING[SELF_SUPERVISED]
        column = f"`difference` in rows where `reference` is `{reference}`, and `n_targets`"
        yield f"- Difference to {what} ({column}): {'; '.join(parts)}."


def _report_seeds(counts: pd.Series) -> str:
    """Return the number of seeds of the targets."""
    least, most = int(counts.min()), int(counts.max())
    number = f"{most}" if least == most else f"{least} to {most}"
    return f"{number} seed{'' if most == 1 else 's'} (`n_seeds`, {PER_TARGET_CSV})"


def _key(row: tuple) -> tuple:
    return tuple(getattr(row, column) for column in ARM_KEY)


def is_shown(arm: str) -> bool:
    """Return whether an arm is reported: all arms except single languages; English, the usual source, is reported."""
    return rank_arm(arm)[0] != 1 or arm == ENGLISH


def select_told(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the arms that are reported."""
    # Series.map would return a column of objects for an empty table, which cannot be used as a mask.
    return table[np.array([is_shown(arm) for arm in table["arm"]], dtype=bool)]


def _report_arm(row: tuple) -> str:
    line, reference = f"- {name_arm(row)}: ", REFERENCE_NAMES[row.sense]
    mean = f"a mean {name_metric(row.metric)} of {row.score:.3f} (`score`) over {row.n_targets} targets"
    if not np.isfinite(row.difference):
        return f"{line}{mean}. Note: {row.note}."
    if np.isfinite(row.low):
        verdict = "higher** than" if row.low > 0 else "lower** than" if row.high < 0 else "inconclusive** compared with"
        line += f"**{verdict} the {reference}, with "
    line += f"{mean}. The difference is {sign(row.difference)} (`difference`)"
    if np.isfinite(row.low):
        line += f", 95% interval {sign(row.low)} to {sign(row.high)} (`low`, `high`)"
    if np.isfinite(row.without_english):
        line += f". Without English as a target, the difference is {sign(row.without_english)} (`without_english`)"
    if np.isfinite(row.detectable):
        line += f". The smallest difference that is detectable with power 0.8 is {row.detectable:.3f} (`detectable`)"
    if row.n_same:
        line += f". In {row.n_same} targets, this arm is identical to the {reference} (`n_same`)"
    return f"{line}."


def _report_saved(sense: str, arms: Iterable[tuple[str, pd.DataFrame]]) -> Iterator[str]:
    """Yield the number of targets in which target-only runs never reach an arm, and the shots saved in the others."""
    alone = "target-only runs" if sense == SUPERVISED else "runs without pre-training"
    parts = []
    for title, rows in arms:
        saved = rows["shots_saved"].dropna().astype(str)
        saved = saved[saved != ""]
        beyond = int(saved.str.startswith(">").sum())
        numbers = pd.to_numeric(saved, errors="coerce").dropna()
        elsewhere = f" (in the others, {numbers.min():.0f} to {numbers.max():.0f} shots saved)" if len(numbers) else ""
        parts += [f"{title} {beyond} of {len(saved)}{elsewhere}"] if len(saved) else []
    if parts:
        yield (
            f"- Number of targets in which {alone} do not reach the score of the arm at any measured number of shots "
            f"(`shots_saved`, {PER_TARGET_CSV}): {'; '.join(parts)}."
        )


def _report_budgets(rows: pd.DataFrame) -> Iterator[str]:
    known = rows.dropna(subset=["sentences", "steps"])
    parts = []
    for row in known.itertuples():
        if is_shown(row.arm) and row.arm != ORACLE:
            tokens = f", {row.subword_tokens:,.0f}" if np.isfinite(row.subword_tokens) else ", unknown"
            parts.append(f"{name_arm(row)} {row.sentences:,.0f}, {row.words:,.0f}{tokens}, {row.steps:,.0f}")
    if parts:
        names = "`sentences`, `words`, `subword_tokens`, `steps`"
        yield f"- Mean training data and steps of a run, sources and shots together ({names}): {'; '.join(parts)}."
        leaks = known["test_in_training"].max()
        if leaks > 0:
            yield (
                f"- On average, up to {leaks:.1f} test sentences per target also occur, word for word, in the source "
                "sentences of other languages (`test_in_training`)."
            )


def _report_tokens(rows: pd.DataFrame) -> Iterator[str]:
    known = rows.dropna(subset="updates")
    parts = [
        f"{name_arm(row)} {row.pretraining_tokens:,.0f}, {row.unique_tokens:,.0f}, {row.repetitions:.1f}, "
        f"{row.updates:,.0f}"
        for row in known.itertuples()
        if is_shown(row.arm) and row.arm != ORACLE
    ]
    if parts:
        names = "`pretraining_tokens`, `unique_tokens`, `repetitions`, `updates`"
        yield (
            f"- Pre-training text of a model, mean over targets ({names}): {'; '.join(parts)}. Tokens and updates are "
            "equal in all arms. Arms with fewer languages have less unique text, which is repeated more often."
        )
        leaks = known["test_in_pretraining"].max()
        if leaks > 0:
            yield (
                f"- On average, up to {leaks:.1f} test sentences per target also occur in this text, word for word and "
                "without labels (`test_in_pretraining`)."
            )


def _report_sizes(rows: pd.DataFrame, metric: str) -> Iterator[str]:
    if rows.empty:
        return
    parts = [
        f"{row.n_sources:.0f} ({row.arm}) {row.score:.3f}"
        + (f" ({sign(row.low)} to {sign(row.high)} relative to {row.one_source})" if np.isfinite(row.low) else "")
        for row in rows.itertuples()
    ]
    targets = int(rows["n_targets"].iloc[0])
    of = "sources at an equal total" if rows["sense"].iloc[0] == SUPERVISED else "pre-training languages"
    yield (
        f"- Mean {name_metric(metric)} by number of {of}, over {targets} targets "
        f"(`n_sources`, `arm`, `score`, and the 95% interval of `difference`, `low` to `high`, in {SIZES_CSV}): "
        f"{'; '.join(parts)}."
    )


def name_labels(n: int) -> str:
    """Return the number of labelled source sentences in words."""
    return f"n = {n}" if n else "no labelled sources"


def name_way(shots: int, adaptation: str) -> str:
    """Return the number of shots and the adaptation in words."""
    return "Zero-shot" if shots == 0 else f"{shots} shots, {adaptation}"


def name_arm(row: tuple) -> str:
    """Return the name of an arm, with its budget if that is equal per source."""
    what = _NOTHING[row.sense] if row.arm == NONE_ARM else _WHAT.get(row.arm)
    name = f"{row.arm} ({what})" if what else row.arm
    return f"{name}, {row.budget}" if row.budget == EQUAL_PER_SOURCE else name


def round_saved(saved: str) -> str:
    """Return the shots saved as a whole number, with the sign before it, if any."""
    sign, _, number = saved.rpartition(" ")
    return f"{sign} {float(number):.0f}".strip()


def report_interval(row: tuple) -> str:
    """Return the interval of a row in brackets; empty if it has none."""
    return f" (95% interval {sign(row.low)} to {sign(row.high)})" if np.isfinite(row.low) else ""


def name_metric(metric: str) -> str:
    """Return a metric's name in words."""
    return _NAMES.get(metric, metric)


def sign(number: float) -> str:
    """Return a difference with its sign, to three digits."""
    return f"{number:+.3f}"
