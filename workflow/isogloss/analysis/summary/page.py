"""The whole of summary.md, put together from what is said of each table."""

from collections.abc import Iterable, Mapping

import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import GROUP
from isogloss.analysis.statistics.conventions import SIGNIFICANCE
from isogloss.analysis.summary.associations import tell_features, tell_prediction, tell_regression
from isogloss.analysis.summary.choices import tell_proxies, tell_ranking
from isogloss.analysis.summary.few_shots import tell_few_shots
from isogloss.analysis.summary.hypothesis import tell_claim, tell_primary
from isogloss.analysis.summary.levels import tell_levels
from isogloss.analysis.summary.spread import tell_spread
from isogloss.analysis.summary.wording import list_ways, name_group, select

_READ = (
    "Each number is followed by the table and column that it is from: [variance.share_both] is the column `share_both` "
    "of variance.csv; means over rows are named by the column that they are means of. *Supported* is said where the "
    f"permutation p is below {SIGNIFICANCE} and the 95% interval leaves out 0. p-values permute languages, rows and "
    "columns together; a plain p treats pairs as independent, which they are not, and is given because papers give it."
)
_PARTS = (
    ("Source and target", tell_spread),
    ("Features", tell_features),
    ("Features together", tell_regression),
    ("A language never seen", tell_prediction),
    ("Choosing a source", tell_ranking),
    ("Proxies", tell_proxies),
)


def compose_summary(
    tables: Mapping[str, pd.DataFrame],
    evidence: Evidence,
    notice: str | None = None,
) -> str:
    """Return the summary as Markdown: the declared hypothesis, the claim under test, then each task and model.

    tables: by the names that analyse writes them under. evidence: what they were made from, for what no table has.
    notice: a line that stands above all, such as that the corpus is a demonstration. Every sentence is made from the
    tables; what they do not support, or cannot tell, is said to be so. Each model's zero-shot setting is told in full,
    others in brief.
    """
    tables = {name.removesuffix(".csv"): _fill_notes(table) for name, table in tables.items()}
    lines = ["# Summary", ""]
    if notice:
        lines += [f"> {notice}", ""]
    lines += [_READ, "", "## The declared hypothesis", "", *_space(tell_primary(tables, evidence.primary)), ""]
    lines += ["## The claim under test", "", "Muller et al. 2022: similarity of syntax, morphology and phonology"]
    lines[-1] += " predicts transfer better than lexical similarity does."
    lines += ["", *_space(tell_claim(tables, evidence.traits)), ""]
    for group in tables["matrices"][GROUP].drop_duplicates().to_dict("records"):
        lines += [f"## {name_group(group)}", ""]
        ways = _put_main_first(list_ways(select(tables["matrices"], group, GROUP)))
        lines += _list_points("Scores", tell_levels(tables, evidence.scores, group))
        for title, tell in _PARTS:
            told = (line for way in ways for line in tell(tables, way, way is not ways[0]))
            lines += _list_points(title, told)
        lines += _list_points("Few shots", tell_few_shots(tables, group))
    return "\n".join(lines).rstrip() + "\n"


def _fill_notes(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(note=table["note"].astype(object).fillna("")) if "note" in table.columns else table


def _put_main_first(ways: list[dict]) -> list[dict]:
    """Put the setting with fewest shots and most source sentences first: it is told in full, the others in brief."""
    main = min(ways, key=lambda way: (way["shots"], -way["n"]))
    return [main, *(way for way in ways if way is not main)]


def _space(lines: Iterable[str]) -> list[str]:
    """Part a sentence from the list that follows it, as Markdown wants it."""
    spaced: list[str] = []
    for line in lines:
        if spaced and line.startswith("- ") and not spaced[-1].lstrip().startswith("- "):
            spaced.append("")
        spaced.append(line)
    return spaced


def _list_points(title: str, lines: Iterable[str]) -> list[str]:
    points = [f"- {line[0].upper()}{line[1:]}" for line in lines]
    return [f"**{title}.**", "", *points, ""] if points else []
