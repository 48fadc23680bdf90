"""Readers: the records of a file become examples of a task."""
