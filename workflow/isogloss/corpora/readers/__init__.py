"""Readers of the file formats of labelled sentences."""
