"""Rankings of sources, and how good they are."""
