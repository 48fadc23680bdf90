"""Sentences on the level of scores: in-language, transfer, within and across scripts, seen and unseen mentions."""

from collections.abc import Iterator

import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.languages import Languages
from isogloss.analysis.data.scores import SEEN_ITEMS, mark_kinds
from isogloss.analysis.summary.wording import Row, Tables, list_ways, name_score, name_way, select
from isogloss.common.languages import ENGLISH
from isogloss.common.run import NO_SOURCE

_SCORE = "[matrices.score]"


def report_levels(tables: Tables, evidence: Evidence, group: Row) -> Iterator[str]:
    """Yield sentences on the scores of a task, model and test corpus; all means are over cells of matrices.csv."""
    cells = select(tables["matrices"], group, list(group))
    name = name_score(cells["metric"].iloc[0])
    for n, own in cells.groupby("n"):
        inside = own[own["kind"] == "in-language"].drop_duplicates("target")
        if len(inside):
            size, score = f", {n} training sentences" if n else "", inside["score"]
            yield (
                f"In-language {name}{size}: the mean is {score.mean():.3f} {_SCORE} over {len(inside)} languages "
                f"({score.min():.3f} to {score.max():.3f}){_report_without_english(inside)}."
            )
    for way in list_ways(cells):
        yield _report_way(select(cells, way), name_way(way), name, evidence.languages)
    yield from _report_mentions(select(evidence.scores, group, list(group)))


def _report_way(cells: pd.DataFrame, way: str, name: str, languages: Languages) -> str:
    pairs = cells[cells["kind"] == "transfer"]
    line = f"{way[0].upper()}{way[1:]}: the mean {name} is {pairs['score'].mean():.3f} {_SCORE} over {len(pairs)} pairs"
    line += _report_without_english(pairs)
    scripts = pd.DataFrame({role: pairs[role].map(languages.find_script) for role in ("source", "target")})
    found = (scripts != "").all(axis=1)
    known, same = pairs[found], scripts.loc[found, "source"] == scripts.loc[found, "target"]
    if same.any() and not same.all():
        line += f". The mean is {known.loc[same, 'score'].mean():.3f} within a script ({same.sum()} pairs)"
        line += f" and {known.loc[~same, 'score'].mean():.3f} across scripts ({(~same).sum()} pairs)"
    alone = cells.loc[cells["kind"] == NO_SOURCE, "score"]
    if len(alone):
        line += f". Target-only runs (no source) have a mean of {alone.mean():.3f} ({len(alone)} targets)"
    if (spread := pairs["deviation"].dropna()).size:
        line += (
            f". The standard deviation of a pair across seeds has a median of {spread.median():.3f} "
            f"[matrices.deviation] and a maximum of {spread.max():.3f}"
        )
    return line + "."


def _report_without_english(cells: pd.DataFrame) -> str:
    """Return the mean over the cells without English; empty if all cells or no cells are of English.

    Most pre-training text and most labelled data are English, and the English part of TyDi QA was collected in another
    way.
    """
    english = (cells["source"] == ENGLISH) | (cells["target"] == ENGLISH)
    if english.all() or not english.any():
        return ""
    return f". Without English, it is {cells.loc[~english, 'score'].mean():.3f} ({(~english).sum()} cells)"


def _report_mentions(scores: pd.DataFrame) -> Iterator[str]:
    for kind, words in (("in-language", "In-language"), ("transfer", "Zero-shot")):
        of_kind = scores[(mark_kinds(scores) == kind) & (scores["shots"] == 0)]
        for metric, items in SEEN_ITEMS.items():
            names = f"{metric}_seen", f"{metric}_unseen"
            seen, unseen = (of_kind.loc[of_kind["metric"] == name, "score"] for name in names)
            if len(seen) and len(unseen):
                yield (
                    f"{words} {name_score(metric)} on {items} seen in training: the mean is {seen.mean():.3f} "
                    f"[scores.score, {names[0]}] over {len(seen)} runs. On unseen {items}, it is {unseen.mean():.3f} "
                    f"[scores.score, {names[1]}] over {len(unseen)} runs. Only runs whose test data contain such "
                    f"{items} are counted."
                )
