"""The local corpus: a folder with the user's files FOLDER/{language}/{train, validation, test}, in any known form."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from isogloss.common.annotation import Annotation
from isogloss.common.errors import UserError
from isogloss.common.examples import SPLITS
from isogloss.common.files import read_json, write_json
from isogloss.corpora.audit import audit, describe_oddities
from isogloss.corpora.base import Found, Loaded
from isogloss.corpora.folders import find_folder, list_splits, require_splits
from isogloss.corpora.forms.records import COMMENTS, Reading
from isogloss.corpora.normal_form import normalise_loaded
from isogloss.corpora.readers.files import read_file
from isogloss.corpora.sampling import cut_validation

Options = str | Mapping[str, Any]
"""A folder, or a mapping with `path` and fields of Reading."""
CHECKED = 2
"""Version of the stored results of checks. Increased when the same files are read or described in another way."""


def load(options: Options, language: str, annotation: Annotation, splits: Sequence[str] = SPLITS) -> Loaded:
    """Return the examples of a language, in the order of its files.

    If there is training and no validation, a part of training is used for validation. A folder that has only a test
    split gives no training and no validation examples. Raises UserError for the same errors as `check`.
    """
    _refuse_kind(annotation)
    reading = _take_reading(options)
    examples: dict[str, list[Any]] = {split: [] for split in splits}
    changes = {}
    for split, paths in _find_files(options, language, splits).items():
        counts: dict[str, int] = {}
        for path in paths:
            read, of_file = read_file(path, reading, annotation, language, split)
            examples[split] += read
            counts = {reason: counts.get(reason, 0) + of_file.get(reason, 0) for reason in {**counts, **of_file}}
        changes[split] = counts
    if "validation" in splits and examples["train"] and not examples["validation"]:
        whole = examples["train"]
        if len({one.group for one in whole}) < 2:
            raise UserError(
                f"corpus local: {language}: no validation split, and training has only one text to cut from"
            )
        examples["train"], examples["validation"] = (cut_validation(whole, part) for part in ("train", "validation"))
        changes["validation"] = {"examples cut from training": len(examples["validation"])}
    return Loaded(examples, {split: counts for split, counts in changes.items() if counts})


def check(
    options: Options,
    languages: Sequence[str],
    annotation: Annotation,
    cache: Path | None = None,
    splits: Sequence[str] = SPLITS,
) -> dict[str, Found]:
    """Return what each language has after the audit.

    Raises UserError for a missing folder or split, an empty file, a file for another kind of task, and for everything
    in a file that cannot be read, with its place.

    cache: a JSON file that stores the results. A language is read again only when the size or the modification time of
    one of its files has changed, or how it is read.
    """
    known = _read_cache(cache)
    now = {}
    for language in languages:
        stamps = {
            str(path): [path.stat().st_size, path.stat().st_mtime_ns] for path in files(options, language, splits)
        }
        key = _name_key(options, language, annotation, splits)
        now[key] = known.get(key)
        if now[key] is None or now[key]["files"] != stamps:
            loaded = normalise_loaded(load(options, language, annotation, splits), annotation.normal_form)
            now[key] = {"files": stamps, **_describe(loaded, language)}
    if cache is not None and not now.items() <= known.items():
        write_json(cache, known | now)
    same = _find_same_text({language: now[_name_key(options, language, annotation, splits)] for language in languages})
    found = {language: now[_name_key(options, language, annotation, splits)] for language in languages}
    return {language: Found(one["train"], (*one["notes"], *same.get(language, ()))) for language, one in found.items()}


def _find_same_text(found: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return language -> a note, for each language with the same test sentences as an earlier one."""
    notes = {}
    for language, one in found.items():
        earlier = next(other for other, their in found.items() if their["text"] == one["text"])
        if earlier != language:
            notes[language] = [f"{language}: the test sentences are the same as those of {earlier}"]
    return notes


def covers(options: Options, languages: Sequence[str]) -> list[str]:
    """Return the languages that have a folder."""
    return [language for language in languages if find_folder(_take_path(options), language)]


def tests_only(options: Options, languages: Sequence[str]) -> list[str]:
    """Return the languages whose folder has a test split and no training split."""
    found = {language: find_folder(_take_path(options), language) for language in languages}
    splits = {language: list_splits(folder, _take_reading(options)) for language, folder in found.items() if folder}
    return [language for language, of_folder in splits.items() if "test" in of_folder and "train" not in of_folder]


def files(options: Options, language: str, splits: Sequence[str] = SPLITS) -> list[Path]:
    """Return the files of a language. Raises UserError if a split is missing or ambiguous."""
    return [path for paths in _find_files(options, language, splits).values() for path in paths]


def _find_files(options: Options, language: str, splits: Sequence[str]) -> dict[str, list[Path]]:
    path = _take_path(options)
    if not path.is_dir():
        raise UserError(f"corpus local: no folder {path}; create it, or correct `local` under `corpus` in the config")
    folder = find_folder(path, language)
    if folder is None:
        names = ", ".join(sorted(one.name for one in path.iterdir() if one.is_dir())[:12])
        raise UserError(
            f"corpus local: no folder {path / language} for language {language!r}, only {names or 'no folders'}; "
            f"create "
            f"it with the files of {language}, or leave {language} out of `languages`"
        )
    found = {split: paths for split, paths in list_splits(folder, _take_reading(options)).items() if split in splits}
    require_splits(found, splits, folder, language)
    if "train" not in found:
        found.pop("validation", None)  # a target: nobody chooses anything by its validation split
    return found


def _describe(loaded: Loaded, language: str) -> dict[str, Any]:
    """Return the number of training examples after the audit, and notes on what was read."""
    splits = loaded.splits
    cleaned = audit(splits)[0] if splits.get("train") else splits
    notes = [
        f"{language}: {split}: {reason}: {count}"
        for split, changes in loaded.changes.items()
        for reason, count in sorted(changes.items())
        if reason != COMMENTS  # the audit counts them; nobody has to act
    ]
    text = hashlib.sha256("\n".join("\t".join(one.content) for one in splits["test"]).encode()).hexdigest()
    notes += describe_oddities(splits, language)
    return {"train": len(cleaned.get("train", ())), "notes": notes, "text": text}


def _refuse_kind(annotation: Annotation) -> None:
    from isogloss.tasks import TASKS, find_task

    if annotation.kind not in TASKS or not find_task(annotation.kind).parser:
        able = " ".join(name for name, task in TASKS.own.items() if task.parser)
        raise UserError(
            f"corpus local: does not support tasks of kind {annotation.kind!r}, only {able}; "
            "correct `kind` or `corpus` under `tasks`"
        )


def _take_path(options: Options) -> Path:
    return Path(options if isinstance(options, str) else options["path"])


def _take_reading(options: Options) -> Reading:
    if isinstance(options, str):
        return Reading()
    return Reading(**{key: value for key, value in options.items() if key != "path"})


def _name_key(options: Options, language: str, annotation: Annotation, splits: Sequence[str]) -> str:
    """Return the name in the cache of a language and how it is read."""
    named = [annotation.kind, str(_take_path(options) / language), *([] if splits == SPLITS else splits)]
    how = {"version": CHECKED, **vars(annotation), "options": options if isinstance(options, Mapping) else {}}
    return " ".join([*named, json.dumps(how, sort_keys=True, default=dict)])


def _read_cache(cache: Path | None) -> dict:
    """Return the content of the cache, or {} if it is missing or cannot be read; all files are then checked again."""
    try:
        return read_json(cache) if cache is not None else {}
    except (OSError, json.JSONDecodeError):
        return {}
