"""Figures: one file each, every figure as SVG and PNG; and the report that shows them."""
