"""What a training and a run have in common: a task, a family, checked inputs, and a training that can resume."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from isogloss.common.run import Run, allot
from isogloss.corpora.sampling import draw_shots, draw_source
from isogloss.families import import_family
from isogloss.provenance.inputs import Inputs, find_root
from isogloss.tasks import find_task
from isogloss.tasks.base import Task
from isogloss.training.state import STATE, States, keep_state


@dataclass
class Job:
    """A job with a model. corpora: the folder of the task, with one corpus per language, in the folder of a study.

    store: a cache of processed text, which jobs of the same task share; None for no cache. states: the saved states of
    its training, which `fit` sets.
    """

    kind: Task
    family: ModuleType
    recipe: Mapping[str, Any]
    corpora: Path
    inputs: Inputs
    threads: int
    store: Path | None
    states: list[States] = field(default_factory=list)

    def load(self, start: Path | None) -> Any:
        """Return the model in a folder after checking the folder; None for a family without a start."""
        return None if start is None else self.family.load(self.inputs.check(start), self.store)

    def read(self, path: Path) -> list[Any]:
        """Return the examples of a file after checking it."""
        return self.inputs.read_examples(path, self.kind.example)

    def draw_sources(self, task: str, sources: Sequence[str], n: int, seed: int) -> list[Any]:
        """Return n sentences in total of the training splits of the sources."""
        drawn = []
        for language, share in allot(n, sources).items():
            train = self.read(self.corpora / language / "train.parquet")
            drawn += draw_source(train, share, task=task, language=language, seed=seed)
        return drawn

    def draw_shots(self, run: Run) -> list[Any]:
        """Return the shots of a run, from the training split of its target."""
        train = self.read(self.corpora / run.target / "train.parquet")
        return draw_shots(train, run.shots, task=run.task, target=run.target, seed=run.seed)

    def fit(
        self, model: Any, examples: Sequence[Any], identity: Mapping[str, Any], steps: int | None, seed: int
    ) -> tuple[Any, dict[str, Any]]:
        """Train a model and return it with its budget. identity: the axes of the run or of the training.

        A long training saves its state and resumes from it. Call `finish` when the result is written.
        """
        with keep_state(self.inputs.root / STATE, [identity, self.recipe, self.inputs.digests]) as states:
            self.states.append(states)
            return self.family.fit(
                model, self.kind, examples, self.recipe, steps=steps, seed=seed, threads=self.threads
            )

    def predict(self, model: Any, examples: Sequence[Any]) -> list[Any]:
        """Return the predictions of a model, one per example."""
        return self.family.predict(model, self.kind, examples, self.recipe, threads=self.threads)

    def finish(self) -> None:
        """Remove the saved states, because the result is complete."""
        for states in self.states:
            states.remove()


def open_job(recipe: Mapping[str, Any], corpora: Path, threads: int, store: Path | None) -> Job:
    """Return the job of a recipe. Raises UserError if its task or its family is not available."""
    kind, family = find_task(recipe["kind"], recipe.get("labels", ())), import_family(recipe["family"])
    inputs = Inputs(find_root(corpora, 1))
    return Job(kind, family, recipe, corpora, inputs, threads, store)
