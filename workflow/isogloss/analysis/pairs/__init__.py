"""Tables about pairs of languages: correlation, regression, prediction, variance, checks."""
