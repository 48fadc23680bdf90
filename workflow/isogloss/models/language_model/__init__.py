"""Statistics of a model's own language model."""
