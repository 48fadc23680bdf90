"""Measure what digests cost: the time to write and check them in the jobs of the default study."""

import contextlib
import io
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import Measured

from isogloss.cli import run as call
from isogloss.common import files
from isogloss.common.run import Run
from isogloss.provenance import inputs, seal
from isogloss.runs import collect, job, transfer
from isogloss.study import recipes
from isogloss.study.check import check_study
from isogloss.study.products import place_trained
from isogloss.study.reading.yaml_file import read_config

STUDY = Path(__file__).parents[1] / "config.yaml"
ROUNDS = 3
PAIR = ("en", "de")


class Stopwatch:
    """Adds up the time in functions, without counting calls inside each other twice."""

    def __init__(self) -> None:
        self.seconds, self.depth = 0.0, 0

    def wrap(self, function: Callable) -> Callable:
        """Return the function with its time added."""

        def timed(*parts, **named):
            began, self.depth = time.perf_counter(), self.depth + 1
            try:
                return function(*parts, **named)
            finally:
                self.depth -= 1
                self.seconds += 0.0 if self.depth else time.perf_counter() - began

        return timed


DIGESTS, DISK = Stopwatch(), Stopwatch()


def measure() -> Measured:
    """Run one job of each kind several times, in this process, and weigh the kinds by their number in the study."""
    inputs.Inputs.check = DIGESTS.wrap(inputs.Inputs.check)
    for module in (seal, transfer, collect, job):
        for name in ("seal", "seal_folder", "read_record"):
            if hasattr(module, name):
                setattr(module, name, DIGESTS.wrap(getattr(module, name)))
    files._write_through = DISK.wrap(files._write_through)
    study, runs, _ = check_study(read_config(STUDY), Path(tempfile.mkdtemp()))
    rows = [("job", "jobs", "seconds a job", "of them digests", "of them waiting for the disk")]
    total, digests, disk = 0.0, 0.0, 0.0
    with tempfile.TemporaryDirectory() as place:
        for name, count, work in list_jobs(study, runs, Path(place)):
            took, hashed, waited = (statistics.median(times) for times in zip(*time_job(work), strict=True))
            rows.append((name, str(count), f"{took:.2f}", f"{hashed / took:.1%}", f"{waited / took:.1%}"))
            total, digests, disk = total + count * took, digests + count * hashed, disk + count * waited
    rows.append(
        (
            "all, by their number",
            str(sum(int(row[1]) for row in rows[1:])),
            "",
            f"{digests / total:.1%}",
            f"{disk / total:.1%}",
        )
    )
    return Measured(
        "Time that jobs of the default study need to check the digests of their inputs and to write those of their "
        "results, and to wait until their files are on the disk, as parts of the time of the job without the start of "
        f"Python (`benchmarks/digests.py`). Medians over {ROUNDS} rounds.",
        rows,
        f"Target: digests take less than 5% of the time. Measured: {digests / total:.1%}.",
    )


def time_job(work: Callable[[], None]) -> Iterator[tuple[float, float, float]]:
    """Yield the seconds of a job, and of its digests and its disk, in each round."""
    for _ in range(ROUNDS):
        DIGESTS.seconds = DISK.seconds = 0.0
        began = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            work()
        yield time.perf_counter() - began, DIGESTS.seconds, DISK.seconds


def list_jobs(study, runs: list[Run], place: Path) -> Iterator[tuple[str, int, Callable[[], None]]]:
    """Yield (name, number in the study, job) for each kind of job, in the order of the data flow."""
    recipe = recipes.write_corpus_recipe(study, "ner")
    for code in study.languages:
        arguments = ["corpus", "--recipe", recipe, "--language", code, "--out", str(place / "corpora/ner" / code)]
        if code == study.languages[0]:
            yield "corpus", len(study.languages), lambda given=arguments: call(given)
        call(arguments)
    text = [str(place / "corpora/ner" / code / "train.parquet") for code in study.languages]
    built = ["build-model", "--text", *text, "--recipe", recipes.write_model_recipe(study, "tiny-mt5")]
    with contextlib.redirect_stdout(io.StringIO()):
        call([*built, "--out", str(place / "models/tiny-mt5")])
    for model in study.models:
        start = place / "models" / model if model == "tiny-mt5" else None
        chosen = [run for run in runs if run.model == model and (run.sources, run.target) == ((PAIR[0],), PAIR[1])]
        common = {"corpora": place / "corpora/ner", "threads": 1}
        trained = place / place_trained(chosen[0])
        identity = {"task": "ner", "model": model, "sources": PAIR[:1], "n": chosen[0].n, "seed": chosen[0].seed}
        of_training = json.loads(recipes.write_finetune_recipe(study, "ner", model))
        number = len({place_trained(run) for run in runs if run.model == model} - {None})
        yield (
            f"{model}: training on sources",
            number,
            lambda start=start, identity=identity, made=of_training, trained=trained, common=common: transfer.finetune(
                identity=identity, recipe=made, start=start, out=trained, **common
            ),
        )
        for run in chosen:
            made = json.loads(recipes.write_transfer_recipe(study, run))
            before = trained if place_trained(run) else start
            number = sum(one.model == model and one.shots == run.shots for one in runs)
            yield (
                f"{model}: {run.shots} shots",
                number,
                lambda run=run, made=made, before=before, common=common: transfer.transfer(
                    run=run, recipe=made, start=before, keep=bool(run.shots), out=place / run.folder, **common
                ),
            )
