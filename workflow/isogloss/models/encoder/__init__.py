"""The `encoder` family."""
