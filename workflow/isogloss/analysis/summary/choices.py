"""Choosing a source: how well features and models rank sources, and what a cheap model tells of a dear one."""

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


def tell_ranking(tables: Tables, way: Row, brief: bool) -> Iterator[str]:
    """Yield the best ranker that needs no target labels, beside the best baseline, and English."""
    rows = select(tables[_TABLE], way)
    metric = name_score(select(tables["matrices"], way)["metric"].iloc[0])
    where, judged = name_way(way), rows.dropna(subset="ndcg_at_3")
    free = judged[~judged["needs_target_labels"].astype(bool) & (judged["kind"] != "baseline")]
    baselines = judged[judged["kind"] == "baseline"]
    if free.empty or baselines.empty:
        reason = rows["note"].iloc[-1] if len(rows) else "no ranking"
        yield f"{where}: how well sources can be ranked cannot be told [{_TABLE}.note]: {reason}."
        return
    best, base = (table.loc[table["ndcg_at_3"].idxmax()] for table in (free, baselines))
    verdict = "**It cannot be told** that it ranks better: their intervals overlap"
    if pd.isna(best["ndcg_low"]):
        verdict = "**It cannot be told** that it ranks better: too few targets for an interval"
    elif best["ndcg_at_3"] <= base["ndcg_at_3"]:
        verdict = "**Not supported**: no feature or model of features ranks better than the baseline"
    elif best["ndcg_low"] > base["ndcg_high"]:
        verdict = f"**Supported**, though {best['ranker']} is the best of {len(free)} chosen by looking"
    if brief:
        shown = f"{cite(best, _TABLE, 'ndcg_at_3')} beside {cite(base, _TABLE, 'ndcg_at_3')}"
        yield f"{where}: {best['ranker']} beside the baseline {base['ranker']}, NDCG@3 {shown}. {verdict}."
        return
    yield (
        f"{where}: of rankers without target labels, {best['ranker']} does best, NDCG@3 {_tell_quality(best)}; its "
        f"first choice loses {cite(best, _TABLE, 'regret_at_1')} {metric}. The best baseline, {base['ranker']}, has "
        f"{_tell_quality(base)} and loses {cite(base, _TABLE, 'regret_at_1')}. {verdict}."
    )
    english = baselines[baselines["ranker"] == "English"]
    if len(english):
        row = english.iloc[0]
        yield f"{where}: English as the source for every target loses {cite(row, _TABLE, 'regret_at_1')} {metric}."


def _tell_quality(row: Row) -> str:
    return f"{cite(row, _TABLE, 'ndcg_at_3')}, {cite_interval(row, _TABLE, 'ndcg_low', 'ndcg_high')}"


def tell_proxies(tables: Tables, way: Row, brief: bool) -> Iterator[str]:
    """Yield what the scores of other models tell about this one's, by themselves, beside features and as rankers."""
    own = select(tables["correlations"], way)
    own = own[own["needs_target_labels"]]
    for name, rows in own.groupby("feature", sort=False):
        tests = rows.set_index("transform", drop=False)
        raw, centred = (_tell_test(tests.loc[transform]) for transform in (RAW, DOUBLE_CENTRED))
        line = f"{name_way(way)}: {name} {raw}; source and target effects taken out, it {centred}"
        if brief:
            yield f"{line}."
            continue
        terms = select(tables["regression"], way)
        terms = terms[(terms["with_proxy"] == name) & (terms["feature"] == name) & terms["beyond_coefficient"].notna()]
        for row in terms.dropna(subset="p_mrqap_beyond").to_dict("records"):
            adds = "adds" if row["p_mrqap_beyond"] < SIGNIFICANCE else "is not shown to add"
            line += (
                f"; it {adds} to features, source and target together (coefficient "
                f"{cite(row, 'regression', 'beyond_coefficient')}, p {cite_p(row, 'regression', 'p_mrqap_beyond')})"
            )
        ranker = select(tables[_TABLE], {**way, "ranker": name}, [*way, "ranker"]).dropna(subset="ndcg_at_3")
        for row in ranker.to_dict("records"):
            line += f"; as a ranker its NDCG@3 is {_tell_quality(row)}"
        note = tests.loc[RAW, "note"].split(";")[0]
        yield f"{line}. It needs the target's labels; {note} [correlations.note]."


def _tell_test(row: Row) -> str:
    if pd.isna(row["p_qap"]):
        return f"cannot be told ([correlations.note]: {row['note']})"
    verdict = "goes with the scores" if row["p_qap"] < SIGNIFICANCE else "is not shown to go with the scores"
    return f"{verdict}, r = {cite(row, 'correlations', 'pearson_r')}, QAP p {cite_p(row, 'correlations', 'p_qap')}"
