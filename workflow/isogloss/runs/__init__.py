"""What a job of the grid does, and the records that it writes."""
