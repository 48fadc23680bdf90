"""Figures, one module for each kind, drawn as SVG and PNG; and the report that contains them."""
