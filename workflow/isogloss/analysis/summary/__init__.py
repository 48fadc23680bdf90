"""The sentences of summary.md, which report what the tables support: one module for each kind of statement."""
