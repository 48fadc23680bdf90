"""Figures of associations with transfer, one table each: shares of variance, coefficients, rankers."""
