"""Corpora: the sources of labelled sentences. A corpus is one module and one entry in the registry below.

Importing this package is fast (standard library only): a corpus imports other libraries only when it is read.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.registry import Registry
from isogloss.corpora import hub, local
from isogloss.corpora.base import Corpus
from isogloss.corpora.synthetic import synthetic

OPTIONS = Path(__file__).parent / "options"


CORPORA = Registry(
    what="corpus",
    group="isogloss.corpora",
    entry=Corpus,
    own={
        "synthetic": Corpus(
            load="isogloss.corpora.synthetic.synthetic:load",
            check=synthetic.check,
            files=synthetic.files,
            notice=synthetic.NOTICE,
            covers=synthetic.covers,
            options=OPTIONS / "synthetic.yaml",
        ),
        "local": Corpus(
            load="isogloss.corpora.local:load",
            check=local.check,
            files=local.files,
            covers=local.covers,
            tests_only=local.tests_only,
            found=True,
            options=OPTIONS / "local.yaml",
        ),
        "hub": Corpus(
            load="isogloss.corpora.hub:load",
            check=hub.check,
            files=hub.files,
            covers=hub.covers,
            complete=hub.complete,
            found=True,
            download="isogloss.corpora.hub:download",
            describe=hub.describe,
            options=OPTIONS / "hub.yaml",
        ),
    },
)


def choose_corpus(corpus: Mapping[str, Any]) -> tuple[Corpus, Any]:
    """Return the corpus and its options from a config entry such as `{"local": "data/panx"}`.

    Raises UserError for an unknown corpus and for an entry that does not have exactly one key.
    """
    if len(corpus) != 1:
        raise UserError(
            f"corpus: expected exactly one corpus, found {len(corpus)} in {dict(corpus)}; "
            f"name exactly one of {' '.join(CORPORA)}"
        )
    ((name, options),) = corpus.items()
    return CORPORA.find(name), options
