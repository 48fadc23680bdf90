"""Language model statistics: how well a model solves its own pre-training task on a text."""
