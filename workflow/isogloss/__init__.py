"""isogloss: which languages are good transfer sources for which others? The library that the workflow calls.

The library does not import Snakemake.
"""

__version__ = "0.1.0"
