"""Collect from the records of a study the training data of each run, and its correct predictions by sentence."""

import gzip
import json
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.files import complete_file
from isogloss.common.run import (
    AXES,
    PREDICTIONS,
    PRETRAINING,
    RECORD,
    RUN_KEY,
    TEST_CORPUS,
    TRAINING,
    Run,
    allot,
    split_sources,
    split_variant,
)
from isogloss.corpora.sampling import draw_source
from isogloss.provenance.inputs import Inputs, check_file
from isogloss.provenance.seal import TRUNCATED, Unfit, read_provenance, read_record
from isogloss.study.grid import Design, name_pretraining, name_strategies, plan_runs
from isogloss.study.products import place_trained
from isogloss.tasks import find_task
from isogloss.tasks.base import Task

GIVEN = ["sentences", "words", "subword_tokens", "steps"]
OF_PRETRAINING = ["pretraining_tokens", "unique_tokens", "repetitions", "updates", "test_in_pretraining"]
COLUMNS = [*RUN_KEY, "strategies", *GIVEN, "validation", "test_in_training", "pretraining", *OF_PRETRAINING]
WHOLE = [*GIVEN, "test_in_training", "pretraining_tokens", "unique_tokens", "updates", "test_in_pretraining"]

_TOGETHER = 50
"""Number of runs whose counts are in memory at the same time."""


@dataclass(frozen=True)
class Results:
    """The results folder of a study. Each file of its corpora is read only once.

    tasks: the tasks by name. text: variant -> task whose training text the variant was pre-trained on.
    """

    root: Path
    tasks: Mapping[str, Task]
    text: Mapping[str, str] = field(default_factory=dict)
    read: dict[Path, list[Any]] = field(default_factory=dict)
    drawn: dict[tuple, frozenset[tuple[str, ...]]] = field(default_factory=dict)

    def read_examples(self, task: str, *folders: str) -> list[Any]:
        """Return the examples in a file of the corpus of a task."""
        path = self.root.joinpath(*folders)
        if path not in self.read:
            self.read[path] = Inputs(self.root).read_examples(path, self.tasks[task].example)
        return self.read[path]

    def draw_texts(self, run: Run) -> frozenset[tuple[str, ...]]:
        """Return the words of each source sentence of a run. The sentences are drawn again in the same way."""
        key = run.task, run.sources, run.n, run.seed
        if key not in self.drawn:
            texts: set[tuple[str, ...]] = set()
            for language, share in allot(run.n, run.sources).items():
                train = self.read_examples(run.task, "corpora", run.task, language, "train.parquet")
                chosen = draw_source(train, share, task=run.task, language=language, seed=run.seed)
                texts.update(example.tokens for example in chosen)
            self.drawn[key] = frozenset(texts)
        return self.drawn[key]

    def list_pretraining_texts(self, model: str, languages: Sequence[str]) -> frozenset[tuple[str, ...]]:
        """Return the words of each training sentence that a variant was pre-trained on."""
        if (model,) not in self.drawn:
            task = self.text[model]
            paths = [("corpora", task, language, "train.parquet") for language in languages]
            self.drawn[model,] = frozenset(one.words for path in paths for one in self.read_examples(task, *path))
        return self.drawn[model,]


def write_runs(design: Design, root: Path, out: Path, sentences: Path, part: Sequence[Run] | None = None) -> None:
    """Write the training data of the runs of a study (csv, columns COLUMNS) and their counts by sentence (parquet).

    design: the design of a checked study. root: the folder of its results. part: the runs to collect, by default all
    runs of the design. docs/reference/tables/multi_source.md defines both files. Raises UserError for a record that
    does not match its run.
    """
    import pandas as pd
    import pyarrow
    import pyarrow.parquet

    tasks = {name: find_task(task.kind, task.labels) for name, task in design.tasks.items()}
    text = {name: model.text for name, model in design.models.items() if model.text}
    runs, results = plan_runs(design) if part is None else part, Results(root, tasks, text)
    strategies, pretrained = name_strategies(design), name_pretraining(design)
    rows = []
    for run in runs:
        row = describe_given(run, strategies[run.target, run.sources], results)
        names = pretrained.get((run.target, run.model), ())
        rows.append({**row, "pretraining": " ".join(names), **describe_pretraining(run, results)})
    whole = dict.fromkeys((axis.name for axis in AXES if axis.kind is int), pyarrow.int64())
    columns = {name: whole.get(name, pyarrow.string()) for name in [*RUN_KEY, TEST_CORPUS]}
    columns |= dict.fromkeys(("correct", "gold", "predicted"), pyarrow.list_(pyarrow.float32()))
    with complete_file(out) as beside:
        table = pd.DataFrame(rows, columns=COLUMNS)
        table.astype(dict.fromkeys(WHOLE, "Int64")).to_csv(beside, index=False)
    schema = pyarrow.schema(columns)
    with complete_file(sentences) as beside, pyarrow.parquet.ParquetWriter(beside, schema) as writer:
        for start in range(0, len(runs), _TOGETHER):
            counts = [row for run in runs[start : start + _TOGETHER] for row in count_by_sentence(run, results)]
            writer.write_table(pyarrow.Table.from_pylist(counts, schema=schema))


