"""Commands that download, prepare and audit corpora."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from isogloss.cli.verb import argument, read_json, verb
from isogloss.common.annotation import Annotation


@verb(
    argument("--recipe", read_json, help="JSON with the keys kind and corpus, as in the config"),
    argument("--language", help="language code"),
    argument("--splits", nargs="+", help="splits to download: train, validation, test"),
    argument("--out", Path, help="folder for the downloaded splits"),
)
def download(a: Namespace) -> None:
    """Download splits of a corpus from the hub in one language."""
    from isogloss.corpora.build import download_corpus
    from isogloss.provenance.seal import seal_folder

    download_corpus(a.recipe["corpus"], a.language, a.splits, a.out, a.recipe["kind"])
    seal_folder(a.out, a.recipe, {})


@verb(
    argument("--recipe", read_json, help="JSON with kind, corpus, labels and map, as in the config"),
    argument("--language", help="language code"),
    argument("--need", int, default=0, help="training sentences that the runs need (default: %(default)s)"),
    argument("--folder", Path, nargs="?", default=None, help="folder of the download, if the corpus was downloaded"),
    argument("--out", Path, help="folder for the splits and audit.json"),
)
def corpus(a: Namespace) -> None:
    """Prepare and audit the corpus of one language and write its splits."""
    from isogloss.common.examples import SPLITS
    from isogloss.corpora.build import build_corpus, note_files
    from isogloss.provenance.inputs import find_root
    from isogloss.provenance.seal import seal_folder

    inputs = note_files(a.recipe["corpus"], a.language, SPLITS, find_root(a.out, 2), a.folder)
    build_corpus(a.recipe["corpus"], a.language, _read_annotation(a.recipe), a.out, need=a.need, folder=a.folder)
    seal_folder(a.out, a.recipe, inputs)


@verb(
    argument("--recipe", read_json, help="JSON with the keys kind and corpus, as in the config"),
    argument("--language", help="language code"),
    argument("--train", Path, nargs="?", default=None, help="training split of the task's own corpus, if it has one"),
    argument("--folder", Path, nargs="?", default=None, help="folder of the download, if the corpus was downloaded"),
    argument("--out", Path, help="folder for the test split and audit.json"),
)
def test_corpus(a: Namespace) -> None:
    """Prepare and audit an additional test corpus in one language."""
    from isogloss.corpora.build import build_test_corpus, note_files
    from isogloss.provenance.inputs import Inputs, find_root
    from isogloss.provenance.seal import seal_folder

    inputs = note_files(a.recipe["corpus"], a.language, ("test",), find_root(a.out, 3), a.folder)
    inputs |= {} if a.train is None else Inputs(find_root(a.out, 3)).note(a.train)
    build_test_corpus(a.recipe["corpus"], a.language, _read_annotation(a.recipe), a.train, a.out, folder=a.folder)
    seal_folder(a.out, a.recipe, inputs)


@verb(
    argument("--corpora", Path, nargs="+", help="folders corpora/TASK/LANGUAGE, one per language"),
    argument("--out", Path, help="JSON file for the counts"),
)
def audit(a: Namespace) -> None:
    """Count the sentences that corpora of different languages share."""
    from isogloss.common.files import write_json
    from isogloss.corpora.audit import audit_languages
    from isogloss.provenance.inputs import check_inputs

    check_inputs(folder / f"{split}.parquet" for folder in a.corpora for split in ("train", "test"))
    write_json(a.out, audit_languages({folder.name: folder for folder in a.corpora}))


def _read_annotation(recipe: dict[str, Any]) -> Annotation:
    """Return what a recipe says about labels; without `labels`, those of the kind."""
    return Annotation(**{key: recipe[key] for key in ("kind", "labels", "map", "normal_form") if key in recipe})
