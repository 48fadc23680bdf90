"""Statistics on plain arrays: permutation tests, intervals, models, and corrections for multiple tests."""
