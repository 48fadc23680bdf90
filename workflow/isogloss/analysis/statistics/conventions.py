"""Constants that tests and intervals share: levels, numbers of draws, and thresholds for ties and rounding errors."""

CONFIDENCE = 0.95
"""The confidence level of every interval."""

SIGNIFICANCE = 0.05
"""A p-value below this is called significant."""

DRAWS = 1000
"""The number of bootstrap samples. With 1,000 samples, the standard error is known to 2%."""

FEWEST_LANGUAGES = 5
"""With fewer languages, a matrix has too few permutations (24 for 4 languages) for a meaningful p-value."""

TIE = 1e-12
"""Scores, correlations and standardised values this close are equal, so that rounding errors cannot break a tie."""

NO_SQUARES = 1e-12
"""A sum of squares of standardised values below this is a rounding error."""

NO_SHARE = 1e-10
"""A share of variance below this is a rounding error: the column is a linear combination of other columns."""

RIDGE = 1e-9
"""Added to the diagonal of normal equations that are singular by construction; fitted values do not change."""
