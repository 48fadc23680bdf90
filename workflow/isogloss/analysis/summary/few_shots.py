"""What target sentences add: slopes, the law that fits best, and how many sentences a score takes."""

from collections.abc import Iterator

import pandas as pd

from isogloss.analysis.few_shot.learning_curves import CONDITION
from isogloss.analysis.summary.wording import Row, Tables, cite, list_names, name_score, select


def tell_few_shots(tables: Tables, group: Row) -> Iterator[str]:
    """Yield what the learning curves of a task, model and test corpus say, condition by condition."""
    points = select(tables["few_shot"], group, list(group))
    for condition in points[CONDITION].drop_duplicates().to_dict("records"):
        own = select(points, condition, CONDITION).drop_duplicates("target").dropna(subset="slope")
        if own.empty:
            continue
        size = f", n = {condition['n']}" if condition["n"] else ""
        where = f"{condition['adaptation'].capitalize()}{size}"
        yield f"{where}: {_tell_slopes(own)}"
        yield f"{where}: {_tell_law(select(tables['laws'], condition, CONDITION))}"
        yield from (f"{where}: {line}" for line in _tell_forecast(select(tables["forecast"], condition, CONDITION)))


def _tell_slopes(rows: pd.DataFrame) -> str:
    name, slopes = name_score(rows["metric"].iloc[0]), rows["slope"]
    told = rows.dropna(subset=["slope_low", "slope_high"])
    above = (told["slope_low"] > 0).sum()
    line = (
        f"{name} rises with ln(1 + shots) by {slopes.mean():.3f} [few_shot.slope] in the mean over {len(rows)} targets "
        f"({slopes.min():.3f} to {slopes.max():.3f})"
    )
    if told.empty:
        return f"{line}; that it rises cannot be told, for want of intervals [few_shot.note]."
    return f"{line}; the interval lies above 0 for {above} of {len(told)} targets [few_shot.slope_low]."


def _tell_law(rows: pd.DataFrame) -> str:
    chosen = rows[rows["chosen"].astype(str) == "True"]
    if chosen.empty:
        sizes = f"{rows['n_sizes'].max()} numbers of shots [laws.n_sizes]" if len(rows) else "the shots measured"
        return f"from {sizes} **it cannot be told** by which law; a comparison takes 5."
    whole = chosen[chosen["kind"] == "all"]
    counts = chosen.loc[chosen["kind"] == "target", "law"].value_counts().sort_index()
    by_target = list_names(f"{law} for {count}" for law, count in counts.items())
    line = f"by the error at numbers of shots held out, the law of single targets is {by_target} [laws.chosen]"
    for row in whole.to_dict("records"):
        rivals = select(rows, row, ["kind", "zero_shots"])
        rivals = rivals[rivals["law"] != row["law"]].sort_values("held_out_rmse")
        line += (
            f"; of the mean over all pairs it is the {row['law']} law, 0 shots {row['zero_shots']}, error "
            f"{cite(row, 'laws', 'held_out_rmse', 4)}"
        )
        if len(rivals):
            line += f" beside {cite(rivals.iloc[0], 'laws', 'held_out_rmse', 4)} of the {rivals['law'].iloc[0]} law"
    return f"{line}."


def _tell_forecast(rows: pd.DataFrame) -> Iterator[str]:
    whole = rows[rows["kind"] == "all"].sort_values("score_wanted")
    if whole.empty:
        return
    name = name_score(whole["metric"].iloc[0])
    reached = whole["shots_needed"].notna()
    told = [f"{row['score_wanted']:.1f}: {_tell_shots(row)}" for row in whole[reached].to_dict("records")]
    if not reached.all():
        first = whole[~reached].iloc[0]
        low = f", of {first['shots_low']:.0f} or more" if pd.notna(first["shots_low"]) else ""
        told.append(f"{first['score_wanted']:.1f} or more: **it cannot be told**, not reached{low}")
    yield (
        f"target sentences for a mean {name} over all pairs of [forecast.shots_needed, forecast.shots_low, "
        f"forecast.shots_high, forecast.status] {'; '.join(told)}."
    )


def _tell_shots(row: Row) -> str:
    high = f"{row['shots_high']:.0f}" if pd.notna(row["shots_high"]) else "no upper end"
    between = f"{row['shots_low']:.0f} to {high}" if pd.notna(row["shots_low"]) else "no interval"
    return f"{row['shots_needed']:.0f} ({between}; {row['status']})"
