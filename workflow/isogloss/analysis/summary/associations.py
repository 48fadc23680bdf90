"""Sentences on features and transfer: each feature by itself, all features together, and unseen languages."""

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


def report_features(tables: Tables, way: Row, brief: bool) -> Iterator[str]:
    """Yield which features correlate with the scores by permutation test, after correction for multiple tests."""
    own = select(tables["correlations"], way)
    own = own[~own["needs_target_labels"]]
    where, survived = name_way(way), []
    for transform, words in ((RAW, "raw scores"), (DOUBLE_CENTRED, "source and target effects removed")):
        rows = own[own["transform"] == transform]
        tested = rows.dropna(subset="p_qap")
        if tested.empty:
            reason = rows["note"].iloc[0] if len(rows) else "no features"
            yield f"{where}, {words}: **inconclusive**: no feature was tested ([correlations.note]: {reason})."
            continue
        holm = tested[tested["p_holm"] < SIGNIFICANCE]
        survived.append(f"with {words}: {list_names(holm['feature'])}")
        if not brief:
            yield f"{where}, {words}: {_report_survivors(holm, tested)} {_count_tests(tested)}."
    if brief and survived:
        yield f"{where}: features supported after Holm correction [correlations.p_holm], {'; '.join(survived)}."


def _count_tests(rows: pd.DataFrame) -> str:
    names = {"p_plain": "plain", "p_qap": "QAP", "p_bh": "Benjamini-Hochberg", "p_holm": "Holm"}
    counts = [f"{name} {(rows[column] < SIGNIFICANCE).sum()} [correlations.{column}]" for column, name in names.items()]
    return f"Features tested: {len(rows)}. Features with p below 0.05: {', '.join(counts)}"


def _report_survivors(rows: pd.DataFrame, tested: pd.DataFrame) -> str:
    """Return the verdict after Holm correction: the features that are supported, each with its r and p."""
    adjusted = tested.dropna(subset="p_holm")
    if adjusted.empty:
        return "the declared hypothesis is the only test."
    if rows.empty:
        tests, permutations = adjusted["tests"].max(), adjusted["permutations"].max()
        if tests / (1 + permutations) >= SIGNIFICANCE:
            return (
                f"**inconclusive**: Holm correction for {tests:.0f} tests requires more than {permutations} "
                "permutations."
            )
        return (
            f"**not supported**: after Holm correction for {tests:.0f} tests [correlations.tests], no feature is "
            "significant."
        )
    named = []
    for row in rows.to_dict("records"):
        r, p = cite(row, "correlations", "pearson_r"), cite_p(row, "correlations", "p_holm")
        named.append(f"**{row['feature']}** (r = {r}, p {p})")
    return f"**supported** after Holm correction for {list_names(named)}. No other feature is supported."


def report_regression(tables: Tables, way: Row, brief: bool) -> Iterator[str]:
    """Yield what each feature adds to the other features, and what all features add to source and target effects."""
    own = select(tables["regression"], way)
    rows = own[(own["with_proxy"] == "") & own["coefficient"].notna()]
    where = name_way(way)
    if rows.empty:
        yield f"{where}: no regression was computed [regression.note]."
        return
    found, beyond = (rows[rows[column] < SIGNIFICANCE] for column in ("p_mrqap", "p_mrqap_beyond"))
    if brief:
        yield (
            f"{where}: features with MRQAP p below 0.05: {list_names(found['feature'])} [regression.p_mrqap]. With "
            f"source and target effects in the model: {list_names(beyond['feature'])} [regression.p_mrqap_beyond]."
        )
        return
    first = rows.iloc[0]
    yield (
        f"{where}, regression on {list_names(rows['feature'])}: MRQAP p is below 0.05 for "
        f"{_report_terms(found, 'mrqap_coefficient', 'p_mrqap')}. With source and target effects in the model, it is "
        f"below 0.05 for {_report_terms(beyond, 'beyond_coefficient', 'p_mrqap_beyond')}. R2 of the features is "
        f"{cite(first, 'regression', 'r2')}. R2 of source and target is {cite(first, 'regression', 'r2_additive')}; "
        f"the features add {cite(first, 'regression', 'r2_beyond')}."
    )
    if rows["p_mrqap"].isna().all():
        yield f"{where}: **inconclusive**: the regression has no p-values ([regression.note]: {first['note']})."
    inflated = rows[rows["vif"] > _COLLINEAR]
    if len(inflated):
        named = (f"{row['feature']} ({cite(row, 'regression', 'vif', 1)})" for row in inflated.to_dict("records"))
        yield (
            f"{where}: collinear features, whose single coefficients should not be interpreted (variance inflation in "
            f"brackets): {list_names(named)}."
        )
    if pd.isna(first["sd_source_family"]) and "no family effects" in first["note"]:
        reason = first["note"].split("no family effects: ")[1].split(";")[0]
        yield (
            f"{where}: effects of language families cannot be separated from effects of languages: {reason} "
            "[regression.note]."
        )


def _report_terms(rows: pd.DataFrame, coefficient: str, p: str) -> str:
    if rows.empty:
        return "none of them"
    return list_names(
        f"**{row['feature']}** ({cite(row, 'regression', coefficient)}, p {cite_p(row, 'regression', p)})"
        for row in rows.to_dict("records")
    )


def report_prediction(tables: Tables, way: Row, brief: bool) -> Iterator[str]:
    """Yield whether features improve the prediction of scores of an unseen language; yield nothing if brief."""
    own = select(tables["prediction"], way)
    rows = own[own["held_out"] == "both"].set_index("predictor", drop=False)
    if brief or rows.empty or rows.loc[["additive", "features", "additive+features"], "rmse"].isna().any():
        return
    metric = name_score(select(tables["matrices"], way)["metric"].iloc[0])
    means, alone, both = (rows.loc[name] for name in ("additive", "features", "additive+features"))
    gain = 1 - both["rmse"] / means["rmse"]
    better = "smaller" if alone["rmse"] < means["rmse"] else "larger"
    together = f"reduce the first error by {gain:.1%}" if gain > 0 else "do not reduce the first error"
    yield (
        f"{name_way(way)}: {metric} is predicted for a language that is unseen as source and as target. The level of "
        f"the pair's other language has a root mean squared error of {cite(means, 'prediction', 'rmse')}. Features "
        f"alone have a {better} error, {cite(alone, 'prediction', 'rmse')}. Both together {together}, with an error of "
        f"{cite(both, 'prediction', 'rmse')}. These errors have no intervals."
    )
