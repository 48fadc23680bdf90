# isogloss: which languages teach which?
# This is the table of contents: what a study makes is decided by its config (workflow/isogloss/study/grid.py),
# how each thing is made stands in workflow/rules/, in the order in which the data go through them.
from snakemake.utils import min_version

min_version("9.27")


# A study file is whole. Were the default read as well, Snakemake would merge the two and every study would
# inherit the default's models.
if not workflow.config_settings.configfiles:

    configfile: "config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/corpora.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/transfer.smk"
include: "workflow/rules/language_model.smk"
include: "workflow/rules/features.smk"
include: "workflow/rules/analysis.smk"


rule all:
    default_target: True
    input:
        list_targets(),
