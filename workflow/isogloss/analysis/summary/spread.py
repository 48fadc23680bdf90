"""Sentences on the variance of scores: its sources, and how reliable the scores are."""

from collections.abc import Iterator

import pandas as pd

from isogloss.analysis.summary.wording import Row, Tables, cite, cite_share, name_score, name_way, select

_TABLE = "variance"


def report_spread(tables: Tables, way: Row, brief: bool) -> Iterator[str]:
    """Yield the share of variance that source and target explain, and the reliability and asymmetry of the scores."""
    for row in select(tables[_TABLE], way).to_dict("records"):
        where, name = name_way(way), name_score(row["metric"])
        if pd.isna(row["share_both"]):
            yield f"{where}: **inconclusive**: the variance could not be decomposed ([{_TABLE}.note]: {row['note']})."
            continue
        explained, left = (cite_share(row, _TABLE, column) for column in ("share_both", "share_pair"))
        if brief:
            yield f"{where}: source and target explain {explained} of the variance. At most {left} is left for pairs."
            continue
        seed = " This part includes the noise of the single seed."
        if not pd.isna(row["share_seed"]):
            seed = f" Noise between seeds accounts for {cite_share(row, _TABLE, 'share_seed')}."
        yield (
            f"{where}: the identities of the source and the target explain {explained} of the variance of {name} over "
            f"{row['n_pairs']} pairs [{_TABLE}.n_pairs]. At most {left} is left for features of pairs to explain.{seed}"
        )
        if pd.isna(row["reliability"]):
            reason = "one seed" if row["n_seeds"] < 2 else row["note"]
            yield f"{where}: the reliability of the scores could not be estimated: {reason} [{_TABLE}.n_seeds]."
        else:
            yield (
                f"{where}: the mean over {row['n_seeds']:.3g} seeds [{_TABLE}.n_seeds] has a reliability of "
                f"{cite(row, _TABLE, 'reliability')}. With source and target effects removed, its reliability is "
                f"{cite(row, _TABLE, 'reliability_pair')}."
            )
        if not pd.isna(row["asymmetry"]):
            yield (
                f"{where}: the difference between the two directions of a pair accounts for "
                f"{cite_share(row, _TABLE, 'asymmetry')} of the variance. No symmetric feature can explain this part."
            )
