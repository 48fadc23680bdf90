"""The sentences of multi_source.md on the arms of one setting, each with the columns that its numbers stand in."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from isogloss.analysis.data.scores import SETTING
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

REFERENCE_NAMES = {SUPERVISED: "source predicted best", SELF_SUPERVISED: "language predicted best"}
"""What the arm `nearest-1` is called."""
_NAMES = {"f1": "F1", "f1_seen": "F1 on mentions seen in training", "f1_unseen": "F1 on mentions unseen in training"}
_WHAT = {
    MEAN_SINGLE: "mean over single sources",
    HINDSIGHT: "best single source by the sources' own validation",
    ORACLE: "best single source chosen on the test scores themselves, an oracle",
}
_NOTHING = {SUPERVISED: "the shots alone, no source", SELF_SUPERVISED: "the model that all arms start from"}


def select(table: pd.DataFrame, columns: list[str], values: tuple) -> pd.DataFrame:
    """Return the rows of a table that have an arm and these values in these columns."""
    same = np.logical_and.reduce([table[column] == value for column, value in zip(columns, values, strict=True)])
    return table[same & table["arm"].notna()]


def tell_setting(rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Yield what is known of the arms of a setting.

    rows: of MEANS_CSV; tables: the others, of the same sense and held.
    """
    sense, main = rows["sense"].iloc[0], rows["metric"].iloc[0]
    setting = tuple(rows[SETTING].iloc[0])
    own = rows[(rows["metric"] == main) & (rows["reference"] == BEST)]
    yield f"### {name_way(*setting[-1:], setting[-2])}, {name_labels(setting[3])}"
    yield ""
    told = [row for row in own.itertuples() if is_told(row.arm)]
    if own["note"].eq(CASES_ONLY).all():
        yield "- The targets are cases and no sample of languages: they are told one by one, and no mean is taken."
    else:
        for row in own[own["arm"] == BEST].itertuples():
            mean = f"mean {name_metric(main)} {row.score:.3f} (`score`)"
            seeds = _tell_seeds(select(tables[PER_TARGET_CSV], ARM_KEY, _key(row))["n_seeds"])
            yield f"- The {REFERENCE_NAMES[sense]}: {mean} over {row.n_targets} targets and {seeds}."
        yield from (_tell_arm(row) for row in told if row.arm != BEST)
    for reference in REFERENCES[sense][1:]:
        yield from _tell_others(rows[(rows["metric"] == main) & (rows["reference"] == reference)], reference)
    yield from _tell_saved(sense, [(name_arm(row), select(tables[PER_TARGET_CSV], ARM_KEY, _key(row))) for row in told])
    yield from (_tell_tokens if sense == SELF_SUPERVISED else _tell_budgets)(own)
    for metric in rows["metric"].unique()[1:]:
        parts = _list_differences(rows[(rows["metric"] == metric) & (rows["reference"] == BEST)])
        if parts:
            what = f"`difference` to the {REFERENCE_NAMES[sense]} over so many targets (`n_targets`)"
            yield f"- {name_metric(metric)}, {what}: {'; '.join(parts)}."
    yield from _tell_sizes(select(tables[SIZES_CSV], SETTING, setting), main)


def _list_differences(rows: pd.DataFrame) -> list[str]:
    """Return the difference of each arm that is a way of choosing languages; of text without labels, of every arm."""
    told = [row for row in rows.itertuples() if np.isfinite(row.difference) and row.arm != row.reference]
    told = [row for row in told if rank_arm(row.arm)[0] > 1 or (row.sense == SELF_SUPERVISED and is_told(row.arm))]
    # Few targets may have mentions that were seen in training, and an interval over so few says little.
    return [f"{name_arm(row)} {sign(row.difference)}{tell_interval(row)} over {row.n_targets}" for row in told]


def _tell_others(rows: pd.DataFrame, reference: str) -> Iterator[str]:
    """Say how the arms differ from a further arm of reference."""
    if parts := _list_differences(rows):
        what = _NOTHING[SELF_SUPERVISED]
        column = f"`difference` where `reference` is `{reference}`, over so many targets (`n_targets`)"
        yield f"- To {what} ({column}): {'; '.join(parts)}."


def _tell_seeds(counts: pd.Series) -> str:
    """Say how many seeds the targets have."""
    least, most = int(counts.min()), int(counts.max())
    number = f"{most}" if least == most else f"{least} to {most}"
    return f"{number} seed{'' if most == 1 else 's'} (`n_seeds`, {PER_TARGET_CSV})"


def _key(row: tuple) -> tuple:
    return tuple(getattr(row, column) for column in ARM_KEY)


def is_told(arm: str) -> bool:
    """Whether an arm is told of: single languages stand in the table, but for English, from which most models start."""
    return rank_arm(arm)[0] != 1 or arm == ENGLISH


