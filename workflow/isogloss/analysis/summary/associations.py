"""What goes with transfer: each feature by itself, all together, and for a language never seen."""

from collections.abc import Iterator

import pandas as pd

from isogloss.analysis.statistics.conventions import SIGNIFICANCE
from isogloss.analysis.statistics.transforms import DOUBLE_CENTRED, RAW
from isogloss.analysis.summary.wording import (
    Row,
    Tables,
    cite,
    cite_p,
    list_names,
    name_score,
    name_way,
    select,
)

_COLLINEAR = 5


def tell_features(tables: Tables, way: Row, brief: bool) -> Iterator[str]:
    """Yield what is left of the features' correlations when languages are permuted, and when tests are counted."""
    own = select(tables["correlations"], way)
    own = own[~own["needs_target_labels"]]
    where, survived = name_way(way), []
    for transform, words in ((RAW, "as they are"), (DOUBLE_CENTRED, "source and target effects taken out")):
        rows = own[own["transform"] == transform]
        tested = rows.dropna(subset="p_qap")
        if tested.empty:
            reason = rows["note"].iloc[0] if len(rows) else "no features"
            yield f"{where}, {words}: nothing can be told of features [correlations.note]: {reason}."
            continue
        holm = tested[tested["p_holm"] < SIGNIFICANCE]
        survived.append(f"{words}, {list_names(holm['feature'])}")
        if not brief:
            yield f"{where}, {words}: {_count_tests(tested)}. {_tell_survivors(holm, tested)}"
    if brief and survived:
        yield f"{where}: supported after Holm [correlations.p_holm]: {'; '.join(survived)}."


def _count_tests(rows: pd.DataFrame) -> str:
    names = {"p_plain": "plain", "p_qap": "QAP", "p_bh": "after Benjamini and Hochberg", "p_holm": "after Holm"}
    counts = [f"{name} {(rows[column] < SIGNIFICANCE).sum()} [correlations.{column}]" for column, name in names.items()]
    return f"{len(rows)} features tested; p below 0.05: {', '.join(counts)}"


def _tell_survivors(rows: pd.DataFrame, tested: pd.DataFrame) -> str:
    """Say which features are supported after Holm, by their r, and that the others are not."""
    adjusted = tested.dropna(subset="p_holm")
    if adjusted.empty:
        return "The declared hypothesis is the only test."
    if rows.empty:
        tests, permutations = adjusted["tests"].max(), adjusted["permutations"].max()
        if tests / (1 + permutations) >= SIGNIFICANCE:
            return f"**It cannot be told** what {tests:.0f} tests leave: {permutations} permutations are too few."
        return f"**Not supported**: any of them, once {tests:.0f} tests are allowed for [correlations.tests]."
    named = []
    for row in rows.to_dict("records"):
        r, p = cite(row, "correlations", "pearson_r"), cite_p(row, "correlations", "p_holm")
        named.append(f"**{row['feature']}** (r = {r}, p {p})")
    return f"**Supported** after Holm: {list_names(named)}; the others are not."


def tell_regression(tables: Tables, way: Row, brief: bool) -> Iterator[str]:
    """Yield what each feature adds to the others and all to source and target."""
    own = select(tables["regression"], way)
    rows = own[(own["with_proxy"] == "") & own["coefficient"].notna()]
    where = name_way(way)
    if rows.empty:
        yield f"{where}: no regression [regression.note]."
        return
    found, beyond = (rows[rows[column] < SIGNIFICANCE] for column in ("p_mrqap", "p_mrqap_beyond"))
    if brief:
        yield (
            f"{where}: MRQAP p below 0.05 for {list_names(found['feature'])} [regression.p_mrqap]; beyond source and "
            f"target for {list_names(beyond['feature'])} [regression.p_mrqap_beyond]."
        )
        return
    first = rows.iloc[0]
    yield (
        f"{where}, {list_names(rows['feature'])} in one regression: MRQAP p below 0.05 for "
        f"{_tell_terms(found, 'mrqap_coefficient', 'p_mrqap')}; beyond source and target for "
        f"{_tell_terms(beyond, 'beyond_coefficient', 'p_mrqap_beyond')}. R2 = {cite(first, 'regression', 'r2')}; of "
        f"source and target {cite(first, 'regression', 'r2_additive')}, to which the features add "
        f"{cite(first, 'regression', 'r2_beyond')}."
    )
    if rows["p_mrqap"].isna().all():
        yield f"{where}: no p of the regression can be told [regression.note]: {first['note']}."
    inflated = rows[rows["vif"] > _COLLINEAR]
    if len(inflated):
        named = (f"{row['feature']} ({cite(row, 'regression', 'vif', 1)})" for row in inflated.to_dict("records"))
        yield f"{where}: collinear, so that no single coefficient should be read: {list_names(named)}."
    if pd.isna(first["sd_source_family"]) and "no family effects" in first["note"]:
        reason = first["note"].split("no family effects: ")[1].split(";")[0]
        yield f"{where}: effects of families cannot be told from effects of languages: {reason} [regression.note]."


def _tell_terms(rows: pd.DataFrame, coefficient: str, p: str) -> str:
    if rows.empty:
        return "none of them"
    return list_names(
        f"**{row['feature']}** ({cite(row, 'regression', coefficient)}, p {cite_p(row, 'regression', p)})"
        for row in rows.to_dict("records")
    )


def tell_prediction(tables: Tables, way: Row, brief: bool) -> Iterator[str]:
    """Yield whether features help to predict the scores of a language never seen; nothing where it is to be brief."""
    own = select(tables["prediction"], way)
    rows = own[own["held_out"] == "both"].set_index("predictor", drop=False)
    if brief or rows.empty or rows.loc[["additive", "features", "additive+features"], "rmse"].isna().any():
        return
    metric = name_score(select(tables["matrices"], way)["metric"].iloc[0])
    means, alone, both = (rows.loc[name] for name in ("additive", "features", "additive+features"))
    gain = 1 - both["rmse"] / means["rmse"]
    better = "better" if alone["rmse"] < means["rmse"] else "worse"
    together = f"miss it by {gain:.1%} less" if gain > 0 else "do no better"
    yield (
        f"{name_way(way)}: for a language never seen as source or target, the level of the pair's other language "
        f"misses {metric} by {cite(means, 'prediction', 'rmse')}, root mean squared; features alone do {better}, "
        f"{cite(alone, 'prediction', 'rmse')}; both together {together}, {cite(both, 'prediction', 'rmse')}. These "
        "errors have no interval."
    )
