"""Commands that build, pre-train, download and trim models."""

from argparse import Namespace
from pathlib import Path

from isogloss.cli.verb import argument, read_json, verb
from isogloss.provenance.inputs import Inputs, find_root


@verb(
    argument("--text", Path, nargs="+", help="files corpora/TASK/LANGUAGE/train.parquet, one per language"),
    argument("--recipe", read_json, help="JSON with the keys build, languages, steps and vocabulary"),
    argument("--threads", int, default=1, help="number of CPU threads (default: %(default)s)"),
    argument("--out", Path, help="folder for the model"),
)
def build_model(a: Namespace) -> None:
    """Build a small model and pre-train it on training text."""
    from isogloss.common.files import complete_folder
    from isogloss.models.pretraining.tiny_mt5 import build_model
    from isogloss.provenance.seal import seal_folder
    from isogloss.training.state import STATE, keep_state

    inputs = _open_inputs(a)
    text = {path.parent.name: [line for one in inputs.read_examples(path) for line in one.lines] for path in a.text}
    with keep_state(inputs.root / STATE, ["build", a.recipe, inputs.digests]) as states:
        with complete_folder(a.out) as folder:
            build_model(text, folder, vocabulary=a.recipe["vocabulary"], steps=a.recipe["steps"], threads=a.threads)
            seal_folder(folder, a.recipe, inputs.digests)
        states.remove()


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
    pretrain_model(a.start, text, a.recipe, a.out, _open_inputs(a), threads=a.threads)


@verb(
    argument("--recipe", read_json, help="JSON with the keys hub, revision and family"),
    argument("--out", Path, help="folder for the model"),
)
def fetch_model(a: Namespace) -> None:
    """Download a model from the hub."""
    from isogloss.models.hub import fetch_model
    from isogloss.provenance.seal import seal_folder

    fetch_model(a.recipe["hub"], a.recipe["revision"], a.recipe["family"], a.out)
    seal_folder(a.out, a.recipe, {})


@verb(
    argument("--model", Path, help="folder of the model with the full vocabulary"),
    argument("--text", Path, nargs="+", help="training and test splits, files corpora/TASK/LANGUAGE/SPLIT.parquet"),
    argument("--recipe", read_json, help="JSON with the kinds of the tasks, and labels that are not usual"),
    argument("--out", Path, help="folder for the trimmed model"),
)
def trim_model(a: Namespace) -> None:
    """Reduce the vocabulary of a model to the subwords that occur in a text."""
    from isogloss.common.files import complete_folder
    from isogloss.models.vocabulary.trimming import list_inputs, trim_model
    from isogloss.provenance.seal import seal_folder
    from isogloss.tasks import find_task

    text, inputs = set(), _open_inputs(a)
    inputs.check(a.model)
    for path in a.text:
        name = path.parents[1].name
        task = find_task(a.recipe["kinds"][name], a.recipe.get("labels", {}).get(name, ()))
        text |= list_inputs(task, inputs.read_examples(path, task.example), targets=path.stem == "train")
    with complete_folder(a.out) as folder:
        trim_model(a.model, text, folder)
        seal_folder(folder, a.recipe, inputs.digests)


def _open_inputs(a: Namespace) -> Inputs:
    """Return the inputs of a job that reads the files `a.text` of corpora/TASK/LANGUAGE/ in the folder of a study."""
    return Inputs(find_root(a.text[0], 3))
