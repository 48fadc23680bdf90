"""The tables that an analysis writes, by name: what the workflow declares as outputs. Imports nothing."""

TABLE_NAMES = (
    "matrices.csv",
    "checks.csv",
    "correlations.csv",
    "differences.csv",
    "partial.csv",
    "variance.csv",
    "regression.csv",
    "prediction.csv",
    "few_shot.csv",
    "laws.csv",
    "forecast.csv",
    "ranking.csv",
    "multi_source.csv",
    "multi_source_means.csv",
    "multi_source_areas.csv",
    "multi_source_sizes.csv",
    "multi_source_joint.csv",
)
"""Beside summary.md and multi_source.md, which are made from them."""
