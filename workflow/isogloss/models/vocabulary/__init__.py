"""Subword vocabularies: train a vocabulary, trim one, and split words into subwords."""
