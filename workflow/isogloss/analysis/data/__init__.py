"""Input of the analysis: read and check scores, features and run records, and arrange them as matrices."""
