"""Sentences on target sentences: slopes, the law that fits best, and the number of sentences that a score requires."""

from collections.abc import Iterator

import pandas as pd

from isogloss.analysis.few_shot.learning_curves import CONDITION
from isogloss.analysis.summary.wording import Row, Tables, cite, list_names, name_score, select


def report_few_shots(tables: Tables, group: Row) -> Iterator[str]:
    """Yield sentences on the learning curves of a task, model and test corpus, one condition after another."""
    points = select(tables["few_shot"], group, list(group))
    for condition in points[CONDITION].drop_duplicates().to_dict("records"):
        own = select(points, condition, CONDITION).drop_duplicates("target").dropna(subset="slope")
        if own.empty:
            continue
        size = f", n = {condition['n']}" if condition["n"] else ""
        where = f"{condition['adaptation'].capitalize()}{size}"
        yield f"{where}: {_report_slopes(own)}"
        yield f"{where}: {_report_law(select(tables['laws'], condition, CONDITION))}"
        yield from (f"{where}: {line}" for line in _report_forecast(select(tables["forecast"], condition, CONDITION)))


def _report_slopes(rows: pd.DataFrame) -> str:
    name, slopes = name_score(rows["metric"].iloc[0]), rows["slope"]
    known = rows.dropna(subset=["slope_low", "slope_high"])
    above = (known["slope_low"] > 0).sum()
    line = (
        f"the slope of {name} on ln(1 + shots) is {slopes.mean():.3f} [few_shot.slope] on average over {len(rows)} "
        f"targets ({slopes.min():.3f} to {slopes.max():.3f})"
    )
    if known.empty:
        return f"{line}. It is **inconclusive** whether {name} rises: no slope has an interval [few_shot.note]."
    return f"{line}. The interval is above 0 for {above} of {len(known)} targets [few_shot.slope_low]."


def _report_law(rows: pd.DataFrame) -> str:
    chosen = rows[rows["chosen"].astype(str) == "True"]
    if chosen.empty:
        sizes = f"{rows['n_sizes'].max()} numbers of shots [laws.n_sizes]" if len(rows) else "the measured shots"
        return f"**inconclusive**: no law can be chosen from {sizes}. A comparison of laws requires 5."
    whole = chosen[chosen["kind"] == "all"]
    counts = chosen.loc[chosen["kind"] == "target", "law"].value_counts().sort_index()
    by_target = list_names(f"{law} for {count}" for law, count in counts.items())
    line = f"for single targets, the law with the smallest error on held-out shots is {by_target} [laws.chosen]"
    for row in whole.to_dict("records"):
        rivals = select(rows, row, ["kind", "zero_shots"])
        rivals = rivals[rivals["law"] != row["law"]].sort_values("held_out_rmse")
        line += (
            f". For the mean over all pairs, it is the {row['law']} law (0 shots {row['zero_shots']}), with an error "
            f"of {cite(row, 'laws', 'held_out_rmse', 4)}"
        )
        if len(rivals):
            line += f", against {cite(rivals.iloc[0], 'laws', 'held_out_rmse', 4)} for the {rivals['law'].iloc[0]} law"
    return f"{line}."


def _report_forecast(rows: pd.DataFrame) -> Iterator[str]:
    whole = rows[rows["kind"] == "all"].sort_values("score_wanted")
    if whole.empty:
        return
    name = name_score(whole["metric"].iloc[0])
    reached = whole["shots_needed"].notna()
    known = [f"{row['score_wanted']:g} requires {_report_shots(row)}" for row in whole[reached].to_dict("records")]
    if not reached.all():
        first = whole[~reached].iloc[0]
        low = f", the interval starts at {first['shots_low']:.0f}" if pd.notna(first["shots_low"]) else ""
        known.append(f"{first['score_wanted']:g} or more is **inconclusive** (not reached{low})")
    yield (
        f"number of target sentences required for a mean {name} over all pairs [forecast.shots_needed, "
        f"forecast.shots_low, forecast.shots_high, forecast.status]: {'; '.join(known)}."
    )


def _report_shots(row: Row) -> str:
    high = f"{row['shots_high']:.0f}" if pd.notna(row["shots_high"]) else "no upper limit"
    between = f"95% interval {row['shots_low']:.0f} to {high}" if pd.notna(row["shots_low"]) else "no interval"
    return f"{row['shots_needed']:.0f} ({between}, status: {row['status']})"
