"""The guard of a run: the same command starts again after a kill, and no two runs write the same study.

The main process of Snakemake calls `begin` while it reads the rules and `record_start` when it has taken its locks.
Only Linux shows which processes have ended; elsewhere both functions do nothing, and Snakemake's own locks remain.
Snakemake imports this package at each start, so it uses only the standard library.
"""

from isogloss.guard.start import begin, record_start

__all__ = ["begin", "record_start"]
