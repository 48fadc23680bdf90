"""What makes transfer between two languages good? Correlation, regression, prediction, variance; checks of the data."""
