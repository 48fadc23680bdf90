"""Commands that build, pre-train, download and trim models."""

from argparse import Namespace
from pathlib import Path

from isogloss.cli.verb import argument, read_json, verb


@verb(
    argument("--text", Path, nargs="+", help="files corpora/TASK/LANGUAGE/train.parquet, one per language"),
    argument("--recipe", read_json, help="JSON with the keys build, languages, steps and vocabulary"),
    argument("--threads", int, default=1, help="number of CPU threads (default: %(default)s)"),
    argument("--out", Path, help="folder for the model"),
)
def build_model(a: Namespace) -> None:
    """Build a small model and pre-train it on training text."""
    from isogloss.common.examples import read_examples
    from isogloss.common.files import complete_folder
    from isogloss.models.pretraining.tiny_mt5 import build_model

    text = {path.parent.name: [line for example in read_examples(path) for line in example.lines] for path in a.text}
    with complete_folder(a.out) as folder:
        build_model(text, folder, vocabulary=a.recipe["vocabulary"], steps=a.recipe["steps"], threads=a.threads)


@verb(
    argument("--start", Path, help="folder of the model from which all variants start"),
    argument("--text", Path, nargs="+", help="files corpora/TASK/LANGUAGE/train.parquet, one per language"),
    argument("--recipe", read_json, help="JSON with the keys segment, steps, batch_size and learning_rate"),
    argument("--threads", int, default=1, help="number of CPU threads (default: %(default)s)"),
    argument("--out", Path, help="folder for the pre-trained model"),
)
def pretrain_model(a: Namespace) -> None:
    """Pre-train a model further on the training text of a set of languages."""
    from isogloss.runs.pretraining import pretrain_model

    text = {path.parent.name: path for path in a.text}
    pretrain_model(a.start, text, a.recipe, a.out, threads=a.threads)


@verb(
    argument("--recipe", read_json, help="JSON with the keys hub, revision and family"),
    argument("--out", Path, help="folder for the model"),
)
def fetch_model(a: Namespace) -> None:
    """Download a model from the hub."""
    from isogloss.models.hub import fetch_model

    fetch_model(a.recipe["hub"], a.recipe["revision"], a.recipe["family"], a.out)


@verb(
    argument("--model", Path, help="folder of the model with the full vocabulary"),
    argument("--text", Path, nargs="+", help="training and test splits, files corpora/TASK/LANGUAGE/SPLIT.parquet"),
    argument("--recipe", read_json, help="JSON with the kinds of the tasks, and labels that are not usual"),
    argument("--out", Path, help="folder for the trimmed model"),
)
def trim_model(a: Namespace) -> None:
    """Reduce the vocabulary of a model to the subwords that occur in a text."""
    from isogloss.common.examples import read_examples
    from isogloss.common.files import complete_folder
    from isogloss.models.vocabulary.trimming import list_inputs, trim_model
    from isogloss.tasks import find_task

    text = set()
    for path in a.text:
        name = path.parents[1].name
        task = find_task(a.recipe["kinds"][name], a.recipe.get("labels", {}).get(name, ()))
        text |= list_inputs(task, read_examples(path, task.example), targets=path.stem == "train")
    with complete_folder(a.out) as folder:
        trim_model(a.model, text, folder)
