"""A toy of each thing that a package can add to isogloss: what it has to bring, and no more."""