def select_told(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the arms that are told of."""
    # Not by Series.map: of no rows it gives a column of text, which cannot choose.
    return table[np.array([is_told(arm) for arm in table["arm"]], dtype=bool)]


def _tell_arm(row: tuple) -> str:
    line = f"- {name_arm(row)}: mean {name_metric(row.metric)} {row.score:.3f} (`score`) over {row.n_targets} targets"
    if not np.isfinite(row.difference):
        return f"{line}; {row.note}."
    line += f", {sign(row.difference)} (`difference`)"
    if np.isfinite(row.low):
        verdict = "more than" if row.low > 0 else "less than" if row.high < 0 else "not told apart from"
        line += f", 95% interval {sign(row.low)} to {sign(row.high)} (`low`, `high`): {verdict} the baseline"
    if np.isfinite(row.without_english):
        line += f"; without English as a target {sign(row.without_english)} (`without_english`)"
    if np.isfinite(row.detectable):
        line += f"; the smallest difference found with power 0.8 is {row.detectable:.3f} (`detectable`)"
    if row.n_same:
        line += f"; in {row.n_same} of the targets it is the {REFERENCE_NAMES[row.sense]} itself (`n_same`)"
    return f"{line}."


def _tell_saved(sense: str, arms: Iterable[tuple[str, pd.DataFrame]]) -> Iterator[str]:
    """Say in how many targets the shots alone never reach an arm, and what it saves in the others."""
    alone = "the shots alone" if sense == SUPERVISED else "shots without pre-training"
    parts = []
    for title, rows in arms:
        saved = rows["shots_saved"].dropna().astype(str)
        saved = saved[saved != ""]
        beyond = int(saved.str.startswith(">").sum())
        numbers = pd.to_numeric(saved, errors="coerce").dropna()
        elsewhere = f", elsewhere {numbers.min():.0f} to {numbers.max():.0f} saved" if len(numbers) else ""
        parts += [f"{title} {beyond} of {len(saved)}{elsewhere}"] if len(saved) else []
    if parts:
        yield (
            f"- Targets in which {alone}, as many as were measured, never reach an arm (`shots_saved`, "
            f"{PER_TARGET_CSV}): {'; '.join(parts)}."
        )


def _tell_budgets(rows: pd.DataFrame) -> Iterator[str]:
    known = rows.dropna(subset=["sentences", "steps"])
    parts = []
    for row in known.itertuples():
        if is_told(row.arm) and row.arm != ORACLE:
            tokens = f", {row.subword_tokens:,.0f}" if np.isfinite(row.subword_tokens) else ", unknown"
            parts.append(f"{name_arm(row)} {row.sentences:,.0f}, {row.words:,.0f}{tokens}, {row.steps:,.0f}")
    if parts:
        names = "`sentences`, `words`, `subword_tokens`, `steps`"
        yield f"- Given to a run on average, sources and shots ({names}): {'; '.join(parts)}."
        leaks = known["test_in_training"].max()
        if leaks > 0:
            yield (
                f"- Up to {leaks:.1f} test sentences a target, on average, stand word for word among the source "
                "sentences of other languages (`test_in_training`)."
            )


def _tell_tokens(rows: pd.DataFrame) -> Iterator[str]:
    known = rows.dropna(subset="updates")
    parts = [
        f"{name_arm(row)} {row.pretraining_tokens:,.0f}, {row.unique_tokens:,.0f}, {row.repetitions:.1f}, "
        f"{row.updates:,.0f}"
        for row in known.itertuples()
        if is_told(row.arm) and row.arm != ORACLE
    ]
    if parts:
        names = "`pretraining_tokens`, `unique_tokens`, `repetitions`, `updates`"
        yield (
            f"- Text that a model was pre-trained on, mean over targets ({names}): {'; '.join(parts)}. Tokens and "
            "updates are equal; what fewer languages have of different text is less, and repeated more often."
        )
        leaks = known["test_in_pretraining"].max()
        if leaks > 0:
            yield (
                f"- Up to {leaks:.1f} test sentences a target, on average, stand word for word, without labels, among "
                "this text (`test_in_pretraining`)."
            )


def _tell_sizes(rows: pd.DataFrame, metric: str) -> Iterator[str]:
    if rows.empty:
        return
    parts = [
        f"{row.n_sources:.0f} ({row.arm}) {row.score:.3f}"
        + (f" ({sign(row.low)} to {sign(row.high)} on {row.one_source})" if np.isfinite(row.low) else "")
        for row in rows.itertuples()
    ]
    targets = int(rows["n_targets"].iloc[0])
    of = "sources at an equal total" if rows["sense"].iloc[0] == SUPERVISED else "languages of pre-training"
    yield (
        f"- Mean {name_metric(metric)} by number of {of}, over {targets} targets "
        f"(`n_sources`, `arm`, `score`, and the 95% interval of `difference`, `low` to `high`, of {SIZES_CSV}): "
        f"{'; '.join(parts)}."
    )


def name_labels(n: int) -> str:
    """Return the labelled source sentences in words."""
    return f"n = {n}" if n else "no labelled source"


def name_way(shots: int, adaptation: str) -> str:
    """Return a number of shots and how they are used."""
    return "Zero-shot" if shots == 0 else f"{shots} shots, {adaptation}"


def name_arm(row: tuple) -> str:
    """Return an arm's name, with its budget where that is not equal to one source's."""
    what = _NOTHING[row.sense] if row.arm == NONE_ARM else _WHAT.get(row.arm)
    name = f"{row.arm} ({what})" if what else row.arm
    return f"{name}, {row.budget}" if row.budget == EQUAL_PER_SOURCE else name


def round_saved(saved: str) -> str:
    """Return shots saved to the whole shot, with the sign that stands before them."""
    sign, _, number = saved.rpartition(" ")
    return f"{sign} {float(number):.0f}".strip()


def tell_interval(row: tuple) -> str:
    """Return the interval of a row in brackets; nothing where it has none."""
    return f" (95% {sign(row.low)} to {sign(row.high)})" if np.isfinite(row.low) else ""


def name_metric(metric: str) -> str:
    """Return a metric's name in words."""
    return _NAMES.get(metric, metric)


def sign(number: float) -> str:
    """Return a difference with its sign."""
    return f"{number:+.3f}"
