"""Verbs that build, pre-train, fetch and trim models."""

from argparse import Namespace
from pathlib import Path

from isogloss.cli.verb import argument, read_json, verb


@verb(
    argument("--text", Path, nargs="+", help="corpora/TASK/LANGUAGE/train.parquet, one a language"),
    argument("--recipe", read_json, help="JSON: build, languages, steps, vocabulary"),
    argument("--threads", int, default=1),
    argument("--out", Path),
)
def build_model(a: Namespace) -> None:
    """Build and pre-train a small model on training text."""
    from isogloss.common.examples import read_examples
    from isogloss.common.files import complete_folder
    from isogloss.models.pretraining.tiny_mt5 import build_model

    text = {path.parent.name: [line for example in read_examples(path) for line in example.lines] for path in a.text}
    with complete_folder(a.out) as folder:
        build_model(text, folder, vocabulary=a.recipe["vocabulary"], steps=a.recipe["steps"], threads=a.threads)


@verb(
    argument("--start", Path, help="the folder of the model that every arm starts from"),
    argument("--text", Path, nargs="+", help="corpora/TASK/LANGUAGE/train.parquet, one a language"),
    argument("--recipe", read_json, help="JSON: segment, steps, batch_size, learning_rate"),
    argument("--threads", int, default=1),
    argument("--out", Path),
)
def pretrain_model(a: Namespace) -> None:
    """Pre-train a model on the training text of some languages."""
    from isogloss.runs.pretraining import pretrain_model

    text = {path.parent.name: path for path in a.text}
    pretrain_model(a.start, text, a.recipe, a.out, threads=a.threads)


@verb(
    argument("--recipe", read_json, help="JSON: hub, revision and family"),
    argument("--out", Path),
)
def fetch_model(a: Namespace) -> None:
    """Download a model of the hub."""
    from isogloss.models.hub import fetch_model

    fetch_model(a.recipe["hub"], a.recipe["revision"], a.recipe["family"], a.out)


@verb(
    argument("--model", Path, help="the folder of the whole model"),
    argument("--text", Path, nargs="+", help="corpora/TASK/LANGUAGE/SPLIT.parquet, of training and test splits"),
    argument("--recipe", read_json, help="JSON: the kind of each task"),
    argument("--out", Path),
)
def trim_model(a: Namespace) -> None:
    """Cut the vocabulary of a model to the pieces that some text is made of."""
    from isogloss.common.examples import read_examples
    from isogloss.common.files import complete_folder
    from isogloss.models.vocabulary.trimming import list_inputs, trim_model
    from isogloss.tasks import find_task

    text = set()
    for path in a.text:
        task = find_task(a.recipe["kinds"][path.parents[1].name])
        text |= list_inputs(task, read_examples(path, task.example), targets=path.stem == "train")
    with complete_folder(a.out) as folder:
        trim_model(a.model, text, folder)
