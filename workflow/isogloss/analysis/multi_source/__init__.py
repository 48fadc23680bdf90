"""Several sources against one, in both senses of pre-training."""
