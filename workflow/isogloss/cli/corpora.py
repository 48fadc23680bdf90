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

    download_corpus(a.recipe["corpus"], a.language, a.splits, a.out, a.recipe["kind"])


@verb(
    argument("--recipe", read_json, help="JSON with kind, corpus, labels and map, as in the config"),
    argument("--language", help="language code"),
    argument("--need", int, default=0, help="training sentences that the runs need (default: %(default)s)"),
    argument("--folder", Path, nargs="?", default=None, help="folder of the download, if the corpus was downloaded"),
    argument("--out", Path, help="folder for the splits and audit.json"),
)
def corpus(a: Namespace) -> None:
    """Prepare and audit the corpus of one language and write its splits."""
    from isogloss.corpora.build import build_corpus

    build_corpus(a.recipe["corpus"], a.language, _read_annotation(a.recipe), a.out, need=a.need, folder=a.folder)


@verb(
    argument("--recipe", read_json, help="JSON with the keys kind and corpus, as in the config"),
    argument("--language", help="language code"),
    argument("--train", Path, nargs="?", default=None, help="training split of the task's own corpus, if it has one"),
    argument("--folder", Path, nargs="?", default=None, help="folder of the download, if the corpus was downloaded"),
    argument("--out", Path, help="folder for the test split and audit.json"),
)
def test_corpus(a: Namespace) -> None:
    """Prepare and audit an additional test corpus in one language."""
    from isogloss.corpora.build import build_test_corpus

    build_test_corpus(a.recipe["corpus"], a.language, _read_annotation(a.recipe), a.train, a.out, folder=a.folder)


@verb(
    argument("--corpora", Path, nargs="+", help="folders corpora/TASK/LANGUAGE, one per language"),
    argument("--out", Path, help="JSON file for the counts"),
)
def audit(a: Namespace) -> None:
    """Count the sentences that corpora of different languages share."""
    from isogloss.common.files import write_json
    from isogloss.corpora.audit import audit_languages

    write_json(a.out, audit_languages({folder.name: folder for folder in a.corpora}))


def _read_annotation(recipe: dict[str, Any]) -> Annotation:
    """Return what a recipe says about labels; without `labels`, those of the kind."""
    return Annotation(**{key: recipe[key] for key in ("kind", "labels", "map", "normal_form") if key in recipe})
