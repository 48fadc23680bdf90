"""The model family `text-to-text`."""
