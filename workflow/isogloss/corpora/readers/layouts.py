"""Corpora of the hub that are known: which languages they have, where a language's files lie, what their tags mean.

A revision is a commit that was seen to hold the files; `refs/convert/parquet` is where the hub itself keeps
the parquet form of a dataset whose own branch is a loading script, which is never run here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from isogloss.common.errors import UserError
from isogloss.common.examples import RELATIONS, SPLITS
from isogloss.common.hub import is_pinned
from isogloss.common.languages import LANGUAGES

ENTITY_TAGS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
"""The order in which all of these corpora number their tags; further types follow."""


@dataclass(frozen=True)
class Layout:
    """A dataset of the hub, in the columns that its kind of task has (rows.py).

    revision: the commit taken where the study names none; empty where the study has to. folders: language -> the folder
    of its files, which the hub calls a configuration. tags: names by number of an example's labels. kind: of the task.
    splits: our split -> the dataset's, for those that can be had; where training and validation come of one, it is cut.
    prefixes: language -> how the ids of its rows begin, for a dataset whose files hold several languages.
    """

    revision: str
    folders: Mapping[str, str]
    tags: tuple[str, ...] = ()
    kind: str = "ner"
    splits: Mapping[str, str] = field(default_factory=lambda: {split: split for split in SPLITS})
    prefixes: Mapping[str, str] = field(default_factory=dict)


_TREEBANKS = {
    "de": "de_pud",
    "en": "en_ewt",
    "pt": "pt_bosque",
    "ru": "ru_pud",
    "tl": "tl_trg",
    "zh": "zh_gsdsimp",
}
"""One treebank of Universal NER a language: one with a training split, else one that is all test."""

_XTREME = (
    *(
        "af",
        "ar",
        "bg",
        "bn",
        "de",
        "el",
        "en",
        "es",
        "et",
        "eu",
        "fa",
        "fi",
        "fr",
        "he",
        "hi",
        "hu",
        "id",
        "it",
        "ja",
        "jv",
    ),
    *(
        "ka",
        "kk",
        "ko",
        "ml",
        "mr",
        "ms",
        "my",
        "nl",
        "pt",
        "ru",
        "sw",
        "ta",
        "te",
        "th",
        "tl",
        "tr",
        "ur",
        "vi",
        "yo",
        "zh",
    ),
)

_TYDI_LANGUAGES = ("ar", "bn", "en", "fi", "id", "ko", "ru", "sw", "te")

LAYOUTS = {
    "unimelb-nlp/wikiann": Layout(
        # The branch of parquet files that the hub made; the files of a language are sw/{train,validation,test}/.
        revision="f89f2fe2694613baf6bb62e7393290846127adbf",
        folders={code: code for code in LANGUAGES},
        tags=ENTITY_TAGS,
    ),
    "google/xtreme": Layout(
        revision="ec5f1f46e9af79639a90684a7a70a956c4998f04",
        folders={code: f"PAN-X.{code}" for code in _XTREME},
        tags=ENTITY_TAGS,
    ),
    "masakhane/masakhaner2": Layout(
        revision="1cad68a4c2cdc13ecd65d3bdea436c65d3ed20fa",
        folders={"sw": "swa", "yo": "yor"},
        tags=(*ENTITY_TAGS, "B-DATE", "I-DATE"),
    ),
    # Universal NER's own branch held a script and no data at all commits that were seen, the last 80e4090; the second
    # is a copy of it in parquet, of which no commit is known.
    "universalner/universal_ner": Layout(revision="", folders=_TREEBANKS, tags=ENTITY_TAGS),
    "BramVanroy/universal_ner": Layout(revision="", folders=_TREEBANKS, tags=ENTITY_TAGS),
    "facebook/xnli": Layout(
        revision="b8dd5d7af51114dbda02c0e3f6133f332186418e",
        folders={
            code: code
            for code in ("ar", "bg", "de", "el", "en", "es", "fr", "hi", "ru", "sw", "th", "tr", "ur", "vi", "zh")
        },
        tags=RELATIONS,
        kind="nli",
    ),
    # TyDiQA-GoldP. It has no test set that anybody may see: its validation set is tested on.
    "google-research-datasets/tydiqa": Layout(
        revision="da78f23f9119363459acbaf46bf89426ff26c259",
        folders=dict.fromkeys(_TYDI_LANGUAGES, "secondary_task"),
        kind="qa",
        splits={"train": "train", "validation": "train", "test": "validation"},
        prefixes={code: f"{LANGUAGES[code].name.lower()}-" for code in _TYDI_LANGUAGES},
    ),
    # Parallel questions to test on, translated from SQuAD; nothing to train on. It has Romanian, too.
    "google/xquad": Layout(
        revision="51adfef1c1287aab1d2d91b5bead9bcfb9c68583",
        folders={code: f"xquad.{code}" for code in ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh")},
        kind="qa",
        splits={"test": "validation"},
    ),
}


def find_layout(dataset: str) -> Layout:
    """Return the layout of a dataset; a UserError lists the known ones."""
    try:
        return LAYOUTS[dataset]
    except KeyError:
        raise UserError(
            f"corpus hub: unknown dataset {dataset!r}: known are {', '.join(LAYOUTS)}; add a layout to "
            "workflow/isogloss/corpora/readers/layouts.py for another"
        ) from None


def choose_revision(dataset: str, revision: str | None = None) -> str:
    """Return the revision of a dataset that a study names, or else that of its layout.

    A UserError refuses one that may move: languages are downloaded one by one, and would come from different commits.
    """
    chosen = revision or find_layout(dataset).revision
    if is_pinned(chosen):
        return chosen
    name = chosen or "main"
    what = f"{chosen!r} may move" if chosen else f"no commit of {dataset} that holds its files is known here"
    raise UserError(
        f"{what}; give a commit in full, or {name}@COMMIT with its first 7 digits or more: "
        f"https://huggingface.co/datasets/{dataset}/commits/{quote(name, safe='')} lists them"
    )
