"""What an analysis reads: scores, records of runs, matrices."""
