"""Relations between language features and transfer: correlation, regression, prediction, variance, data checks."""
