"""The two jobs of a study with a model: train it on sources, and apply it to a target with or without shots."""

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from isogloss.common.examples import read_examples
from isogloss.common.files import complete_file, complete_folder, read_json, write_json
from isogloss.common.registry import load_part
from isogloss.common.run import CHECKPOINT, DIRECT, PREDICTIONS, RECORD, TRAINING, Run, allot
from isogloss.corpora.sampling import draw_shots, draw_source
from isogloss.families import import_family
from isogloss.families.adaptations import ADAPTATIONS
from isogloss.families.steps import count_steps
from isogloss.runs.record import count_budget, list_versions, measure_cost, start_clock
from isogloss.tasks import find_task
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
    task, sources, n, seed = (identity[axis] for axis in ("task", "sources", "n", "seed"))
    kind, family = find_task(recipe["kind"], recipe.get("labels", ())), import_family(recipe["family"])
    clock = start_clock()
    examples = _draw_sources(kind, corpora, task, sources, n, seed)
    model = None if start is None else family.load(start, store)
    steps = count_steps(recipe, len(examples))
    trained, budget = family.fit(model, kind, examples, recipe, steps=steps, seed=seed, threads=threads)
    seen = kind.memorise(examples)
    validation = {}
    for language in sources:
        held_out = read_examples(corpora / language / "validation.parquet", kind.example)
        predictions = family.predict(trained, kind, held_out, recipe, threads=threads)
        validation[language] = kind.score(held_out, predictions, seen)["scores"][kind.metric]
    with complete_folder(out) as folder:
        family.save(trained, folder)
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
    kind, family = find_task(recipe["kind"], recipe.get("labels", ())), import_family(recipe["family"])
    clock = start_clock()
    model, seen, budget = _prepare(run, kind, family, corpora, start, recipe, threads, store)
    result, lines, further = {"scores": {}, "support": {}}, [], {}
    own = corpora / run.target / "test.parquet"
    if own.exists() or not test_corpora:
        test = read_examples(own, kind.example)
        predictions = family.predict(model, kind, test, recipe, threads=threads)
        result = _score(kind, test, predictions, seen)
        lines = _write_lines(test, predictions)
    for name, path in (test_corpora or {}).items():
        examples = read_examples(path, kind.example)
        predictions = family.predict(model, kind, examples, recipe, threads=threads)
        further[name] = _score(kind, examples, predictions, seen)
        lines += _write_lines(examples, predictions, test_corpus=name)
    if keep:
        with complete_folder(out / CHECKPOINT) as folder:
            family.save(model, folder)
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
    write_json(out / RECORD, record)


def _prepare(
    run: Run,
    kind: Task,
    family: ModuleType,
    corpora: Path,
    start: Path | None,
    recipe: Mapping[str, Any],
    threads: int,
    store: Path | None,
) -> tuple[Any, frozenset, dict[str, Any]]:
    """Return the model that a run predicts with, the items seen in training, and the amounts of training data."""
    model = None if start is None else family.load(start, store)
    if run.adaptation == DIRECT:
        before = read_json(start / TRAINING)
        return model, frozenset(map(tuple, before["seen"])), {"sources": before["budget"]}
    adaptation = ADAPTATIONS[run.adaptation]
    sources, shots = [], _draw_shots(run, kind, corpora)
    if adaptation.after_sources:
        before = read_json(start / TRAINING) if run.sources else {"seen": [], "budget": None}
        seen, budget = frozenset(map(tuple, before["seen"])), {"sources": before["budget"]}
    else:
        sources = _draw_sources(kind, corpora, run.task, run.sources, run.n, run.seed)
        seen, budget = kind.memorise(sources), {}
    examples = load_part(adaptation.compose)(sources, shots, recipe)
    steps = count_steps(recipe, len(examples)) if adaptation.by_epochs else recipe.get("steps")
    model, trained = family.fit(model, kind, examples, recipe, steps=steps, seed=run.seed, threads=threads)
    return model, seen | kind.memorise(shots), {**budget, "adaptation": count_budget(examples, trained)}


def _draw_sources(kind: Task, corpora: Path, task: str, sources: Sequence[str], n: int, seed: int) -> list[Any]:
    drawn = []
    for language, share in allot(n, sources).items():
        train = read_examples(corpora / language / "train.parquet", kind.example)
        drawn += draw_source(train, share, task=task, language=language, seed=seed)
    return drawn


def _draw_shots(run: Run, kind: Task, corpora: Path) -> list[Any]:
    train = read_examples(corpora / run.target / "train.parquet", kind.example)
    return draw_shots(train, run.shots, task=run.task, target=run.target, seed=run.seed)


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
