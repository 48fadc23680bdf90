"""What a study will cost, and what is left of it."""
