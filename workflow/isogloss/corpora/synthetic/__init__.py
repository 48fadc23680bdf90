"""The made-up demonstration corpus."""
