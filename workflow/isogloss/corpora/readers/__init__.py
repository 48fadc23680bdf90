"""Readers of the forms that labelled sentences come in."""
