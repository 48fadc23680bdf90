"""What is analysed? Scores, features, records of runs: read, checked, and arranged as matrices."""
