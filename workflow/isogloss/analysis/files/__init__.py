"""Reads the files that users bring: tables of scores and tables of languages."""
