"""Multiple tests: p-values corrected by Holm, and by Benjamini and Hochberg."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests


def adjust_p_values(table: pd.DataFrame, within: Sequence[str], left_out: pd.Series | None = None) -> pd.DataFrame:
    """Return corrected p-values for each row of a table with a column `p_qap`.

    Rows of `table` with the same values in the columns `within` form one family of tests. `left_out` is an optional
    boolean series that marks rows outside every family, such as the declared primary test. Rows without a p-value are
    outside every family too. Returns a data frame with the index of `table` and the columns `tests` (the number of
    tests in the family), `p_holm` (Holm) and `p_bh` (Benjamini and Hochberg). Rows outside every family are empty.
    """
    adjusted = pd.DataFrame(np.nan, index=table.index, columns=["tests", "p_holm", "p_bh"])
    counted = table["p_qap"].notna() & ~(left_out if left_out is not None else False)
    for _, family in table[counted].groupby(list(within), dropna=False):
        p = family["p_qap"].to_numpy()
        adjusted.loc[family.index, "tests"] = len(p)
        adjusted.loc[family.index, "p_holm"] = multipletests(p, method="holm")[1]
        adjusted.loc[family.index, "p_bh"] = multipletests(p, method="fdr_bh")[1]
    return adjusted.astype({"tests": "Int64"})
