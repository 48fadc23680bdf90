"""The local corpus: a user's folder of files, FOLDER/{language}/{train,dev or validation,test}, as the task has them.

For ner they are CoNLL-style (readers/sentences.py), for nli TSV (readers/pairs.py), for qa JSON (readers/squad.py): a
task names its reader.
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
    """Read the corpus of a language from the folder `options`: split -> examples in the order of the file.

    A UserError tells what `check` refuses, and a kind of task that has no form of file.
    """
    from isogloss.tasks import TASKS, find_task

    if kind not in TASKS or not find_task(kind).reader:
        able = " ".join(name for name, task in TASKS.own.items() if task.reader)
        raise UserError(f"corpus local has no task of kind {kind!r}: it is for {able}")
    read = load_part(find_task(kind).reader)
    paths = dict(zip(splits, files(options, language, splits), strict=True))
    for path in paths.values():
        _refuse_other_kind(path, kind)
    return {split: read(path, language, split) for split, path in paths.items()}


def check(
    options: str, languages: Sequence[str], kind: str, cache: Path | None = None, splits: Sequence[str] = SPLITS
) -> dict[str, int]:
    """Return how many training examples the audit leaves of each language; 0 where training is not among the splits.

    Refuses, with a UserError, what `load` cannot read: a missing folder or split, an empty file, a file of another kind
    of task, a line that is malformed or not UTF-8, a tag or a label outside the scheme (with file and line), an answer
    that is not in its context (with file and id).
    cache: a JSON file that remembers the numbers; a language is read again only when the size or the modification
    time of one of its files changed.
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
    """Return those of the languages that have a folder."""
    return [language for language in languages if (Path(options) / language).is_dir()]


def files(options: str, language: str, splits: Sequence[str] = SPLITS) -> list[Path]:
    """Return the file of each split of a language; a UserError names a missing or doubled one."""
    folder = Path(options)
    if not folder.is_dir():
        raise UserError(f"corpus local: no folder {folder}: make it, or mend the path in the config")
    if not (folder / language).is_dir():
        raise UserError(f"corpus local: no folder {folder / language} for language {language!r}")
    return [_find_file(folder / language, split) for split in splits]


def _refuse_other_kind(path: Path, kind: str) -> None:
    """Raise a UserError if the beginning of a file is clearly that of a file of another kind of task."""
    from isogloss.tasks import TASKS, find_task

    text = read_text(path)
    recognisers = {name: find_task(name).recogniser for name in dict.fromkeys([kind, *TASKS])}
    found = next((name for name, one in recognisers.items() if one and load_part(one)(text)), kind)
    if found != kind:
        raise UserError(
            f"{path}: is a file of a task of kind {found}, not {kind}: correct `kind` or `corpus` under `tasks`"
        )


def _find_file(folder: Path, split: str) -> Path:
    names = [stem + suffix for stem in _STEMS[split] for suffix in _SUFFIXES]
    found = [folder / name for name in names if (folder / name).is_file()]
    if not found:
        wanted = " or ".join(f"{stem}.tsv" for stem in _STEMS[split])
        raise UserError(f"{folder}: no {split} split: add {wanted} (also .txt, .conll, .json or no ending)")
    if len(found) > 1:
        raise UserError(f"{folder}: the {split} split is there twice: keep one of {' '.join(p.name for p in found)}")
    return found[0]


def _read_cache(cache: Path | None) -> dict:
    """Return what a cache remembers; nothing if there is none or it cannot be read: checking again does no harm."""
    try:
        return read_json(cache) if cache is not None else {}
    except (OSError, json.JSONDecodeError):
        return {}
