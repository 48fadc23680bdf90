"""Cancelling the jobs of a killed run without Slurm. tests/cluster does it with Slurm."""

import pytest

from isogloss.common.errors import UserError, write_line
from isogloss.guard.slurm import cancel_jobs, end_jobs, list_jobs

RUN = "9bf4cdf4-82aa-48f7-b34a-8966f97b473f"


class Note:
    run = None


def test_without_slurm_the_line_says_how_to_cancel_the_jobs(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    for function in (list_jobs, cancel_jobs):
        with pytest.raises(UserError, match=f"squeue failed .*scancel --me --name={RUN}") as caught:
            function(RUN)
        line = write_line(caught.value)
        assert len(line) < 300 and "..." not in line


def test_a_run_that_has_submitted_no_job_needs_no_slurm(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert end_jobs(Note()) == 0
