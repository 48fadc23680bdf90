"""The numbers that tests and intervals share: levels, draws, and what counts as equal or as nothing."""

CONFIDENCE = 0.95
"""Of every interval."""

SIGNIFICANCE = 0.05
"""A p-value below this is called significant."""

DRAWS = 1000
"""Of a bootstrap: its standard error is then known to 2%."""

FEWEST_LANGUAGES = 5
"""With fewer, a matrix has too few permutations (24 of 4 languages) for a p-value to mean anything."""

TIE = 1e-12
"""Scores, correlations and standardised values this close are the same: the order of summation must not decide."""

NO_SQUARES = 1e-12
"""A sum of squares of standardised values below this is rounding."""

NO_SHARE = 1e-10
"""A share of the variance below this is rounding: a column with no more left is a combination of others."""

RIDGE = 1e-9
"""Added to the diagonal of normal equations that are singular by construction: it moves no fitted value."""