def describe_given(run: Run, strategies: Sequence[str], results: Results) -> dict[str, Any]:
    """Return the row of a run: its strategies, its total training data, and the validation score of its sources.

    Raises UserError for a record whose number of source sentences is not n, and for a zero-shot record with training
    sentences of its target.
    """
    path = results.root / run.folder / RECORD
    try:
        budget = {name: part for name, part in read_record(path)["budget"].items() if part is not None}
        _check_budget(run, budget, path)
        given = {name: _add_up([part[name] for part in budget.values()]) for name in GIVEN}
    except (OSError, AttributeError, KeyError, TypeError, ValueError) as problem:
        reason = f"{type(problem).__name__} {problem}"
        raise UserError(f"{path}: not a record of a run ({reason}); delete it and rerun the study") from None
    return {
        **run.tabulate(),
        "strategies": " ".join(strategies),
        **given,
        "validation": _read_validation(run, results.root),
        "test_in_training": _count_leaks(run, results),
    }


def describe_pretraining(run: Run, results: Results) -> dict[str, Any]:
    """Return the pre-training text of the model of a run if the model is a variant, else {}.

    Raises UserError for an invalid record, and for a record whose languages are not those in the name of the variant.
    """
    if run.model not in results.text:
        return {}
    path = results.root / "models" / run.model / PRETRAINING
    try:
        record = read_record(path)
        languages, unique = record["languages"], sum(record["unique_tokens"].values())
        tokens, updates = sum(record["tokens"].values()), record["steps"]
    except (OSError, AttributeError, KeyError, TypeError, ValueError) as problem:
        reason = f"{type(problem).__name__} {problem}"
        raise UserError(
            f"{path}: not a record of pre-training ({reason}); delete its folder and rerun the study"
        ) from None
    if languages != list(split_sources(split_variant(run.model)[1])) or languages != sorted(record["tokens"]):
        raise UserError(
            f"{path}: the model was pre-trained on {'+'.join(languages)}, not on {split_variant(run.model)[1]}; "
            "delete its folder and rerun the study"
        )
    leaks = _count_known(run, results, results.list_pretraining_texts(run.model, languages))
    return dict(zip(OF_PRETRAINING, [tokens, unique, tokens / unique, updates, leaks], strict=True))


def count_by_sentence(run: Run, results: Results) -> Iterable[dict[str, Any]]:
    """Yield a row for each test set of a run: lists of correct, gold and predicted, one number per test example.

    Yields nothing for a kind of task without counts. Raises UserError for predictions that do not match the test set.
    """
    count = results.tasks[run.task].count
    if count is None:
        return
    path = results.root / run.folder / PREDICTIONS
    predicted: dict[str, list[SimpleNamespace]] = {}
    for line in _read_lines(path):
        prediction = SimpleNamespace(**line)
        predicted.setdefault(getattr(prediction, TEST_CORPUS, run.task), []).append(prediction)
    for test_corpus, predictions in predicted.items():
        folders = ("corpora", run.task) if test_corpus == run.task else ("test_corpora", run.task, test_corpus)
        examples = results.read_examples(run.task, *folders, run.target, "test.parquet")
        if [example.id for example in examples] != [prediction.id for prediction in predictions]:
            raise UserError(
                f"{path}: the predictions are not for the test sentences of {'/'.join(folders)}/{run.target}; "
                "delete the file and rerun the study"
            )
        correct, gold, given = map(list, zip(*count(examples, predictions), strict=True))
        yield {**run.tabulate(), "test_corpus": test_corpus, "correct": correct, "gold": gold, "predicted": given}


def _read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the predictions of a run after comparing the file with the record. Raises UserError if it is damaged."""
    made = read_provenance(read_record(path.with_name(RECORD)))
    try:
        if made is not None:
            check_file(path.parent, path.name, made)
        return [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()]
    except (OSError, EOFError, zlib.error, ValueError) as problem:
        raise Unfit(path, TRUNCATED, f"the predictions cannot be read ({problem})") from None


def _check_budget(run: Run, budget: Mapping[str, Any], path: Path) -> None:
    """Raise UserError unless a run was trained on n source sentences and, at 0 shots, on none of its target."""
    before = budget.get("sources", {}).get("sentences", {})
    taken = before if place_trained(run) else budget.get("adaptation", {}).get("sentences", {})
    foreign = set(before) | (set() if run.shots else set(taken))
    if run.target in foreign and not run.in_language:
        raise UserError(
            f"{path}: the training on sources contains sentences of the target {run.target}; "
            "delete the records of this run and of its fine-tuned source model, and rerun the study"
        )
    count = sum(count for language, count in taken.items() if language in run.sources)
    if count != run.n:
        raise UserError(
            f"{path}: trained on {count} source sentences, not on n = {run.n}; delete it and rerun the study"
        )


def _add_up(values: Sequence[Any]) -> int | None:
    """Return the sum of numbers, or of numbers by language; None if one of them is unknown."""
    sums = [sum(value.values()) if isinstance(value, Mapping) else value for value in values]
    return None if None in sums else sum(sums)


def _read_validation(run: Run, root: Path) -> float | None:
    """Return the mean score of the fine-tuned source model on the validation splits of its sources."""
    folder = place_trained(run)
    path = root / (folder or "") / TRAINING
    if not folder or not path.exists():
        return None
    scores = [score for score in read_record(path)["validation"].values() if score is not None]
    return sum(scores) / len(scores) if scores else None


def _count_leaks(run: Run, results: Results) -> int | None:
    """Return the number of the target's test sentences that occur, word for word, in the source sentences of a run."""
    tagged = results.tasks[run.task].tagging is not None
    return _count_known(run, results, results.draw_texts(run)) if tagged else None


def _count_known(run: Run, results: Results, known: Collection[tuple[str, ...]]) -> int | None:
    """Return the number of the target's test sentences that occur, word for word, in `known`; None for a task without
    sentences of tokens."""
    test = results.read_examples(run.task, "corpora", run.task, run.target, "test.parquet")
    if not all(hasattr(example, "tokens") for example in test):
        return None
    return sum(example.tokens in known for example in test)
