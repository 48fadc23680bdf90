# Snakemake looks for this file first. It includes workflow/Snakefile and sets the default target of a direct call.
include: "workflow/Snakefile"


workflow.default_target = "all"
