"""Verbs that do the runs of a study, and those that collect their records."""

from argparse import Namespace
from pathlib import Path

from isogloss.cli.verb import Argument, argument, read_json, verb


def _describe_axes(*names: str) -> list[Argument]:
    """Return the flags of some axes of a run, in the order of `names`."""
    axes = {
        "task": argument("--task"),
        "model_name": argument("--model-name", help="the model's name in the record"),
        "sources": argument("--sources", help="codes joined by +, or none"),
        "n": argument("--n", int, help="labelled source sentences in total"),
        "target": argument("--target"),
        "shots": argument("--shots", int),
        "adaptation": argument("--adaptation", choices=["direct", "sequential", "joint"]),
        "seed": argument("--seed", int),
    }
    return [axes[name] for name in names]


_TRAINING = (
    argument("--corpora", Path, help="the folder that holds a corpus per language"),
    argument("--recipe", read_json, help="JSON: how the model is trained"),
    argument("--threads", int, default=1),
    argument("--out", Path),
)


@verb(
    *_describe_axes("task", "model_name"),
    argument("--language"),
    argument("--model", Path, help="the folder of the model"),
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
        model_name=a.model_name,
        language=a.language,
        model=a.model,
        texts={path.stem: path for path in a.text},
        recipe=a.recipe,
        threads=a.threads,
        out=a.out,
    )


@verb(
    *_describe_axes("task", "sources", "n", "seed"),
    *_TRAINING,
    argument("--model", Path, nargs="?", default=None, help="the folder to start from; none for a crf"),
)
def finetune(a: Namespace) -> None:
    """Train a model on the labelled sentences of its sources."""
    from isogloss.runs.transfer import finetune
    from isogloss.study.grid import split_sources

    finetune(
        task=a.task,
        corpora=a.corpora,
        model=a.model,
        sources=split_sources(a.sources),
        n=a.n,
        seed=a.seed,
        recipe=a.recipe,
        threads=a.threads,
        out=a.out,
    )


@verb(
    *_describe_axes("task", "model_name", "sources", "n", "target", "shots", "adaptation", "seed"),
    *_TRAINING,
    argument("--start", Path, nargs="?", default=None, help="the model folder that the run starts from"),
    argument("--keep", action="store_true", help="keep the adapted model in OUT/checkpoint"),
    argument("--test-corpora", Path, nargs="*", default=[], help="test_corpora/TASK/NAME/LANGUAGE/test.parquet"),
)
def transfer(a: Namespace) -> None:
    """Use a model on a target, with or without shots, and record the run."""
    from isogloss.runs.transfer import transfer
    from isogloss.study.grid import Run, split_sources

    run = Run(a.task, a.model_name, split_sources(a.sources), a.n, a.target, a.shots, a.adaptation, a.seed)
    transfer(
        run=run,
        corpora=a.corpora,
        start=a.start,
        recipe=a.recipe,
        threads=a.threads,
        keep=a.keep,
        test_corpora={path.parents[1].name: path for path in a.test_corpora},
        out=a.out,
    )


@verb(
    argument("--grid", read_json, help="JSON: languages, models and transfer of a checked study"),
    argument("--root", Path, help="the folder of its results"),
    argument("--out", Path),
)
def scores(a: Namespace) -> None:
    """Collect the records of a study's runs into one table."""
    from isogloss.analysis.data.scores import write_scores
    from isogloss.study.grid import plan_runs

    write_scores([a.root / run.folder / "metrics.json" for run in plan_runs(a.grid)], a.out)


@verb(
    argument("--grid", read_json, help="JSON: languages, models and transfer of a checked study"),
    argument("--kinds", read_json, help="JSON: the kind of each task"),
    argument("--root", Path, help="the folder of its results"),
    argument("--sentences", Path, help="where the counts by test sentence go, as parquet"),
    argument("--out", Path),
)
def runs(a: Namespace) -> None:
    """Collect what a study's runs were given, and what they got right in each test sentence."""
    from isogloss.runs.collect import write_runs

    write_runs(a.grid, a.kinds, a.root, a.out, a.sentences)
