"""Corpora: where labelled sentences come from. A corpus is one module and one line in the registry below.

Importing this room is cheap (standard library only): each corpus imports what it needs when it is read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from isogloss.corpora import local, synthetic
from isogloss.errors import UserError


@dataclass(frozen=True)
class Corpus:
    """What a corpus is to the rest of the project.

    load(options, language, kind): dict of split (train, validation, test) -> list of examples.
    check(options, languages, cache=None): refuse with a UserError, while planning, what can be known then;
    dict of language -> training sentences that the audit will leave, for those where that can be known, too.
    `cache` is a JSON file in which a corpus may remember what it has checked already.
    files(options, language): the paths that `load` reads.
    notice: a sentence that must stand wherever scores on this corpus are shown; empty for none.
    `options` is what stands in the config behind the corpus's name.
    """

    load: Callable
    check: Callable
    files: Callable
    notice: str = ""


CORPORA: dict[str, Corpus] = {
    "synthetic": Corpus(synthetic.load, synthetic.check, synthetic.files, synthetic.NOTICE),
    "local": Corpus(local.load, local.check, local.files),
}


def choose_corpus(corpus: Mapping[str, object]) -> tuple[Corpus, object]:
    """Return the corpus and its options from a config entry such as `{"local": "data/panx"}`.

    A UserError names an unknown corpus, or an entry that does not have exactly one key.
    """
    if len(corpus) != 1:
        raise UserError(f"corpus must name exactly one of {' '.join(CORPORA)}, not {len(corpus)}: {dict(corpus)}")
    ((name, options),) = corpus.items()
    if name not in CORPORA:
        raise UserError(f"unknown corpus {name!r}: known are {' '.join(CORPORA)}")
    return CORPORA[name], options
