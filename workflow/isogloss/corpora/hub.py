"""Corpora of the hub: downloaded by a job of their own, in one language each, and read from disk from then on.

What is downloaded is cut down to the project's own form at once (rows.py); what is dropped of it is counted in
`source.json`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.examples import SPLITS, read_examples, write_examples
from isogloss.common.files import read_json, write_json
from isogloss.common.hub import fetch_snapshot
from isogloss.corpora.readers.layouts import Layout, choose_revision, find_layout
from isogloss.corpora.readers.rows import cut_validation, parse_rows, read_rows

SOURCE = "source.json"
"""Stands beside the downloaded splits: repository, revision, commit, files, and what was dropped."""
_FORMATS = (".parquet", ".jsonl", ".json")


def load(options: Mapping[str, str], language: str, kind: str, splits: Sequence[str] = SPLITS) -> dict[str, list[Any]]:
    """Read what `download` wrote into the folder `options["folder"]`: split -> examples."""
    _refuse_other_kind(options["dataset"], kind)
    return {split: read_examples(Path(options["folder"]) / f"{split}.parquet") for split in splits}


def check(
    options: Mapping[str, str],
    languages: Sequence[str],
    kind: str,
    cache: Path | None = None,
    splits: Sequence[str] = SPLITS,
) -> dict[str, int]:
    """Refuse, with a UserError, a dataset that is not known or of another kind of task, and languages and splits that
    it lacks. No sizes are known before."""
    dataset = options["dataset"]
    _refuse_other_kind(dataset, kind)
    lacking = [split for split in splits if split not in find_layout(dataset).splits]
    if lacking:
        raise UserError(
            f"corpus hub: {dataset} has no {lacking[0]} split: it is to be tested on only; name it under `test_corpora`"
        )
    for language in languages:
        _find_folder(options["dataset"], language)
    return {}


def complete(options: Mapping[str, str], where: str) -> dict[str, str]:
    """Return the options with a revision: the study's, else the commit that is known to hold the files."""
    find_layout(options["dataset"])
    try:
        return {**options, "revision": choose_revision(**options)}
    except UserError as error:
        raise UserError(f"{where}.revision: {error}") from None


def covers(options: Mapping[str, str], languages: Sequence[str]) -> list[str]:
    """Return those of the languages that the dataset has."""
    folders = find_layout(options["dataset"]).folders
    return [language for language in languages if language in folders]


def files(options: Mapping[str, str], language: str, splits: Sequence[str] = SPLITS) -> list[Path]:
    """Return the user's files that the corpus reads: none, it is downloaded."""
    return []


def describe(options: Mapping[str, str]) -> dict[str, Any]:
    """Return what `download` recorded of where the sentences come from."""
    return {"source": read_json(Path(options["folder"]) / SOURCE)}


def download(options: Mapping[str, str], language: str, splits: Sequence[str], out: Path) -> None:
    """Download splits of one language: out/{split}.parquet and out/source.json.

    options: dataset and revision, a pinned one, so that all languages come from one commit. A UserError tells that the
    revision may move or has moved, what the hub does not have, or what cannot be read, and nothing is written then.
    """
    dataset = options["dataset"]
    revision = choose_revision(dataset, options["revision"])
    layout, folder = find_layout(dataset), _find_folder(dataset, language)
    patterns = {split: [f"{folder}/*{layout.splits[split]}*{suffix}" for suffix in _FORMATS] for split in splits}
    wanted = [pattern for of_split in patterns.values() for pattern in of_split]
    snapshot = fetch_snapshot(dataset, revision, wanted, kind="dataset")
    dropped: dict[str, dict[str, int]] = {}
    read = {}
    for split in splits:
        paths = {n: p for n, p in sorted(snapshot.files.items()) if any(fnmatch(n, one) for one in patterns[split])}
        if not paths:
            raise UserError(
                f"corpus hub: {dataset} at {revision} has no {split} split of {language} in parquet or JSON "
                f"({patterns[split][0]}); choose another revision, or leave {language} out"
            )
        read[split], dropped[split] = _read_split(layout, paths, language, split, f"corpus hub: {dataset}")
    for split, examples in read.items():
        write_examples(Path(out) / f"{split}.parquet", examples, type(examples[0]))
    write_json(Path(out) / SOURCE, {**snapshot.describe(), "dropped": dropped})


def _refuse_other_kind(dataset: str, kind: str) -> None:
    found = find_layout(dataset).kind
    if found != kind:
        raise UserError(
            f"corpus hub: {dataset} is for a task of kind {found}, not {kind}: correct `kind` or `corpus` under `tasks`"
        )


def _find_folder(dataset: str, language: str) -> str:
    folders = find_layout(dataset).folders
    if language not in folders:
        raise UserError(
            f"corpus hub: {dataset} has no {language!r}: it has {' '.join(sorted(folders))}; leave {language} out or "
            "take another corpus"
        )
    return folders[language]


def _read_split(
    layout: Layout, paths: Mapping[str, Path], language: str, split: str, where: str
) -> tuple[list[Any], dict[str, int]]:
    """Return the examples of one split's files, and how much of them was dropped by what it was."""
    examples: list[Any] = []
    dropped: Counter[str] = Counter()
    for name, path in paths.items():
        rows = read_rows(path, layout, language, f"{where}: {name}")
        read, left_out = parse_rows(rows, layout, language, split, len(examples), f"{where}: {name}")
        examples += read
        dropped += left_out
    if split in ("train", "validation") and layout.splits.get("train") == layout.splits.get("validation"):
        examples = cut_validation(examples, split) if examples else []
    if not examples:
        raise UserError(f"{where}: {', '.join(paths)}: no sentences; choose another revision, or leave {language} out")
    return examples, dict(sorted(dropped.items()))
