"""Statistics on arrays: permutation tests, intervals, models, corrections."""
