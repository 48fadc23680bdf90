# Where snakemake looks first: the workflow is workflow/Snakefile, and this file makes its default target that of a call here.
include: "workflow/Snakefile"


workflow.default_target = "all"
