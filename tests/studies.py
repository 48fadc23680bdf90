"""Small studies in their own folder: run them with the real snakemake and count what it did."""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).parents[1]
SAMPLES = PROJECT.parent / "shared" / "data"
# The last jobs of every study, which run when all scores exist: one of each, whatever the size of the study.
ENDS = {"scores": 1, "analyse": 1, "report": 1, "all": 1}


@dataclass(frozen=True)
class Outcome:
    """The result of a command: exit status, all output, and the jobs by rule in snakemake's first table."""

    status: int
    text: str

    @property
    def jobs(self) -> dict[str, int]:
        """Return the jobs by rule; empty if nothing was planned."""
        table = re.search(r"^Job stats:\njob +count\n[- ]+\n(.*?)^total ", self.text, re.MULTILINE | re.DOTALL)
        rows = table[1].splitlines() if table else []
        return {rule: int(count) for rule, count in map(str.split, rows)}

    @property
    def complaints(self) -> list[str]:
        """Return the lines that isogloss itself printed."""
        return [line for line in self.text.splitlines() if line.startswith("isogloss:")]

    def list_blocks(self, rule: str) -> Iterator[dict[str, str]]:
        """Yield what snakemake printed for each planned job of a rule: `wildcards`, `threads`, `resources`, ...

        Snakemake indents the jobs of a group.
        """
        for block in re.finditer(rf"^( *)(?:local)?rule {rule}:\n((?:\1 +\S.*\n)+)", self.text, re.MULTILINE):
            yield dict(re.findall(r"^ +([a-z]+): (.*)$", block[2], re.MULTILINE))


@dataclass(frozen=True)
class Workspace:
    """A folder outside the project in which studies are run."""

    folder: Path

    def copy(self, folder: Path) -> "Workspace":
        """Copy the folder with its file times, so that snakemake considers the results in the copy finished."""
        return Workspace(shutil.copytree(self.folder, folder))

    def write(self, study: dict[str, Any], name: str = "study.yaml") -> None:
        """Write a study file to the folder."""
        (self.folder / name).write_text(yaml.safe_dump(study, sort_keys=False), encoding="utf-8")

    def snakemake(self, *arguments: str, study: str = "study.yaml", snakefile: Path = PROJECT / "Snakefile") -> Outcome:
        """Run snakemake on a study file in the folder. It finds the profile next to the Snakefile."""
        given = ["--snakefile", str(snakefile), "--directory", str(self.folder)]
        brief = ["--max-jobs-per-timespan", "100/1s"]  # the limit in the profile is for studies with hundreds of jobs
        return self._run("snakemake", *given, "--configfile", study, "--cores", "1", *brief, *arguments)

    def plan(self, *arguments: str, study: str = "study.yaml") -> dict[str, int]:
        """Return the jobs by rule that snakemake would run."""
        outcome = self.snakemake("--dry-run", *arguments, study=study)
        assert outcome.status == 0, outcome.text
        assert outcome.jobs or "Nothing to be done" in outcome.text, outcome.text
        return outcome.jobs

    def run(self, *arguments: str, study: str = "study.yaml") -> dict[str, int]:
        """Run a study, or the targets in `arguments`, and return the jobs by rule that were run."""
        outcome = self.snakemake(*arguments, study=study)
        assert outcome.status == 0, outcome.text
        return outcome.jobs

    def pretend(self) -> None:
        """Make snakemake consider the study finished, with empty results: enough for planning, without any training."""
        for row in self.snakemake("--summary").text.splitlines():
            if row.startswith("results/"):
                path, _, rule, *_ = row.split("\t")
                is_folder = rule in ("build_model", "trim_model", "finetune", "report") or path.endswith("/checkpoint")
                file = self.folder / path / ("file" if is_folder else "")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text("nothing", encoding="utf-8")
        self.run("--touch", "--forceall")

    def isogloss(self, *arguments: str) -> Outcome:
        """Run a command of the command line."""
        return self._run("isogloss", *arguments)

    def read_times(self, *parts: str) -> dict[str, int]:
        """Return the modification time of every file below a part of the folder."""
        files = [path for path in self.folder.joinpath(*parts).rglob("*") if path.is_file()]
        return {str(path.relative_to(self.folder)): path.stat().st_mtime_ns for path in files}

    def _run(self, module: str, *arguments: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self.folder,
            env={"HF_HUB_OFFLINE": "1", **os.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Outcome(done.returncode, done.stdout)


def heed_ctrl_c() -> None:
    """Let a process that is about to start receive Ctrl-C, even if the tests run in the background of a shell."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def change(study: dict, path: str, value: object) -> dict:
    """Set a key of a study, given by its path, such as `analysis.primary.model`; `...` removes the key."""
    *parents, last = path.split(".")
    part = study
    for key in parents:
        part = part[key]
    if value is ...:
        del part[last]
    else:
        part[last] = value
    return study


def make_study(**changes: Any) -> dict[str, Any]:
    """Return a study of three languages with a CRF, whose jobs take a second each, with some keys changed."""
    return {
        "study": "small",
        "languages": ["de", "en", "fi"],
        "tasks": {"ner": {"kind": "ner", "corpus": {"synthetic": {"train": 60, "validation": 10, "test": 20}}}},
        "models": {"crf": {"family": "crf"}},
        "transfer": {"sources": ["each", "none"], "n": 30, "shots": [0, 5]},
        "training": {"crf": {"max_iterations": 10}},
        "analysis": {"permutations": 20},
        **changes,
    }


def make_hub_study(second: str, corpus: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a study of three languages of WikiANN on the hub, tested also on MasakhaNER and on a second corpus."""
    tests = {"masakhaner": {"hub": {"dataset": "masakhane/masakhaner2"}}, second: corpus}
    ner = {"kind": "ner", "corpus": {"hub": {"dataset": "unimelb-nlp/wikiann"}}, "test_corpora": tests}
    return make_study(languages=["de", "en", "sw"], tasks={"ner": ner}, **changes)


def prepare_once(name: str, prepare: Callable[[Workspace], None], factory: pytest.TempPathFactory) -> Workspace:
    """Return a workspace that is prepared once per test session, for all workers. Tests must not change it."""
    shared = factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else factory.getbasetemp()
    prepared, beside = shared / name, shared / f"{name}.part"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not prepared.exists():
            shutil.rmtree(beside, ignore_errors=True)
            beside.mkdir()
            prepare(Workspace(beside))
            beside.rename(prepared)
    return Workspace(prepared)
