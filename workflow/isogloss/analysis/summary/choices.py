"""Sentences on the choice of a source: how well features and models rank sources, and what proxies contribute."""

from collections.abc import Iterator

import pandas as pd

from isogloss.analysis.statistics.conventions import SIGNIFICANCE
from isogloss.analysis.statistics.transforms import DOUBLE_CENTRED, RAW
from isogloss.analysis.summary.wording import (
    Row,
    Tables,
    cite,
    cite_interval,
    cite_p,
    name_score,
    name_way,
    select,
)

_TABLE = "ranking"


def report_ranking(tables: Tables, way: Row, brief: bool) -> Iterator[str]:
    """Yield the best ranker that requires no target labels, compared with the best baseline and with English."""
    rows = select(tables[_TABLE], way)
    metric = name_score(select(tables["matrices"], way)["metric"].iloc[0])
    where, judged = name_way(way), rows.dropna(subset="ndcg_at_3")
    free = judged[~judged["needs_target_labels"].astype(bool) & (judged["kind"] != "baseline")]
    baselines = judged[judged["kind"] == "baseline"]
    if free.empty or baselines.empty:
        reason = rows["note"].iloc[-1] if len(rows) else "no ranking"
        yield f"{where}: **inconclusive**: no ranking of sources could be evaluated ([{_TABLE}.note]: {reason})."
        return
    best, base = (table.loc[table["ndcg_at_3"].idxmax()] for table in (free, baselines))
    verdict = "**inconclusive**: the intervals of the best ranker and the best baseline overlap"
    if pd.isna(best["ndcg_low"]):
        verdict = "**inconclusive**: there are too few targets for an interval"
    elif best["ndcg_at_3"] <= base["ndcg_at_3"]:
        verdict = "**not supported**: no feature or model of features ranks sources better than the best baseline"
    elif best["ndcg_low"] > base["ndcg_high"]:
        verdict = (
            f"**supported**: {best['ranker']} ranks sources better than the best baseline, but it was selected as the "
            f"best of {len(free)} rankers on the same scores"
        )
    if brief:
        shown = f"{cite(best, _TABLE, 'ndcg_at_3')} for {best['ranker']} and {cite(base, _TABLE, 'ndcg_at_3')}"
        yield f"{where}: {verdict}. NDCG@3 is {shown} for the best baseline, {base['ranker']}."
        return
    yield (
        f"{where}: {verdict}. The best ranker without target labels is {best['ranker']}, with NDCG@3 "
        f"{_report_quality(best)}. On average, its first choice scores {cite(best, _TABLE, 'regret_at_1')} {metric} "
        f"below the best source. The best baseline is {base['ranker']}, with NDCG@3 {_report_quality(base)}. On "
        f"average, its first choice scores {cite(base, _TABLE, 'regret_at_1')} {metric} below the best source."
    )
    english = baselines[baselines["ranker"] == "English"]
    if len(english):
        row = english.iloc[0]
        yield (
            f"{where}: English as the source for every target scores {cite(row, _TABLE, 'regret_at_1')} {metric} below "
            "the best source on average."
        )


def _report_quality(row: Row) -> str:
    return f"{cite(row, _TABLE, 'ndcg_at_3')}, {cite_interval(row, _TABLE, 'ndcg_low', 'ndcg_high')}"


def report_proxies(tables: Tables, way: Row, brief: bool) -> Iterator[str]:
    """Yield how well scores of other models predict the scores of this one: alone, with features, and as rankers."""
    own = select(tables["correlations"], way)
    own = own[own["needs_target_labels"]]
    for name, rows in own.groupby("feature", sort=False):
        tests = rows.set_index("transform", drop=False)
        raw, centred = (_report_test(tests.loc[transform]) for transform in (RAW, DOUBLE_CENTRED))
        line = f"{name_way(way)}: {name} {raw}. With source and target effects removed, it {centred}"
        if brief:
            yield f"{line}."
            continue
        terms = select(tables["regression"], way)
        terms = terms[(terms["with_proxy"] == name) & (terms["feature"] == name) & terms["beyond_coefficient"].notna()]
        for row in terms.dropna(subset="p_mrqap_beyond").to_dict("records"):
            adds = "adds significantly" if row["p_mrqap_beyond"] < SIGNIFICANCE else "does not add significantly"
            line += (
                f". It {adds} to the regression on features, source and target (coefficient "
                f"{cite(row, 'regression', 'beyond_coefficient')}, p {cite_p(row, 'regression', 'p_mrqap_beyond')})"
            )
        ranker = select(tables[_TABLE], {**way, "ranker": name}, [*way, "ranker"]).dropna(subset="ndcg_at_3")
        for row in ranker.to_dict("records"):
            line += f". As a ranker, it has NDCG@3 {_report_quality(row)}"
        note = tests.loc[RAW, "note"].split(";")[0]
        yield f"{line}. It requires labels of the target. Note: {note} [correlations.note]."


def _report_test(row: Row) -> str:
    if pd.isna(row["p_qap"]):
        return f"could not be tested ([correlations.note]: {row['note']})"
    verdict = "correlates" if row["p_qap"] < SIGNIFICANCE else "does not significantly correlate"
    return (
        f"{verdict} with the scores (r = {cite(row, 'correlations', 'pearson_r')}, "
        f"QAP p {cite_p(row, 'correlations', 'p_qap')})"
    )
