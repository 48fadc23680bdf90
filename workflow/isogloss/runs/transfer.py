"""The two jobs of a study with a model: train it on sources, and apply it to a target with or without shots."""

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from isogloss.common.files import complete_file, complete_folder, write_json
from isogloss.common.registry import load_part
from isogloss.common.run import (
    CHECKPOINT,
    DIRECT,
    PREDICTIONS,
    RECORD,
    TRAINED_AXES,
    TRAINING,
    Run,
    complete_identity,
)
from isogloss.families.adaptations import ADAPTATIONS
from isogloss.families.steps import count_steps
from isogloss.provenance.seal import FOREIGN, Unfit, read_record, seal, seal_folder
from isogloss.runs.job import Job, open_job
from isogloss.runs.record import count_budget, list_versions, measure_cost, start_clock
from isogloss.tasks.base import Task


def finetune(
    *,
    identity: Mapping[str, Any],
    corpora: Path,
    start: Path | None,
    recipe: Mapping[str, Any],
    threads: int,
    out: Path,
    store: Path | None = None,
) -> None:
    """Train a model on n labelled sentences of its sources and save it in `out`.

    identity: the axes that identify a model trained on sources (TRAINED_AXES). corpora: the folder with one corpus per
    language. start: the folder of the model to start from, or None. store: a cache of processed text, which jobs of the
    same task share; None for no cache. The scores on the validation splits of the sources are recorded, for choices
    that must not depend on a target.
    """
    clock, job = start_clock(), open_job(recipe, corpora, threads, store)
    task, sources, n, seed = (identity[axis] for axis in ("task", "sources", "n", "seed"))
    examples = job.draw_sources(task, sources, n, seed)
    model = job.load(start)
    trained, budget = job.fit(model, examples, identity, count_steps(recipe, len(examples)), seed)
    seen = job.kind.memorise(examples)
    validation = {}
    for language in sources:
        held_out = job.read(corpora / language / "validation.parquet")
        scores = job.kind.score(held_out, job.predict(trained, held_out), seen)["scores"]
        validation[language] = scores[job.kind.metric]
    with complete_folder(out) as folder:
        job.family.save(trained, folder)
        record = {
            "run": {**identity, "sources": list(sources)},
            "entries": recipe.get("entries", {}),
            "validation": validation,
            "budget": count_budget(examples, budget),
            "versions": list_versions(),
            "cost": measure_cost(clock),
            "seen": sorted(map(list, seen)),
        }
        write_json(folder / TRAINING, record)
        seal_folder(folder, recipe, job.inputs.digests)
    job.finish()


def transfer(
    *,
    run: Run,
    corpora: Path,
    start: Path | None,
    recipe: Mapping[str, Any],
    threads: int,
    keep: bool,
    test_corpora: Mapping[str, Path] | None = None,
    out: Path,
    store: Path | None = None,
) -> None:
    """Carry out one run and write its record, its predictions and, if `keep` is true, its adapted model into `out`.

    start: the folder of the model fine-tuned on the sources, or the folder of the model to start from if the run does
    not use such a model (sources `none`, joint adaptation). test_corpora: name -> additional test set on which the
    model is also scored. If only these have the target, the record has no scores on the task's own test set. store: see
    `finetune`.

    Only the test split and the k shots from the training split are read from the corpus of the target, never its
    validation split.
    """
    clock, job = start_clock(), open_job(recipe, corpora, threads, store)
    model, seen, budget = _prepare(job, run, start)
    result, lines, further = {"scores": {}, "support": {}}, [], {}
    own = corpora / run.target / "test.parquet"
    if own.exists() or not test_corpora:
        test = job.read(own)
        predictions = job.predict(model, test)
        result = _score(job.kind, test, predictions, seen)
        lines = _write_lines(test, predictions)
    for name, path in (test_corpora or {}).items():
        examples = job.read(path)
        predictions = job.predict(model, examples)
        further[name] = _score(job.kind, examples, predictions, seen)
        lines += _write_lines(examples, predictions, test_corpus=name)
    if keep:
        with complete_folder(out / CHECKPOINT) as folder:
            job.family.save(model, folder)
    with complete_file(out / PREDICTIONS) as beside:
        # gzip.compress with mtime=0 writes equal bytes; an opened gzip file has its name and time in its header.
        beside.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))
    record = {
        "run": run.describe(),
        "entries": recipe.get("entries", {}),
        **result,
        **({"test_corpora": further} if further else {}),
        "budget": budget,
        "versions": list_versions(),
        "cost": measure_cost(clock),
    }
    kept = [path for path in (out / CHECKPOINT).rglob("*") if keep and path.is_file()]
    files = [PREDICTIONS, *(path.relative_to(out).as_posix() for path in kept)]
    write_json(out / RECORD, seal(record, out, files, recipe, job.inputs.digests))
    job.finish()


