"""The effect of labelled target sentences: learning curves, their laws, intervals and forecasts."""
