# Ends: what is printed and written when Snakemake has finished with the study.
#
# in:  STUDY, RUNS and the jobs that failed
# out: partial/: tables and figures of the runs that are done, failed.csv and missing.csv, if not all runs are done

from snakemake.logging import logger

from isogloss.progress.ending import end_complete, end_incomplete
from isogloss.progress.jobs import Job


def list_failed():
    """Return the jobs that failed; of a group, Snakemake knows only that the whole group failed."""
    jobs = [job for one in workflow.scheduler.failed for job in (one if one.is_group() else [one])]
    return [Job(job.rule.name, dict(job.wildcards_dict), "".join(job.log[:1]), tuple(job.output)) for job in jobs]


onsuccess:
    if workflow.is_main_process:
        end_complete(STUDY, RUNS, Path())


onerror:
    if workflow.is_main_process:
        command = ["snakemake", *sys.argv[1:]]
        file = os.path.relpath(workflow.configfiles[-1]) if workflow.configfiles else "config.yaml"
        for line in end_incomplete(STUDY, RUNS, Path(), NOTICE, list_failed(), command, file):
            logger.info(line)
