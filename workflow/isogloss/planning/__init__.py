"""Estimates of the cost of a study and of what remains to be done."""
