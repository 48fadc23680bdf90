"""The whole of summary.md, composed of the sentences on each table."""

from collections.abc import Iterable, Mapping

import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import GROUP
from isogloss.analysis.statistics.conventions import SIGNIFICANCE
from isogloss.analysis.summary.associations import report_features, report_prediction, report_regression
from isogloss.analysis.summary.choices import report_proxies, report_ranking
from isogloss.analysis.summary.few_shots import report_few_shots
from isogloss.analysis.summary.hypothesis import report_claim, report_primary
from isogloss.analysis.summary.levels import report_levels
from isogloss.analysis.summary.spread import report_spread
from isogloss.analysis.summary.wording import list_ways, name_group, select

_READ = (
    "Each number is followed by its table and column: [variance.share_both] is the column `share_both` of "
    "variance.csv. A mean over rows is followed by the column that it averages. A hypothesis is *supported* if the "
    f"permutation p is below {SIGNIFICANCE} and the 95% interval excludes 0. It is *inconclusive* if it cannot be "
    "tested, or if only the p-value meets its condition. Otherwise, it is *not supported*. Permutation p-values (QAP, "
    "MRQAP) permute languages, rows and columns together. A plain p treats pairs as independent, which they are not. "
    "It is reported because papers report it."
)
_PARTS = (
    ("Source and target effects", report_spread),
    ("Association with single features", report_features),
    ("Association with all features together", report_regression),
    ("Prediction for unseen languages", report_prediction),
    ("Choice of a source", report_ranking),
    ("Proxies", report_proxies),
)


def compose_summary(
    tables: Mapping[str, pd.DataFrame],
    evidence: Evidence,
    notice: str | None = None,
) -> str:
    """Return the summary as Markdown: the declared hypothesis, the claim under test, then each task and model.

    tables: the keys are the file names that `analyse` writes. evidence: the data that the tables were computed from;
    it supplies what no table contains. notice: a line at the top, for example that the corpus is a demonstration. Every
    sentence is computed from the tables. A statement that they do not support is reported as not supported or
    inconclusive. The zero-shot setting of each model is reported in full, all other settings in brief.
    """
    tables = {name.removesuffix(".csv"): _fill_notes(table) for name, table in tables.items()}
    lines = ["# Summary", ""]
    if notice:
        lines += [f"> {notice}", ""]
    lines += [_READ, "", "## The declared hypothesis", "", *_space(report_primary(tables, evidence.primary)), ""]
    lines += ["## The claim under test", "", "Claim of Muller et al. (2022): similarity of syntax, morphology and"]
    lines[-1] += " phonology predicts transfer better than lexical similarity does."
    lines += ["", *_space(report_claim(tables, evidence.traits)), ""]
    for group in tables["matrices"][GROUP].drop_duplicates().to_dict("records"):
        lines += [f"## {name_group(group)}", ""]
        ways = _put_main_first(list_ways(select(tables["matrices"], group, GROUP)))
        lines += _list_points("Scores", report_levels(tables, evidence, group))
        for title, write in _PARTS:
            statements = (line for way in ways for line in write(tables, way, way is not ways[0]))
            lines += _list_points(title, statements)
        lines += _list_points("Few shots", report_few_shots(tables, group))
    return "\n".join(lines).rstrip() + "\n"


def _fill_notes(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(note=table["note"].astype(object).fillna("")) if "note" in table.columns else table


def _put_main_first(ways: list[dict]) -> list[dict]:
    """Put the setting with the fewest shots and the most source sentences first; only this one is reported in full."""
    main = min(ways, key=lambda way: (way["shots"], -way["n"]))
    return [main, *(way for way in ways if way is not main)]


def _space(lines: Iterable[str]) -> list[str]:
    """Insert a blank line between a sentence and the list that follows it, as Markdown requires."""
    spaced: list[str] = []
    for line in lines:
        if spaced and line.startswith("- ") and not spaced[-1].lstrip().startswith("- "):
            spaced.append("")
        spaced.append(line)
    return spaced


def _list_points(title: str, lines: Iterable[str]) -> list[str]:
    points = [f"- {line[0].upper()}{line[1:]}" for line in lines]
    return [f"**{title}.**", "", *points, ""] if points else []
