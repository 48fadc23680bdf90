"""Verbs that do the runs of a study, and those that collect their records."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from isogloss.cli.verb import Argument, argument, read_json, verb
from isogloss.common.run import AXES, RECORD, TRAINED_AXES, Axis, Run

_HELP = {
    "model": "the model's name",
    "sources": "codes joined by +, or none",
    "n": "labelled source sentences in total",
}


def _list_flags(axes: Sequence[Axis]) -> list[Argument]:
    """Return the flags of some axes of a run. At its default, an axis that has one is written as nothing at all."""
    flags = []
    for axis in axes:
        lenient = {} if axis.default is None else {"nargs": "?", "const": axis.default, "default": axis.default}
        flags.append(argument(f"--{axis.name}", axis.read, help=_HELP.get(axis.name), **lenient))
    return flags


_TRAINING = (
    argument("--corpora", Path, help="the folder that holds a corpus per language"),
    argument("--recipe", read_json, help="JSON: how the model is trained"),
    argument("--store", Path, default=None, help="a cache of what the model's family makes of text; left out, none"),
    argument("--threads", int, default=1),
    argument("--out", Path),
)


@verb(
    argument("--task"),
    argument("--model", help="the model's name"),
    argument("--language"),
    argument("--start", Path, help="the folder of the model"),
    argument("--text", Path, nargs="+", help="corpora/TASK/LANGUAGE/SPLIT.parquet, of training and validation splits"),
    argument("--recipe", read_json, help="JSON: family, pretrained_on"),
    argument("--threads", int, default=1),
    argument("--out", Path),
)
def language_model(a: Namespace) -> None:
    """Measure what a model's own language model makes of a task's text in one language."""
    from isogloss.runs.language_model import measure_language_model

    measure_language_model(
        task=a.task,
        model_name=a.model,
        language=a.language,
        model=a.start,
        texts={path.stem: path for path in a.text},
        recipe=a.recipe,
        threads=a.threads,
        out=a.out,
    )


@verb(
    *_list_flags(TRAINED_AXES),
    *_TRAINING,
    argument("--start", Path, nargs="?", default=None, help="the model folder to start from; none for a crf"),
)
def finetune(a: Namespace) -> None:
    """Train a model on the labelled sentences of its sources."""
    from isogloss.runs.transfer import finetune

    finetune(
        identity={axis.name: getattr(a, axis.name) for axis in TRAINED_AXES},
        corpora=a.corpora,
        start=a.start,
        recipe=a.recipe,
        threads=a.threads,
        out=a.out,
        store=a.store,
    )


@verb(
    *_list_flags(AXES),
    *_TRAINING,
    argument("--start", Path, nargs="?", default=None, help="the model folder that the run starts from"),
    argument("--keep", action="store_true", help="keep the adapted model in OUT/checkpoint"),
    argument("--test-corpora", Path, nargs="*", default=[], help="test_corpora/TASK/NAME/LANGUAGE/test.parquet"),
)
def transfer(a: Namespace) -> None:
    """Use a model on a target, with or without shots, and record the run."""
    from isogloss.runs.transfer import transfer

    transfer(
        run=Run(**{axis.name: getattr(a, axis.name) for axis in AXES}),
        corpora=a.corpora,
        start=a.start,
        recipe=a.recipe,
        threads=a.threads,
        keep=a.keep,
        test_corpora={path.parents[1].name: path for path in a.test_corpora},
        out=a.out,
        store=a.store,
    )


@verb(
    argument("--grid", read_json, help="JSON: languages, tasks, models and grids of a checked study"),
    argument("--root", Path, help="the folder of its results"),
    argument("--out", Path),
)
def scores(a: Namespace) -> None:
    """Collect the records of a study's runs into one table."""
    from isogloss.analysis.data.scores import write_scores
    from isogloss.study.grid import plan_runs, read_design

    write_scores([a.root / run.folder / RECORD for run in plan_runs(read_design(a.grid))], a.out)


@verb(
    argument("--grid", read_json, help="JSON: languages, tasks, models and grids of a checked study"),
    argument("--root", Path, help="the folder of its results"),
    argument("--sentences", Path, help="where the counts by test sentence go, as parquet"),
    argument("--out", Path),
)
def runs(a: Namespace) -> None:
    """Collect what a study's runs were given, and what they got right in each test sentence."""
    from isogloss.runs.collect import write_runs
    from isogloss.study.grid import read_design

    write_runs(read_design(a.grid), a.root, a.out, a.sentences)
