"""The jobs of the grid of runs, and the records that they write."""
