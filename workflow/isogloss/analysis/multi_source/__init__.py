"""Comparison of arms (are several sources better than one?), in both senses of pre-training."""
