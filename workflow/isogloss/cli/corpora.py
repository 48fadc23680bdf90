"""Verbs that make, read and audit corpora."""

from argparse import Namespace
from pathlib import Path

from isogloss.cli.verb import argument, read_json, verb


@verb(
    argument("--recipe", read_json, help="JSON: corpus, as in the config"),
    argument("--language"),
    argument("--splits", nargs="+"),
    argument("--out", Path),
)
def download(a: Namespace) -> None:
    """Download splits of a corpus of the hub in one language."""
    from isogloss.corpora.build import download_corpus

    download_corpus(a.recipe["corpus"], a.language, a.splits, a.out)


@verb(
    argument("--recipe", read_json, help="JSON: kind and corpus, as in the config"),
    argument("--language"),
    argument("--need", int, default=0, help="training sentences that some run takes"),
    argument("--folder", Path, nargs="?", default=None, help="where the language was downloaded to, if it was"),
    argument("--out", Path),
)
def corpus(a: Namespace) -> None:
    """Make or read the corpus of one language, audit it and write its splits."""
    from isogloss.corpora.build import build_corpus

    build_corpus(a.recipe["corpus"], a.language, a.recipe["kind"], a.out, need=a.need, folder=a.folder)


@verb(
    argument("--recipe", read_json, help="JSON: kind and corpus, as in the config"),
    argument("--language"),
    argument("--train", Path, nargs="?", default=None, help="training split of the task's corpus, if it has one"),
    argument("--folder", Path, nargs="?", default=None, help="where the language was downloaded to, if it was"),
    argument("--out", Path),
)
def test_corpus(a: Namespace) -> None:
    """Make or read a corpus that models are only tested on, in one language, and describe it."""
    from isogloss.corpora.build import build_test_corpus

    build_test_corpus(a.recipe["corpus"], a.language, a.recipe["kind"], a.train, a.out, folder=a.folder)


@verb(
    argument("--corpora", Path, nargs="+", help="a folder per language, named by it"),
    argument("--out", Path),
)
def audit(a: Namespace) -> None:
    """Count the sentences that the corpora of different languages share."""
    from isogloss.common.files import write_json
    from isogloss.corpora.audit import audit_languages

    write_json(a.out, audit_languages({folder.name: folder for folder in a.corpora}))
