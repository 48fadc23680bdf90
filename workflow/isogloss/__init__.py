"""isogloss: which languages teach which? The library under the workflow; it knows no Snakemake."""

__version__ = "0.1.0"
