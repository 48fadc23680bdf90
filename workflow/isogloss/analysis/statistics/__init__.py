"""How sure is a number? Permutation tests, intervals, models and corrections, on arrays that know no language."""
