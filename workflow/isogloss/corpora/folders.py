"""Folders of the user: the folder of a language, and the file of each split, under the names that people use."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from isogloss.common.errors import UserError
from isogloss.common.languages import LANGUAGES
from isogloss.corpora.forms.records import Reading
from isogloss.corpora.forms.text import find_ending

SPLIT_WORDS = {
    "train": ("train", "training", "trn"),
    "validation": ("validation", "valid", "val", "dev", "devel", "development"),
    "test": ("test", "tst", "testing"),
}
"""Split -> the words that name it in file names: `train.txt`, `en_ewt-ud-dev.iob2`, `valid_preprocess.txt`."""
ENDINGS = ("tsv", "txt", "conll", "conllu", "iob2", "iob", "bio", "csv", "json", "jsonl", "ndjson", "parquet", "")
"""Endings of files that are read; `.gz` may follow."""
_PART = re.compile(r"-\d{5}-of-\d{5}$")


def find_folder(folder: Path, language: str) -> Path | None:
    """Return the folder of a language: `sw`, or another code of the same language (`swa`); None if there is none.

    Raises UserError if several folders are of the language.
    """
    if (folder / language).is_dir():
        return folder / language
    if not folder.is_dir():
        return None
    found = [one for one in sorted(folder.iterdir()) if one.is_dir() and _name_language(one.name) == language]
    if len(found) > 1:
        names = " and ".join(one.name for one in found)
        raise UserError(f"{folder}: the folders {names} are both of language {language}; keep one of them")
    return found[0] if found else None


@cache
def _name_language(name: str) -> str:
    """Return the code of the language that a folder with another code (ISO 639-3, `zh_Hant`) is of, or nothing."""
    if name in LANGUAGES or not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z]{2,4})?", name):
        return ""
    # langcodes takes a while to load, and is needed only for folders with other codes than those of the study.
    import langcodes

    try:
        return langcodes.standardize_tag(name)
    except ValueError:
        return ""


def list_splits(folder: Path, reading: Reading) -> dict[str, list[Path]]:
    """Return split -> its files in the folder of a language. Several files are parts of one split, in order.

    Raises UserError if several files could be the same split, or if a file that `split_names` names does not exist.
    """
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith(".")]
    found = {}
    for split in SPLIT_WORDS:
        chosen = reading.split_names.get(split)
        paths = _find_named(files, chosen) if chosen else _find_usual(files, split)
        if chosen and not paths:
            raise UserError(
                f"{folder}: no file {chosen!r}, which `split_names` names for {split}, only {list_names(folder)}; "
                "correct the name"
            )
        if len(paths) > 1 and not all(_PART.search(_cut_ending(path)) for path in paths):
            names = " ".join(path.name for path in paths)
            raise UserError(
                f"{folder}: several files for the {split} split: {names}; keep one, or write "
                f"`split_names: {{{split}: {paths[0].name}}}`"
            )
        if paths:
            found[split] = paths
    return found


def list_names(folder: Path) -> str:
    """Return the names of the first files in a folder, for messages."""
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    return (", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")) or "no files"


def require_splits(found: Mapping[str, list[Path]], splits: Sequence[str], folder: Path, language: str) -> None:
    """Raise UserError if splits are missing that nothing can replace, with what the folder contains.

    A missing validation split is cut from training, and a folder with a test split alone is that of a target.
    """
    unused = [
        path.name for path in _list_data(folder) if path not in [one for paths in found.values() for one in paths]
    ]
    missing = [split for split in splits if split not in found]
    if "test" in missing:
        others = ", ".join(sorted(set(found) & set(splits))) or "no split"
        raise UserError(
            f"{folder}: no test split, found {list_names(folder)} ({others}); add test.tsv, name it in `split_names`, "
            f"or "
            f"test {language} on another corpus under `test_corpora`"
        )
    if missing and unused:
        raise UserError(
            f"{folder}: no {missing[0]} split, found {list_names(folder)}; name the file in `local: {{path: ..., "
            f"split_names: {{{missing[0]}: {unused[0]}}}}}`, or remove {unused[0]}"
        )


def _list_data(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.is_file() and _has_ending(path) and path.suffix]


def _find_named(files: Sequence[Path], chosen: str) -> list[Path]:
    return [path for path in files if chosen in (path.name, _cut_ending(path))]


def _find_usual(files: Sequence[Path], split: str) -> list[Path]:
    """Return the files that are called like a split (`train.txt`), else those with its word in their name."""
    words = SPLIT_WORDS[split]
    files = [path for path in files if _has_ending(path)]
    exact = [path for path in files if _cut_ending(path).casefold() in words]
    return exact or [path for path in files if match_words(_cut_ending(path), words)]


def match_words(name: str, words: Sequence[str]) -> bool:
    """Return whether a file name contains one of some words as a whole."""
    return bool(set(re.split(r"[^a-z]+", name.casefold())) & set(words))


def _has_ending(path: Path) -> bool:
    return find_ending(path) in ENDINGS


def _cut_ending(path: Path) -> str:
    name = path.name.removesuffix(".gz")
    return name.rpartition(".")[0] if "." in name and find_ending(path) in ENDINGS else name
