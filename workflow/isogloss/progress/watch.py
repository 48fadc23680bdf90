"""Follow the jobs of a run of Snakemake: what runs now, the mean score so far, and the state for `isogloss status`.

Nothing here imports Snakemake: its logger plugin calls a Watch for each event.
"""

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from isogloss.common.files import read_json
from isogloss.common.run import RECORD, Run
from isogloss.progress.jobs import Job, describe_pair
from isogloss.progress.state import State, read_state, start_state, write_state


class Watch:
    """The jobs of one run of Snakemake on a study.

    root: the folder of the study's results. runs: its runs. metrics: task -> name of its main metric. cores, total: the
    cores that Snakemake may use and the number of its jobs, as soon as they are known. Nothing is read or written
    before the first job.
    """

    def __init__(self, root: Path, runs: Iterable[Run], metrics: Mapping[str, str]) -> None:
        self.root, self.metrics = root, metrics
        self.cores: int | None = None
        self.total = 0
        self._runs = tuple(runs)
        self._values = {axis: {getattr(run, axis) for run in self._runs} for axis in ("task", "model", "seed")}
        self._state: State | None = None
        self._running: dict[int, Job] = {}
        self._scores: dict[Run, float] = {}

    def start(self, number: int, job: Job) -> None:
        """Note that a job starts; number: its number in this run of Snakemake."""
        state = self._begin()
        self._running[number] = job
        if job.run:
            self._scores.pop(job.run, None)
        self._write(replace(state, failed=tuple(one for one in state.failed if one.log != job.log)))

    def finish(self, number: int) -> None:
        """Note that a job finished."""
        job = self._running.pop(number, None)
        if job and job.run:
            self._read_score(job.run)
        self._write(self._begin())

    def fail(self, number: int) -> None:
        """Note that a job failed. If it is started again, it is not failed any more."""
        state, job = self._begin(), self._running.pop(number, None)
        self._write(replace(state, failed=(*state.failed, job)) if job else state)

    def count(self, done: int, total: int) -> None:
        """Note how many jobs of this run of Snakemake are done."""
        self._write(replace(self._begin(), done=done, total=total))

    def end(self) -> None:
        """Note that Snakemake ends."""
        if self._state:
            self._running.clear()
            self._write(replace(self._state, ended=time.time()))

    def describe(self) -> str:
        """Return one line: the jobs that are done and failed, the mean score so far, and the jobs that run now."""
        state = self._state
        if state is None:
            return ""
        failed = f", {len(state.failed)} failed" if state.failed else ""
        now = ", ".join(map(self._describe_job, self._running.values()))
        parts = [f"{state.done}/{state.total} jobs{failed}", *self._describe_scores(), now]
        return "; ".join(filter(None, parts))

    def _describe_scores(self) -> Iterable[str]:
        """Yield the mean score of the cross-lingual runs of each task."""
        for task, metric in self.metrics.items():
            scores = [score for run, score in self._scores.items() if run.task == task]
            if scores:
                name = f"{task} {metric}" if len(self.metrics) > 1 else metric
                many = f"{len(scores)} run{'' if len(scores) == 1 else 's'}"
                yield f"mean {name} {sum(scores) / len(scores):.3f} ({many})"

    def _describe_job(self, job: Job) -> str:
        """Return the pair and the shots of a run, and what else varies between the runs of the study."""
        run = job.run
        if run is None:
            return job.describe()
        parts = [value for axis, value in (("task", run.task), ("model", run.model)) if len(self._values[axis]) > 1]
        parts += [f"{run.shots} shots", *([f"seed {run.seed}"] if len(self._values["seed"]) > 1 else [])]
        return f"{describe_pair(run)} ({', '.join(parts)})"

    def _begin(self) -> State:
        """Return the state. At the first job, take over what failed before and has no result yet."""
        if self._state is None:
            before = read_state(self.root)
            failed = tuple(job for job in before.failed if not job.is_done) if before else ()
            self._state = replace(start_state(time.time(), failed), cores=self.cores, total=self.total)
            for run in self._runs:
                self._read_score(run)
        return self._state

    def _write(self, state: State) -> None:
        self._state = replace(state, running=tuple(self._running.values()))
        with suppress(OSError):  # a full disk or a read-only folder stops the jobs, which report it
            write_state(self.root, self._state)

    def _read_score(self, run: Run) -> None:
        """Read the main score of a cross-lingual run, if it has a record with one."""
        if not run.sources or run.in_language:
            return
        try:
            score = read_json(self.root / run.folder / RECORD)["scores"][self.metrics[run.task]]
        except (OSError, ValueError, KeyError, TypeError):
            return
        if score is not None:
            self._scores[run] = score