def _prepare(job: Job, run: Run, start: Path | None) -> tuple[Any, frozenset, dict[str, Any]]:
    """Return the model that a run predicts with, the items seen in training, and the amounts of training data."""
    model = job.load(start)
    if run.adaptation == DIRECT:
        before = _read_training(start, run)
        return model, frozenset(map(tuple, before["seen"])), {"sources": before["budget"]}
    adaptation = ADAPTATIONS[run.adaptation]
    sources, shots = [], job.draw_shots(run)
    if adaptation.after_sources:
        before = _read_training(start, run) if run.sources else {"seen": [], "budget": None}
        seen, budget = frozenset(map(tuple, before["seen"])), {"sources": before["budget"]}
    else:
        sources = job.draw_sources(run.task, run.sources, run.n, run.seed)
        seen, budget = job.kind.memorise(sources), {}
    examples = load_part(adaptation.compose)(sources, shots, job.recipe)
    steps = count_steps(job.recipe, len(examples)) if adaptation.by_epochs else job.recipe.get("steps")
    model, trained = job.fit(model, examples, run.describe(), steps, run.seed)
    return model, seen | job.kind.memorise(shots), {**budget, "adaptation": count_budget(examples, trained)}


def _read_training(start: Path, run: Run) -> dict[str, Any]:
    """Return the record of the model trained on the sources of a run. Raises UserError if it is of other sources."""
    path = start / TRAINING
    record = read_record(path)
    wanted = {axis.name: getattr(run, axis.name) for axis in TRAINED_AXES} | {"sources": list(run.sources)}
    found = complete_identity(record.get("run", {}))
    if any(found.get(name) != value for name, value in wanted.items()):
        said = ", ".join(f"{name} {found.get(name)}" for name, value in wanted.items() if found.get(name) != value)
        raise Unfit(path, FOREIGN, f"is of another training than that of this run ({said})")
    return record


def _score(kind: Task, test: Sequence[Any], predictions: Sequence[Any], seen: frozenset) -> dict[str, dict[str, Any]]:
    """Score predictions on all examples, and by the task's metric on each half: examples at odd and at even positions.

    The scores of one model on a half can then be compared with those of another model on the other half. All models
    have the same halves.
    """
    result = kind.score(test, predictions, seen)
    halves = {}
    for half in (1, 2) if len(test) > 1 else ():
        own = slice(half - 1, None, 2)
        halves[f"{kind.metric}_half_{half}"] = kind.score(test[own], predictions[own], seen)["scores"][kind.metric]
    return {**result, "scores": {**result["scores"], **halves}}


def _write_lines(test: Sequence[Any], predictions: Sequence[Any], **more: str) -> list[str]:
    """Return a JSON line per example: its id and the fields of its prediction. Equal predictions have equal bytes."""
    return [
        json.dumps({"id": example.id, **more, **vars(prediction)}, ensure_ascii=False) + "\n"
        for example, prediction in zip(test, predictions, strict=True)
    ]
