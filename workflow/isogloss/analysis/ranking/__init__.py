"""Which source should one choose for a target? Rankers of sources, and how good their rankings are."""
