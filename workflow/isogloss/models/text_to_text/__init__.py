"""The `text-to-text` family."""
