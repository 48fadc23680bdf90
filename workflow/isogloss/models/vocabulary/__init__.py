"""Vocabularies: built, trimmed, cut into pieces."""
