"""Many tests at once: p-values adjusted after Holm and after Benjamini and Hochberg."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests


def adjust_p_values(table: pd.DataFrame, within: Sequence[str], left_out: pd.Series | None = None) -> pd.DataFrame:
    """Return `tests`, `p_holm` and `p_bh` for each row of a table with a column `p_qap`, by its index.

    Rows with the same values of the columns `within` are one family. `tests` is how many of them have a p; rows
    without one, and those marked in left_out (the declared primary test), belong to no family and are empty.
    """
    adjusted = pd.DataFrame(np.nan, index=table.index, columns=["tests", "p_holm", "p_bh"])
    counted = table["p_qap"].notna() & ~(left_out if left_out is not None else False)
    for _, family in table[counted].groupby(list(within), dropna=False):
        p = family["p_qap"].to_numpy()
        adjusted.loc[family.index, "tests"] = len(p)
        adjusted.loc[family.index, "p_holm"] = multipletests(p, method="holm")[1]
        adjusted.loc[family.index, "p_bh"] = multipletests(p, method="fdr_bh")[1]
    return adjusted.astype({"tests": "Int64"})
