"""The known datasets of the Hugging Face hub: their languages, folders, tags and splits.

A revision is a commit that was checked to contain the files. Some datasets have only a loading script on their own
branch. Loading scripts are never run here; the hub itself stores these datasets as parquet on `refs/convert/parquet`.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from isogloss.common.errors import UserError
from isogloss.common.examples import RELATIONS
from isogloss.common.hub import is_pinned
from isogloss.common.languages import LANGUAGES
from isogloss.corpora.folders import SPLIT_WORDS
from isogloss.corpora.readers.tags import NUMBERED

ENTITY_TAGS = NUMBERED
"""Tags in the order in which all these corpora number them; a corpus may have further types after these."""


@dataclass(frozen=True)
class Layout:
    """Where a dataset of the hub has the files of a language, and what their labels are called.

    kind: the kind of the task; empty if any. revision: the commit to use if the study names none; empty if the study
    must name one. folders: language -> folder of its files, which the hub calls a configuration; a text with
    `{language}` or `{iso639_3}` for a dataset whose languages are not listed. labels: the names of the numbered labels,
    if the files do not contain them. columns: column of the task -> its name in the files, if it is not a usual one.
    splits: our split -> word for it in file names, if it is not a usual one; only these splits are available. If
    training and validation have the same split, it is divided into two. prefixes: language -> prefix of its row ids,
    for a dataset that has several languages in one file. extra: entity types that a task uses only if it names them.
    """

    kind: str = ""
    revision: str = ""
    folders: Mapping[str, str] | str = ""
    labels: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    splits: Mapping[str, str] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)
    extra: tuple[str, ...] = ()

    def list_words(self, split: str) -> tuple[str, ...]:
        """Return the words that name a split in file names; empty if the dataset does not have the split."""
        if not self.splits:
            return SPLIT_WORDS[split]
        return (self.splits[split],) if split in self.splits else ()


_NER_TREEBANKS = {
    "ceb": "ceb_gja",
    "da": "da_ddt",
    "de": "de_pud",
    "en": "en_ewt",
    "hr": "hr_set",
    "pt": "pt_bosque",
    "ru": "ru_pud",
    "sk": "sk_snk",
    "sr": "sr_set",
    "sv": "sv_talbanken",
    "tl": "tl_trg",
    "zh": "zh_gsdsimp",
}
"""One treebank of Universal NER for each language: one with a training split if there is one, else a test-only one."""

_UD_TREEBANKS = {
    "ar": "ar_padt",
    "bg": "bg_btb",
    "cs": "cs_pdt",
    "da": "da_ddt",
    "de": "de_gsd",
    "el": "el_gdt",
    "en": "en_ewt",
    "es": "es_gsd",
    "et": "et_edt",
    "eu": "eu_bdt",
    "fa": "fa_perdt",
    "fi": "fi_tdt",
    "fr": "fr_gsd",
    "he": "he_htb",
    "hi": "hi_hdtb",
    "hu": "hu_szeged",
    "id": "id_gsd",
    "it": "it_isdt",
    "ja": "ja_gsd",
    "ko": "ko_gsd",
    "nl": "nl_alpino",
    "pt": "pt_bosque",
    "ru": "ru_gsd",
    "sv": "sv_talbanken",
    "ta": "ta_ttb",
    "te": "te_mtg",
    "tr": "tr_imst",
    "uk": "uk_iu",
    "ur": "ur_udtb",
    "vi": "vi_vtb",
    "wo": "wo_wtf",
    "zh": "zh_gsdsimp",
}
"""One treebank of Universal Dependencies with a training split for each language; `config` in a study names others."""

_MASAKHANER2 = {
    **{"bm": "bam", "ee": "ewe", "ha": "hau", "ig": "ibo", "lg": "lug", "ny": "nya", "rw": "kin", "sn": "sna"},
    **{"sw": "swa", "tn": "tsn", "tw": "twi", "wo": "wol", "xh": "xho", "yo": "yor", "zu": "zul"},
    **{code: code for code in ("bbj", "fon", "luo", "mos", "pcm")},
}
_MASAKHANER = {
    **{"am": "amh", "ha": "hau", "ig": "ibo", "lg": "lug", "rw": "kin", "sw": "swa", "wo": "wol", "yo": "yor"},
    **{code: code for code in ("luo", "pcm")},
}
_MULTICONER = {
    **{"bn": "BN-Bangla", "de": "DE-German", "en": "EN-English", "es": "ES-Spanish", "fa": "FA-Farsi"},
    **{"fr": "FR-French", "hi": "HI-Hindi", "it": "IT-Italian", "pt": "PT-Portuguese", "sv": "SV-Swedish"},
    **{"uk": "UK-Ukrainian", "zh": "ZH-Chinese"},
}
_DATED = (*ENTITY_TAGS, "B-DATE", "I-DATE")

# fmt: off
_XTREME = (
    "af", "ar", "bg", "bn", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "he", "hi", "hu", "id", "it", "ja",
    "jv", "ka", "kk", "ko", "ml", "mr", "ms", "my", "nl", "pt", "ru", "sw", "ta", "te", "th", "tl", "tr", "ur", "vi",
    "yo", "zh",
)
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
        kind="ner",
        # A commit of the parquet branch that the hub created; the folders are sw/{train,validation,test}/.
        revision="f89f2fe2694613baf6bb62e7393290846127adbf",
        folders={code: code for code in _WIKIANN},
        labels=ENTITY_TAGS,
    ),
    "google/xtreme": Layout(
        kind="ner",
        revision="ec5f1f46e9af79639a90684a7a70a956c4998f04",
        folders={code: f"PAN-X.{code}" for code in _XTREME},
        labels=ENTITY_TAGS,
    ),
    "masakhane/masakhaner2": Layout(
        kind="ner",
        revision="1cad68a4c2cdc13ecd65d3bdea436c65d3ed20fa",
        folders=_MASAKHANER2,
        labels=_DATED,
        extra=("DATE",),
    ),
    # No commit with parquet files of the first version is known.
    "masakhane/masakhaner": Layout(kind="ner", folders=_MASAKHANER, labels=_DATED, extra=("DATE",)),
    # Universal NER's own branch had a script and no data in all checked commits (the last is 80e4090). The second
    # dataset is a parquet copy of it; no commit of it is known.
    "universalner/universal_ner": Layout(kind="ner", folders=_NER_TREEBANKS, labels=ENTITY_TAGS),
    "BramVanroy/universal_ner": Layout(kind="ner", folders=_NER_TREEBANKS, labels=ENTITY_TAGS),
    # The repository itself has the CoNLL files of the shared task: EN-English/en_train.conll.
    "MultiCoNER/multiconer_v2": Layout(
        kind="ner", revision="4be2d62c912977ee26ed14d2553a4fe17ca3d980", folders=_MULTICONER
    ),
    # The hub has parquet files with the names of the tags; no commit of them is known.
    "universal-dependencies/universal_dependencies": Layout(kind="pos", folders=_UD_TREEBANKS),
    "facebook/xnli": Layout(
        kind="nli",
        revision="b8dd5d7af51114dbda02c0e3f6133f332186418e",
        folders={
            code: code
            for code in ["ar", "bg", "de", "el", "en", "es", "fr", "hi", "ru", "sw", "th", "tr", "ur", "vi", "zh"]
        },
        labels=RELATIONS,
    ),
    # TyDiQA-GoldP has no public test set: models are tested on its validation set.
    "google-research-datasets/tydiqa": Layout(
        kind="qa",
        revision="da78f23f9119363459acbaf46bf89426ff26c259",
        folders=dict.fromkeys(_TYDI_LANGUAGES, "secondary_task"),
        splits={"train": "train", "validation": "train", "test": "validation"},
        prefixes={code: f"{LANGUAGES[code].name.lower()}-" for code in _TYDI_LANGUAGES},
    ),
    # Parallel test questions, translated from SQuAD; no training data. The dataset also has Romanian.
    "google/xquad": Layout(
        kind="qa",
        revision="51adfef1c1287aab1d2d91b5bead9bcfb9c68583",
        folders={code: f"xquad.{code}" for code in ["ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh"]},
        splits={"test": "validation"},
    ),
}


def find_layout(options: Mapping[str, Any]) -> Layout:
    """Return the layout of a dataset: that of LAYOUTS, with what the study says in its place.

    options: dataset, and optionally config, columns, labels and split_names. Raises UserError for an unknown dataset
    that the study does not describe.
    """
    dataset = options["dataset"]
    if dataset not in LAYOUTS and "config" not in options:
        raise UserError(f"corpus hub: unknown dataset {dataset!r}; {_suggest(dataset)}")
    layout = LAYOUTS.get(dataset, Layout())
    if "config" in options:
        layout = replace(layout, folders=options["config"], prefixes={})
    return replace(
        layout,
        columns={**layout.columns, **options.get("columns", {})},
        labels=tuple(options.get("labels", layout.labels)),
        splits={**layout.splits, **options.get("split_names", {})},
    )


def _suggest(dataset: str) -> str:
    name = dataset.rpartition("/")[2].casefold()
    known = {one.rpartition("/")[2].casefold(): one for one in LAYOUTS}
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"did you mean {known[close[0]]}? To read another dataset, add its `config` and `revision`"
    return (
        f'describe it, `hub: {{dataset: {dataset}, revision: COMMIT, config: "{{language}}"}}` with the folder of a '
        "language as config, or use a dataset of docs/using/hub.md"
    )


def choose_revision(dataset: str, revision: str | None = None) -> str:
    """Return the revision that a study names for a dataset, or the revision of its layout if the study names none.

    Raises UserError for a revision that is not pinned, such as a branch. Languages are downloaded one by one, so they
    could come from different commits.
    """
    chosen = revision or LAYOUTS.get(dataset, Layout()).revision
    if is_pinned(chosen):
        return chosen
    name = chosen or "main"
    what = f"{chosen!r} of {dataset} may move" if chosen else f"no commit with the files of {dataset} is known"
    raise UserError(
        f"{what}; set a full commit hash, or {name}@COMMIT with at least its first 7 digits; "
        f"https://huggingface.co/datasets/{dataset}/commits/{quote(name, safe='')} lists the commits"
    )
