"""Implementations of the model families. They import large libraries, so only the jobs that need them import them."""
