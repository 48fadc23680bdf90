"""Studies whose jobs Slurm runs: start snakemake as docs/cluster.md says, and wait for what happens."""

import os
import re
import subprocess
import sys

from slurm_cluster import run, wait_until
from studies import PROJECT, Outcome, Workspace, heed_ctrl_c

RESULTS = "results/small"
SCORES = f"{RESULTS}/analysis/scores.csv"
PATIENCE = 1200
"""Seconds in which a small study must finish, also on a busy machine. Each job needs about 6 seconds of a processor."""
_QUICK = ("--slurm-init-seconds-before-status-checks", "2", "--seconds-between-status-checks", "2")


class Submission:
    """The main process of snakemake for a study; its jobs are Slurm's."""

    def __init__(self, workspace: Workspace, *arguments: str) -> None:
        self.folder = workspace.folder
        self._printed = self.folder / f"printed-{len(list(self.folder.glob('printed-*')))}.txt"
        profile = ("--workflow-profile", str(PROJECT / "profiles" / "slurm"))
        given = ("--snakefile", str(PROJECT / "Snakefile"), "--configfile", "study.yaml")
        with self._printed.open("w") as printed:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "snakemake", *given, *profile, *_QUICK, *arguments],
                cwd=self.folder,
                env={"HF_HUB_OFFLINE": "1", **os.environ},
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
                preexec_fn=heed_ctrl_c,
            )

    @property
    def text(self) -> str:
        """Return what snakemake has printed."""
        return self._printed.read_text(encoding="utf-8")

    @property
    def run_id(self) -> str:
        """Return the name of all its jobs in Slurm."""
        return re.search(r"^SLURM run ID: (\S+)$", self.text, re.MULTILINE)[1]

    def finish(self) -> Outcome:
        """Wait for the end and return it."""
        try:
            return Outcome(self.process.wait(PATIENCE), self.text)
        finally:
            self.process.kill()

    def wait_for_jobs(self, rule: str, count: int) -> list[str]:
        """Return the numbers of `count` or more running jobs of a rule or group when its commands have started."""
        found: list[str] = []

        def find() -> bool:
            listed = run("squeue", "--noheader", "--states=running", "--format=%i %j %k") or ""
            rows = [line.split() for line in listed.splitlines()]
            found[:] = [row[0] for row in rows if row[1] == self.run_id and rule in row[2]]
            return len(found) >= count

        wait_until(lambda: "SLURM run ID" in self.text and find(), f"{count} jobs of {rule}", PATIENCE)
        return found


def submit(workspace: Workspace, *arguments: str) -> Outcome:
    """Run a study by Slurm and return its end."""
    return Submission(workspace, *arguments).finish()


def read_scores(workspace: Workspace) -> bytes:
    """Return the table of scores, which contains no costs."""
    return (workspace.folder / SCORES).read_bytes()


def find_node(job: str) -> str:
    """Return the node of a running job."""
    return (run("squeue", "--noheader", f"--jobs={job}", "--format=%N") or "").strip()


def list_submissions(text: str) -> dict[str, str]:
    """Return Slurm's number of each submission -> the rule or group, from what snakemake has printed."""
    pattern = r"has been submitted with SLURM jobid (\d+) \(log: \S+/slurm_logs/([^/\s]+)/"
    return dict(re.findall(pattern, text))
