"""Corpora: where labelled sentences come from. A corpus is one module and one entry in the registry below.

Importing this room is cheap (standard library only): each corpus imports what it needs when it is read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.registry import Form, Registry, name_part
from isogloss.corpora import hub, local
from isogloss.corpora.synthetic import synthetic

OPTIONS = Path(__file__).parent / "options"


@dataclass(frozen=True)
class Corpus:
    """What a corpus is to the rest of the project. `load` and `download` are named `module:function`; a job calls them.

    load(options, language, kind, splits=SPLITS): dict of split (train, validation, test) -> list of examples. kind: of
    the task, such as `ner`; a corpus that has none of that kind refuses it here and in `check`.
    check(options, languages, kind, cache=None, splits=SPLITS): refuse with a UserError, while planning, what can be
    known then; dict of language -> training examples that the audit will leave, for those where that can be known, too.
    `cache` is a JSON file in which a corpus may remember what it has checked already.
    files(options, language, splits=SPLITS): the paths that `load` reads.
    notice: a sentence that must stand wherever scores on this corpus are shown; empty for none.
    covers(options, languages): those of the languages that the corpus has; all, if it is not asked.
    found: whether it is a collection that is taken as it is. A language that it lacks is left out of the task; one
    that any other corpus lacks is a mistake.
    complete(options, where): the options with what the study left out and the corpus knows; a UserError begins with
    `where`, the key of the study file, for what cannot be completed.
    download(options, language, splits, out): for a corpus that a job of its own has to fetch into the folder `out`;
    `load` then finds that folder in its options, as `folder`. describe(options): what the audit is to tell of it.
    options: JSON schema of what stands in the config behind the corpus's name, which is the first argument of all of
    these. version: raised when the same options give other examples, so that they are made anew. `splits` is only ever
    given as train, validation and test (the default) or as test alone, for a corpus that models are scored on only.
    """

    load: str = name_part()
    check: Callable
    files: Callable
    notice: str = ""
    covers: Callable = lambda options, languages: list(languages)
    complete: Callable = lambda options, where: options
    found: bool = False
    download: str = name_part("")
    describe: Callable = lambda options: {}
    options: Form = field(default_factory=dict)
    version: int = 1


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

    A UserError names an unknown corpus, or an entry that does not have exactly one key.
    """
    if len(corpus) != 1:
        raise UserError(f"corpus must name exactly one of {' '.join(CORPORA)}, not {len(corpus)}: {dict(corpus)}")
    ((name, options),) = corpus.items()
    return CORPORA.find(name), options
