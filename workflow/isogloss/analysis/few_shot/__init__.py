"""What do labelled target sentences add? Learning curves: laws, intervals, forecasts."""
