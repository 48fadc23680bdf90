"""What do the tables support? summary.md in plain sentences; a module for each kind of statement."""
