"""Learning curves: laws, intervals, forecasts."""
