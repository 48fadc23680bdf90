"""The known datasets of the Hugging Face hub: their languages, folders, tags and splits.

A revision is a commit that was checked to contain the files. Some datasets have only a loading script on their own
branch. Loading scripts are never run here; the hub itself stores these datasets as parquet on `refs/convert/parquet`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from isogloss.common.errors import UserError
from isogloss.common.examples import RELATIONS, SPLITS
from isogloss.common.hub import is_pinned
from isogloss.common.languages import LANGUAGES

ENTITY_TAGS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
"""Tags in the order in which all these corpora number them; a corpus may have further types after these."""


@dataclass(frozen=True)
class Layout:
    """A dataset of the hub, with the columns that rows.py expects for its kind of task.

    revision: the commit to use if the study names none; empty if the study must name one. folders: language -> folder
    of its files, which the hub calls a configuration. tags: the names of the numbered labels. kind: the kind of the
    task. splits: our split -> split of the dataset, for the splits that are available. If training and validation have
    the same split, it is divided into two. prefixes: language -> prefix of its row ids, for a dataset that has
    several languages in one file.
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
"""One treebank of Universal NER for each language: one with a training split if there is one, else a test-only one."""

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

# fmt: off
_WIKIANN = (
    "af", "ar", "bg", "bn", "bs", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "he",
    "hi", "hr", "hu", "id", "it", "ja", "jv", "ka", "kk", "ko", "lt", "lv", "mk", "ml", "mr", "ms", "my", "nl",
    "no", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi",
    "yo", "zh",
)
# fmt: on
"""The languages of Rahimi et al. 2019 and of XTREME. WikiANN has more of them."""
_TYDI_LANGUAGES = ("ar", "bn", "en", "fi", "id", "ko", "ru", "sw", "te")

LAYOUTS = {
    "unimelb-nlp/wikiann": Layout(
        # A commit of the parquet branch that the hub created; the folders are sw/{train,validation,test}/.
        revision="f89f2fe2694613baf6bb62e7393290846127adbf",
        folders={code: code for code in _WIKIANN},
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
    # Universal NER's own branch had a script and no data in all checked commits (the last is 80e4090). The second
    # dataset is a parquet copy of it; no commit of it is known.
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
    # TyDiQA-GoldP has no public test set: models are tested on its validation set.
    "google-research-datasets/tydiqa": Layout(
        revision="da78f23f9119363459acbaf46bf89426ff26c259",
        folders=dict.fromkeys(_TYDI_LANGUAGES, "secondary_task"),
        kind="qa",
        splits={"train": "train", "validation": "train", "test": "validation"},
        prefixes={code: f"{LANGUAGES[code].name.lower()}-" for code in _TYDI_LANGUAGES},
    ),
    # Parallel test questions, translated from SQuAD; no training data. The dataset also has Romanian.
    "google/xquad": Layout(
        revision="51adfef1c1287aab1d2d91b5bead9bcfb9c68583",
        folders={code: f"xquad.{code}" for code in ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh")},
        kind="qa",
        splits={"test": "validation"},
    ),
}


def find_layout(dataset: str) -> Layout:
    """Return the layout of a dataset. Raises UserError, with the known datasets, if it is unknown."""
    try:
        return LAYOUTS[dataset]
    except KeyError:
        raise UserError(
            f"corpus hub: unknown dataset {dataset!r}; use one of {', '.join(LAYOUTS)}, or add a layout to "
            "isogloss/corpora/readers/layouts.py"
        ) from None


def choose_revision(dataset: str, revision: str | None = None) -> str:
    """Return the revision that a study names for a dataset, or the revision of its layout if the study names none.

    Raises UserError for a revision that is not pinned, such as a branch. Languages are downloaded one by one, so they
    could come from different commits.
    """
    chosen = revision or find_layout(dataset).revision
    if is_pinned(chosen):
        return chosen
    name = chosen or "main"
    what = f"{chosen!r} of {dataset} may move" if chosen else f"no commit with the files of {dataset} is known"
    raise UserError(
        f"{what}; set a full commit hash, or {name}@COMMIT with at least its first 7 digits; "
        f"https://huggingface.co/datasets/{dataset}/commits/{quote(name, safe='')} lists the commits"
    )
