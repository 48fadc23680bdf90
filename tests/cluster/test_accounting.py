"""The same profile on a cluster with accounting, and with `sacct` for the state of jobs."""

import shutil

from slurm_cluster import run
from submitted import RESULTS, SCORES, list_submissions, read_scores, submit

ACCOUNTING = True


def test_the_profile_works_with_accounting(cluster, local, tmp_path):
    workspace = local.copy(tmp_path / "copy")
    runs = f"{RESULTS}/transfer/ner/crf/de/n-30"
    shutil.rmtree(workspace.folder / runs)
    records = [f"{runs}/{target}/shots-0/direct/seed-1/metrics.json" for target in ("de", "en", "fi")]
    first = submit(workspace, *records)
    assert first.status == 0 and first.jobs == {"transfer": 3}, first.text

    second = submit(workspace, SCORES, "--slurm-status-command", "sacct")
    assert second.status == 0 and second.jobs == {"scores": 1}, second.text
    assert read_scores(workspace) == read_scores(local)

    accounted = run("sacct", "--noheader", "--allocations", "--format=jobid,state").splitlines()
    submitted = [*list_submissions(first.text), *list_submissions(second.text)]
    assert [line.split() for line in accounted] == [[job, "COMPLETED"] for job in submitted]
