"""A job of Snakemake as a value: its rule, its wildcards, its log and its results."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from isogloss.common.errors import LONGEST
from isogloss.common.run import AXES, TRAINED_AXES, Run, read_run

_SIZE = 2**16
"""The number of bytes at the end of a log that are read."""
_START = "isogloss: "
_TRACEBACK = "Traceback (most recent call last)"


@dataclass(frozen=True)
class Job:
    """A job. log, results: paths relative to the folder in which Snakemake runs; log is empty if the job has none."""

    rule: str
    wildcards: Mapping[str, str] = field(default_factory=dict)
    log: str = ""
    results: tuple[str, ...] = ()

    @property
    def run(self) -> Run | None:
        """The run that the job does; None if it does something else, such as training on sources."""
        if not {axis.name for axis in AXES} <= self.wildcards.keys():
            return None
        return read_run(self.wildcards)

    @property
    def is_done(self) -> bool:
        """Whether all results of the job exist. Snakemake deletes the results of a job that fails."""
        return bool(self.results) and all(Path(path).exists() for path in self.results)

    def describe(self) -> str:
        """Return the name of a run as describe_run does; for other jobs, the rule and what it is about."""
        if self.run:
            return describe_run(self.run)
        if {axis.name for axis in TRAINED_AXES} <= self.wildcards.keys():
            values = {axis.name: axis.read(self.wildcards[axis.name]) for axis in TRAINED_AXES}
            known = Run(**{"target": "", "shots": 0, "adaptation": "", **values})
            return f"{self.rule} {known.task} {known.model}: {known.source_set}{_describe_rest(known)}"
        return " ".join([self.rule, *self.wildcards.values()])


def describe_run(run: Run) -> str:
    """Return a run in words: `ner crf: en -> fi, 20 shots (joint), n 100, seed 1`."""
    shots = f"{run.shots} shots" + (f" ({run.adaptation})" if run.shots else "")
    return f"{run.task} {run.model}: {describe_pair(run)}, {shots}{_describe_rest(run)}"


def describe_pair(run: Run) -> str:
    """Return the sources and the target of a run: `en -> fi`."""
    return f"{run.source_set} -> {run.target}"


def _describe_rest(run: Run) -> str:
    """Return n, the seed, and the axes that are not at their default."""
    added = [axis for axis in AXES if axis.default is not None and getattr(run, axis.name) != axis.default]
    return "".join([f", n {run.n}, seed {run.seed}", *(f", {axis.name} {getattr(run, axis.name)}" for axis in added)])


def read_reason(log: str | Path) -> str:
    """Return why a job failed, in one line of its log.

    This is the last line that isogloss printed or, after it, the last line of a traceback. If the log has neither,
    Snakemake reports the failure but the job did not: the line says so and gives the last line of the log.
    """
    try:
        with Path(log).open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - _SIZE))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return "it wrote no log"
    lines = [line.strip() for line in re.split(r"[\r\n]+", text) if line.strip()]
    if not lines:
        return "its log is empty; it may have been killed"
    last = max((place for place, line in enumerate(lines) if line.startswith(_START)), default=-1)
    if any(line.startswith(_TRACEBACK) for line in lines[last + 1 :]):
        return _shorten(lines[-1])
    if last >= 0:
        return _shorten(lines[last].removeprefix(_START))
    return _shorten(f"no error in its log, it may have been killed; the last line is: {lines[-1]}")


def _shorten(line: str) -> str:
    shown = "".join(one if one.isprintable() else " " for one in line)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 4]} ..."


def keep_failed(jobs: Iterable[Job]) -> list[Job]:
    """Return the jobs whose results do not exist, each once, in their order."""
    return list({(job.rule, *job.wildcards.items()): job for job in jobs if not job.is_done}.values())
