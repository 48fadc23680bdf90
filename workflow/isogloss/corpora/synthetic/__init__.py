"""The synthetic demonstration corpus."""
