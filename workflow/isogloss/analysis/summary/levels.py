"""How high scores are: in-language, transferred, within and across scripts, on mentions seen and unseen."""

from collections.abc import Iterator

import pandas as pd

from isogloss.analysis.data.scores import mark_kinds
from isogloss.analysis.summary.wording import Row, Tables, list_ways, name_score, name_way, select
from isogloss.common.languages import ENGLISH, LANGUAGES
from isogloss.common.run import NO_SOURCE

_SCORE = "[matrices.score]"


def tell_levels(tables: Tables, scores: pd.DataFrame, group: Row) -> Iterator[str]:
    """Yield sentences on the scores of a task, model and test corpus; all means are over cells of matrices.csv."""
    cells = select(tables["matrices"], group, list(group))
    name = name_score(cells["metric"].iloc[0])
    for n, own in cells.groupby("n"):
        inside = own[own["kind"] == "in-language"].drop_duplicates("target")
        if len(inside):
            size, score = f", {n} training sentences" if n else "", inside["score"]
            yield (
                f"In-language {name}{size}: mean {score.mean():.3f} {_SCORE} over {len(inside)} languages "
                f"({score.min():.3f} to {score.max():.3f}){_tell_without_english(inside)}."
            )
    for way in list_ways(cells):
        yield _tell_way(select(cells, way), name_way(way), name)
    yield from _tell_mentions(select(scores, group, list(group)))


def _tell_way(cells: pd.DataFrame, way: str, name: str) -> str:
    pairs = cells[cells["kind"] == "transfer"]
    line = f"{way[0].upper()}{way[1:]}: mean {name} {pairs['score'].mean():.3f} {_SCORE} over {len(pairs)} pairs"
    line += _tell_without_english(pairs)
    known = pairs[pairs["source"].isin(LANGUAGES.keys()) & pairs["target"].isin(LANGUAGES.keys())]
    same = known["source"].map(_find_script) == known["target"].map(_find_script)
    if same.any() and not same.all():
        line += f"; within a script {known.loc[same, 'score'].mean():.3f} ({same.sum()} pairs)"
        line += f", across scripts {known.loc[~same, 'score'].mean():.3f} ({(~same).sum()} pairs)"
    alone = cells.loc[cells["kind"] == NO_SOURCE, "score"]
    if len(alone):
        line += f"; the shots alone, without a source, {alone.mean():.3f} ({len(alone)} targets)"
    if (spread := pairs["deviation"].dropna()).size:
        line += (
            f"; between seeds a pair's standard deviation is {spread.median():.3f} [matrices.deviation] in the middle, "
            f"{spread.max():.3f} at most"
        )
    return line + "."


def _tell_without_english(cells: pd.DataFrame) -> str:
    """Return the mean over the cells of other languages; nothing where all or none are of English.

    Models have read most of it and corpora have most of it; TyDiQA's is made in another way.
    """
    english = (cells["source"] == ENGLISH) | (cells["target"] == ENGLISH)
    if english.all() or not english.any():
        return ""
    return f"; without English {cells.loc[~english, 'score'].mean():.3f} ({(~english).sum()})"


def _find_script(language: str) -> str:
    return LANGUAGES[language].script


def _tell_mentions(scores: pd.DataFrame) -> Iterator[str]:
    for kind, words in (("in-language", "In-language"), ("transfer", "Zero-shot")):
        of_kind = scores[(mark_kinds(scores) == kind) & (scores["shots"] == 0)]
        seen, unseen = (of_kind.loc[of_kind["metric"] == metric, "score"] for metric in ("f1_seen", "f1_unseen"))
        if len(seen) and len(unseen):
            yield (
                f"{words} F1 on mentions seen in training: mean {seen.mean():.3f} [scores.score, f1_seen] over "
                f"{len(seen)} runs; on unseen ones {unseen.mean():.3f} [scores.score, f1_unseen] over {len(unseen)} "
                "runs (runs that have such mentions)."
            )
