"""Commands that carry out the runs of a study and collect their records."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from isogloss.cli.verb import Argument, argument, read_json, verb
from isogloss.common.run import AXES, RECORD, TRAINED_AXES, Axis, Run

_HELP = {
    "task": "name of the task",
    "model": "name of the model",
    "sources": "source languages: codes joined by +, or none",
    "n": "total number of labelled source sentences",
    "target": "target language code",
    "shots": "number of labelled target sentences",
    "adaptation": "how the shots are used, such as sequential or joint; direct without shots",
    "seed": "random seed",
}


def _list_flags(axes: Sequence[Axis]) -> list[Argument]:
    """Return the flags of some axes of a run. The default value of an axis is written as a flag without a value."""
    flags = []
    for axis in axes:
        lenient = {} if axis.default is None else {"nargs": "?", "const": axis.default, "default": axis.default}
        flags.append(argument(f"--{axis.name}", axis.read, help=_HELP.get(axis.name), **lenient))
    return flags


_TRAINING = (
    argument("--corpora", Path, help="folder with one subfolder per language, corpora/TASK"),
    argument("--recipe", read_json, help="JSON with the settings of training and prediction"),
    argument("--store", Path, default=None, help="folder for a cache of encoded text (default: no cache)"),
    argument("--threads", int, default=1, help="number of CPU threads (default: %(default)s)"),
    argument("--out", Path, help="folder for the results"),
)


@verb(
    argument("--task", help="name of the task"),
    argument("--model", help="name of the model"),
    argument("--language", help="language code"),
    argument("--start", Path, help="folder of the model"),
    argument("--text", Path, nargs="+", help="training and validation splits, corpora/TASK/LANGUAGE/SPLIT.parquet"),
    argument("--recipe", read_json, help="JSON with the keys family and pretrained_on"),
    argument("--threads", int, default=1, help="number of CPU threads (default: %(default)s)"),
    argument("--out", Path, help="JSON file for the statistics"),
)
def language_model(a: Namespace) -> None:
    """Measure statistics of a model's own language model on a task's text in one language."""
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
    argument("--start", Path, nargs="?", default=None, help="folder of the pre-trained model (default: none)"),
)
def finetune(a: Namespace) -> None:
    """Train a model on labelled source sentences."""
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
    argument("--start", Path, nargs="?", default=None, help="folder of the model to start from (default: none)"),
    argument("--keep", action="store_true", help="keep the adapted model in OUT/checkpoint"),
    argument("--test-corpora", Path, nargs="*", default=[], help="files test_corpora/TASK/NAME/LANGUAGE/test.parquet"),
)
def transfer(a: Namespace) -> None:
    """Do one run: use a model on a target, with or without shots, and write the record of the run."""
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
    argument("--grid", read_json, help="JSON with the languages, tasks, models and grids of a checked study"),
    argument("--root", Path, help="folder of the study's results"),
    argument("--out", Path, help="csv file for the scores"),
)
def scores(a: Namespace) -> None:
    """Collect the scores of a study's runs in one table."""
    from isogloss.runs.records import check_records
    from isogloss.runs.scores import write_scores
    from isogloss.study.grid import plan_runs, read_design

    check_records(read_design(a.grid), a.root)
    write_scores([a.root / run.folder / RECORD for run in plan_runs(read_design(a.grid))], a.out)


@verb(
    argument("--grid", read_json, help="JSON with the languages, tasks, models and grids of a checked study"),
    argument("--root", Path, help="folder of the study's results"),
    argument("--sentences", Path, help="parquet file for the counts per test sentence"),
    argument("--out", Path, help="csv file for the training data, steps and validation of each run"),
)
def runs(a: Namespace) -> None:
    """Collect the training data of a study's runs and their correct predictions per test sentence."""
    from isogloss.runs.collect import write_runs
    from isogloss.runs.records import check_records
    from isogloss.study.grid import read_design

    check_records(read_design(a.grid), a.root)
    write_runs(read_design(a.grid), a.root, a.out, a.sentences)
