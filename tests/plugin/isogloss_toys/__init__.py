"""A minimal example of each kind of entry that a package can add to isogloss."""
