"""Sentences on the declared hypothesis, and on the claim that grammar predicts transfer better than shared words."""

from collections.abc import Iterator, Mapping

import pandas as pd

from isogloss.analysis.data.traits import LEXICAL, FeatureTraits
from isogloss.analysis.statistics.conventions import SIGNIFICANCE
from isogloss.analysis.statistics.transforms import DOUBLE_CENTRED, RAW
from isogloss.analysis.summary.wording import (
    Row,
    Tables,
    cite,
    cite_interval,
    cite_p,
    list_ways,
    name_group,
    name_way,
    select,
)

_TABLE = "correlations"


def report_primary(tables: Tables, primary: Mapping[str, object] | None) -> Iterator[str]:
    """Yield the declared hypothesis and its verdict in each setting: supported, not supported or inconclusive."""
    if not primary:
        yield "No hypothesis was declared. Each test below is one of many, so read the adjusted p-values."
        return
    what = (
        f"**{primary['feature']}** is associated with transfer of {primary['model']} on {primary['task']} at "
        f"{primary['shots']} shots"
    )
    rows = select(tables[_TABLE], primary, ["task", "model", "shots", "feature"])
    rows = rows[~rows["needs_target_labels"]]
    if rows.empty:
        yield f"Hypothesis declared in advance: {what}. **Inconclusive**: the tables contain no such correlation."
        return
    yield f"Hypothesis declared in advance: {what}."
    for way in list_ways(rows):
        own = select(rows, way).set_index("transform", drop=False)
        where = name_way(way) + ("" if way["test_corpus"] == way["task"] else f", tested on {way['test_corpus']}")
        where = where[0].upper() + where[1:]
        yield f"- {where}, raw scores: {_report_test(own.loc[RAW])}"
        yield f"- {where}, source and target effects removed (double-centred): {_report_test(own.loc[DOUBLE_CENTRED])}"


def _report_test(row: Row) -> str:
    if pd.isna(row["p_qap"]):
        return f"**inconclusive**: no test was possible ([{_TABLE}.note]: {row['note'] or 'nothing to test'})."
    low, high = ("low", "high") if row["transform"] == RAW else ("jackknife_low", "jackknife_high")
    apart = pd.isna(row[low]) or row[low] > 0 or row[high] < 0
    found = row["p_qap"] < SIGNIFICANCE
    verdict = "**supported**" if found and apart else "**not supported**"
    if found != apart and not pd.isna(row[low]):
        verdict = "**inconclusive**: the permutation test and the interval disagree" if found else verdict
    counts = f"{row['n_pairs']} pairs of {row['n_languages']} languages [{_TABLE}.n_pairs, {_TABLE}.n_languages]"
    text = f"{verdict}. r = {cite(row, _TABLE, 'pearson_r')} over {counts}, "
    text += f"{cite_interval(row, _TABLE, low, high)}. QAP p {cite_p(row, _TABLE, 'p_qap')} from "
    text += f"{row['permutations']} permutations of the languages. Plain p {cite_p(row, _TABLE, 'p_plain')}"
    if not found and not pd.isna(row[high]) and max(abs(row[low]), abs(row[high])) >= 0.5:
        text += ". The interval does not rule out a correlation of 0.5 or more in size: there are too few languages"
    return f"{text}. Note: {row['note']}." if row["note"] else f"{text}."


def report_claim(tables: Tables, traits: Mapping[str, FeatureTraits]) -> Iterator[str]:
    """Yield, for each zero-shot setting, whether grammar correlates with transfer more than lexical overlap does.

    traits: the traits of the known features. Comparisons with overlap of words are listed; if there are none, all
    comparisons are listed.
    """
    words = [name for name, one in traits.items() if one.group == LEXICAL and not one.subword]
    table = tables["differences"]
    claimed = table[(table["claim"] == "yes") & (table["shots"] == 0) & (table["transform"] == RAW)]
    if claimed.empty:
        yield (
            "**Inconclusive**: these data do not allow the comparison. It requires zero-shot transfer, features of "
            "grammar (syntax, morphology, phonology), and features of lexical overlap (`overlap` in their names) "
            "[differences.claim]."
        )
    for way in list_ways(claimed):
        own = select(claimed, way)
        tested = own.dropna(subset="low")
        above, below = tested[tested["low"] > 0], tested[tested["high"] < 0]
        where = f"{name_group(way)}, {name_way(way)}"
        if tested.empty:
            yield f"- {where}: **inconclusive**: there is no interval ([differences.note]: {own['note'].iloc[0]})."
            continue
        verdict = "**not supported**"
        if len(above) == len(tested):
            verdict = "**supported**"
        elif len(below) == len(tested):
            verdict = "**not supported**: the opposite holds"
        elif len(below) and not len(above):
            verdict = "**not supported**: in part, the opposite holds"
        elif len(above):
            verdict = "**supported in part**"
        yield (
            f"- {where}: {verdict}. Of {len(tested)} comparisons, the 95% interval of the difference in r is above 0 "
            f"in {len(above)}, below 0 in {len(below)}, and includes 0 in {len(tested) - len(above) - len(below)} "
            "[differences.low, differences.high]."
        )
        shown = tested[tested["other"].isin(words)]
        for row in (shown if len(shown) else tested).to_dict("records"):
            yield f"  - {_report_difference(row)}"


def _report_difference(row: Row) -> str:
    text = (
        f"{row['feature']} (r = {cite(row, 'differences', 'feature_r')}) minus {row['other']} "
        f"(r = {cite(row, 'differences', 'other_r')}): difference {cite(row, 'differences', 'difference')}, "
        f"{cite_interval(row, 'differences')}"
    )
    return f"{text}. Note: {row['note']}." if row["note"] else f"{text}."
