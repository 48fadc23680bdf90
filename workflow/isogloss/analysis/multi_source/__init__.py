"""Are several sources better than one? Arms compared, in both senses of pre-training."""
