"""Analysis of transfer scores, usable alone on anybody's: tables and a summary, no torch and no Snakemake."""
