"""The local corpus: a folder with the user's files FOLDER/{language}/{train, dev or validation, test}.

The task decides the file format: CoNLL-style for ner (readers/sentences.py), TSV for nli (readers/pairs.py) and JSON
for qa (readers/squad.py).
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.examples import SPLITS
from isogloss.common.files import read_json, write_json
from isogloss.common.registry import load_part
from isogloss.corpora.audit import audit
from isogloss.corpora.readers.utf8 import read_text

_STEMS = {"train": ("train",), "validation": ("dev", "validation"), "test": ("test",)}
_SUFFIXES = (".tsv", ".json", ".txt", ".conll", "")


def load(options: str, language: str, kind: str, splits: Sequence[str] = SPLITS) -> dict[str, list[Any]]:
    """Return split -> examples of a language, in the order of the files in the folder `options`.

    Raises UserError for the same errors as `check`, and for a kind of task that has no file format.
    """
    from isogloss.tasks import TASKS, find_task

    if kind not in TASKS or not find_task(kind).reader:
        able = " ".join(name for name, task in TASKS.own.items() if task.reader)
        raise UserError(
            f"corpus local: does not support tasks of kind {kind!r}, only {able}; "
            "correct `kind` or `corpus` under `tasks`"
        )
    read = load_part(find_task(kind).reader)
    paths = dict(zip(splits, files(options, language, splits), strict=True))
    for path in paths.values():
        _refuse_other_kind(path, kind)
    return {split: read(path, language, split) for split, path in paths.items()}


def check(
    options: str, languages: Sequence[str], kind: str, cache: Path | None = None, splits: Sequence[str] = SPLITS
) -> dict[str, int]:
    """Return the number of training examples of each language after the audit; 0 if `splits` does not include train.

    Raises UserError for a missing folder or split, an empty file and a file for another kind of task. Names file and
    line of a line that is malformed or not UTF-8, and of an unknown tag or label. Names file and question id of an
    answer that is not in its context.

    cache: a JSON file that stores the numbers. A language is read again only when the size or the modification time of
    one of its files has changed.
    """
    known = _read_cache(cache)
    now = {}
    for language in languages:
        statuses = {str(path): path.stat() for path in files(options, language, splits)}
        stamps = {path: [status.st_size, status.st_mtime_ns] for path, status in statuses.items()}
        key = _name_key(options, language, kind, splits)
        now[key] = known.get(key)
        if now[key] is None or now[key]["files"] != stamps:
            read = load(options, language, kind, splits)
            now[key] = {"files": stamps, "train": len(audit(read)[0]["train"]) if "train" in read else 0}
    if cache is not None and not now.items() <= known.items():
        write_json(cache, known | now)
    return {language: now[_name_key(options, language, kind, splits)]["train"] for language in languages}


def _name_key(options: str, language: str, kind: str, splits: Sequence[str]) -> str:
    return " ".join([kind, str(Path(options) / language), *([] if splits == SPLITS else splits)])


def covers(options: str, languages: Sequence[str]) -> list[str]:
    """Return the languages that have a folder."""
    return [language for language in languages if (Path(options) / language).is_dir()]


def files(options: str, language: str, splits: Sequence[str] = SPLITS) -> list[Path]:
    """Return the file of each split of a language. Raises UserError if a split has no file or several."""
    folder = Path(options)
    if not folder.is_dir():
        raise UserError(f"corpus local: no folder {folder}; create it, or correct `local` under `corpus` in the config")
    if not (folder / language).is_dir():
        raise UserError(
            f"corpus local: no folder {folder / language} for language {language!r}; create it with the files of "
            f"{language}, or leave {language} out of `languages`"
        )
    return [_find_file(folder / language, split) for split in splits]


def _refuse_other_kind(path: Path, kind: str) -> None:
    """Raise UserError if a file clearly begins like a file for another kind of task."""
    from isogloss.tasks import TASKS, find_task

    text = read_text(path)
    recognisers = {name: find_task(name).recogniser for name in dict.fromkeys([kind, *TASKS])}
    found = next((name for name, one in recognisers.items() if one and load_part(one)(text)), kind)
    if found != kind:
        raise UserError(
            f"{path}: looks like a file for kind {found}, not {kind}; correct `kind` or `corpus` under `tasks`, "
            "or convert the file"
        )


def _find_file(folder: Path, split: str) -> Path:
    names = [stem + suffix for stem in _STEMS[split] for suffix in _SUFFIXES]
    found = [folder / name for name in names if (folder / name).is_file()]
    if not found:
        wanted = " or ".join(f"{stem}.tsv" for stem in _STEMS[split])
        present = ", ".join(sorted(path.name for path in folder.iterdir())[:8]) or "no files"
        raise UserError(
            f"{folder}: no {split} split, found {present}; add {wanted} (.txt, .conll, .json or no extension also work)"
        )
    if len(found) > 1:
        raise UserError(f"{folder}: several files for the {split} split; keep one of {' '.join(p.name for p in found)}")
    return found[0]


def _read_cache(cache: Path | None) -> dict:
    """Return the content of the cache, or {} if it is missing or cannot be read; all files are then checked again."""
    try:
        return read_json(cache) if cache is not None else {}
    except (OSError, json.JSONDecodeError):
        return {}
