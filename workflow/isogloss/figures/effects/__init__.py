"""What goes with transfer, each drawn of one table: shares of variance, coefficients, rankers."""
