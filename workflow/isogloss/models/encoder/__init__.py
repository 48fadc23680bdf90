"""The model family `encoder`."""
