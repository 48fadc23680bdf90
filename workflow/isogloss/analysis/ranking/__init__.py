"""Ranking of the sources of a target: rankers, and measures of the quality of their rankings."""
