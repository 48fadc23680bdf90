"""Verify the results of a study: compare every file with its record, and every record with the study."""
