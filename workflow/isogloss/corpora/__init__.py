"""Corpora: the sources of labelled sentences. A corpus is one module and one entry in the registry below.

Importing this package is fast (standard library only): a corpus imports other libraries only when it is read.
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
    """The interface of a corpus. `load` and `download` are given as `module:function` and are called by jobs.

    The first argument of every function is the value of `options`: what the config has under the corpus's name.
    `splits` is either train, validation and test (the default), or test alone for a test corpus.

    load(options, language, kind, splits=SPLITS): return a dict of split -> list of examples. kind: the kind of the
    task, such as `ner`. `load` and `check` raise UserError for a kind that the corpus does not support.
    check(options, languages, kind, cache=None, splits=SPLITS): raise UserError, before the first job, for every error
    that can be found by then. Return a dict of language -> number of training examples left after the audit, without
    the languages whose number is not yet known. cache: a JSON file in which the corpus may store the result of a check.
    files(options, language, splits=SPLITS): return the paths that `load` reads.
    notice: a sentence that is printed wherever scores on this corpus are shown; empty for none.
    covers(options, languages): return the languages that the corpus has. Default: all of them.
    found: whether the corpus is a given collection. If True, the task leaves out the languages that the corpus does not
    have. If False, such a language is an error.
    complete(options, where): return the options with default values that the corpus knows. Raise UserError, beginning
    with the config key `where`, if an option cannot be completed.
    download(options, language, splits, out): download the corpus into the folder `out`, in a separate job. `load` then
    finds this folder in its options under `folder`. describe(options): return fields to add to the audit.
    options: JSON schema of the options. version: increased when the same options produce different examples, so that
    the corpus is rebuilt.
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

    Raises UserError for an unknown corpus and for an entry that does not have exactly one key.
    """
    if len(corpus) != 1:
        raise UserError(
            f"corpus: expected exactly one corpus, found {len(corpus)} in {dict(corpus)}; "
            f"name exactly one of {' '.join(CORPORA)}"
        )
    ((name, options),) = corpus.items()
    return CORPORA.find(name), options
