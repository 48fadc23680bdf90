"""Corpora of the Hugging Face hub: one job downloads one language, and later jobs read it from disk.

The download job stores the entries of the files unchanged, with the columns of the task. The corpus job makes examples
of them, like those of a local file.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from isogloss.common.annotation import NOTHING, Annotation
from isogloss.common.errors import UserError
from isogloss.common.examples import SPLITS
from isogloss.common.files import complete_file, read_json, write_json
from isogloss.common.hub import fetch_snapshot
from isogloss.corpora.base import Found, Loaded
from isogloss.corpora.folders import ENDINGS, match_words
from isogloss.corpora.forms.records import Reading, Record, Records
from isogloss.corpora.layouts import Layout, choose_revision, find_layout
from isogloss.corpora.readers.files import parse_records, read_records
from isogloss.corpora.sampling import cut_validation

SOURCE = "source.json"
"""Written next to the downloaded splits: repository, revision, commit, files, the names of numbered labels, and what
was left out of each split, by reason."""
Options = Mapping[str, Any]


def load(options: Options, language: str, annotation: Annotation, splits: Sequence[str] = SPLITS) -> Loaded:
    """Return the examples of a language, read from the folder `options["folder"]`, in which `download` wrote them."""
    import pyarrow.parquet

    layout = find_layout(options)
    _refuse_other_kind(layout, options["dataset"], annotation.kind)
    annotation = _leave_out_extra(layout, annotation)
    source = read_json(Path(options["folder"]) / SOURCE)
    labels = tuple(source["labels"])
    examples, changes = {}, {}
    for split in splits:
        table = pyarrow.parquet.read_table(Path(options["folder"]) / f"{split}.parquet")
        rows = [Record([number], fields) for number, fields in enumerate(table.to_pylist(), start=1)]
        counts = Counter(source["left_out"].get(split, {}))
        records = Records(f"corpus hub: {options['dataset']}: {split} of {language}", rows, "entry", counts, labels)
        examples[split], changes[split] = parse_records(records, annotation, language, split)
        if split in ("train", "validation") and _shares_training(layout):
            examples[split] = cut_validation(examples[split], split)
    return Loaded(examples, {split: dict(counts) for split, counts in changes.items() if counts})


def check(
    options: Options,
    languages: Sequence[str],
    annotation: Annotation,
    cache: Path | None = None,
    splits: Sequence[str] = SPLITS,
) -> dict[str, Found]:
    """Return an empty dict, since no sizes are known before the download.

    Raises UserError for an unknown dataset, a dataset for another kind of task, and for languages and splits that the
    dataset does not have.
    """
    dataset, layout = options["dataset"], find_layout(options)
    _refuse_other_kind(layout, dataset, annotation.kind)
    lacking = [split for split in splits if not layout.list_words(split)]
    if lacking:
        raise UserError(
            f"corpus hub: {dataset} has no {lacking[0]} split and can only be used for testing; "
            "name it under `test_corpora` of the task instead of `corpus`"
        )
    for language in languages:
        _find_folder(layout, dataset, language)
    return {}


def complete(options: Options, where: str) -> dict[str, Any]:
    """Return the options with a revision: the revision of the study if it names one, else the commit of the layout."""
    find_layout(options)
    try:
        return {**options, "revision": choose_revision(options["dataset"], options.get("revision"))}
    except UserError as error:
        raise UserError(f"{where}.revision: {error}") from None


def covers(options: Options, languages: Sequence[str]) -> list[str]:
    """Return the languages that the dataset has; all of them if it is described by a pattern."""
    folders = find_layout(options).folders
    return [language for language in languages if isinstance(folders, str) or language in folders]


def files(options: Options, language: str, splits: Sequence[str] = SPLITS) -> list[Path]:
    """Return an empty list: a downloaded corpus reads no files of the user."""
    return []


def describe(options: Options) -> dict[str, Any]:
    """Return the origin of the sentences, as `download` recorded it."""
    return {"source": read_json(Path(options["folder"]) / SOURCE)}


def download(options: Options, language: str, splits: Sequence[str], out: Path, kind: str) -> None:
    """Download the splits of one language and write out/{split}.parquet and out/source.json.

    kind: the kind of the task. The revision must be pinned, so that all languages come from one commit. Raises
    UserError, and writes nothing, if the revision is not pinned or has moved, if the hub does not have a file, or if
    a file cannot be read.
    """
    dataset, layout = options["dataset"], find_layout(options)
    revision = choose_revision(dataset, options["revision"])
    folder = _find_folder(layout, dataset, language)
    wanted = [f"{folder}/*{word}*" for split in splits for word in layout.list_words(split)]
    snapshot = fetch_snapshot(dataset, revision, wanted, kind="dataset")
    reading = Reading(columns=layout.columns)
    rows: dict[str, list[Record]] = {}
    left_out: dict[str, Counter[str]] = {split: Counter() for split in splits}
    named: set[tuple[str, ...]] = set()
    for split in splits:
        paths = _choose_paths(snapshot.files, folder, layout.list_words(split))
        if not paths:
            raise UserError(
                f"corpus hub: {dataset} at {revision} has no {split} split of {language} ({wanted[0]}) in a form that "
                f"can "
                f"be read; choose another revision, or leave {language} out of `languages`"
            )
        rows[split] = []
        for name, path in paths.items():
            records = read_records(path, reading, Annotation(kind), f"corpus hub: {dataset}: {name}")
            _refuse_other_labels(records, layout)
            named.add(records.labels)
            left_out[split].update(records.counts)
            rows[split] += _keep_language(records.rows, layout.prefixes.get(language, ""))
        if not rows[split]:
            raise UserError(
                f"corpus hub: {dataset}: {', '.join(paths)}: no rows of {language} in the {split} split; "
                f"choose another revision, or leave {language} out of `languages`"
            )
    for split, of_split in rows.items():
        _write_rows(Path(out) / f"{split}.parquet", of_split)
    labels = layout.labels or next(iter(named), ())
    counted = {split: dict(counts) for split, counts in left_out.items() if counts}
    write_json(Path(out) / SOURCE, {**snapshot.describe(), "labels": list(labels), "left_out": counted})


def _choose_paths(files: Mapping[str, Path], folder: str, words: Sequence[str]) -> dict[str, Path]:
    """Return the files below a folder whose path has a word for a split, in order."""
    found = {}
    for name, path in sorted(files.items()):
        within = name.removeprefix(f"{folder}/")
        ending = within.removesuffix(".gz").rpartition(".")[2] if "." in within else ""
        if name.startswith(f"{folder}/") and ending in ENDINGS and match_words(within, words):
            found[name] = path
    return found


def _keep_language(rows: list[Record], prefix: str) -> list[Record]:
    return [row for row in rows if str(row.fields.get("id", "")).startswith(prefix)] if prefix else rows


def _write_rows(path: Path, rows: Sequence[Record]) -> None:
    import pyarrow
    import pyarrow.parquet

    with complete_file(path) as beside:
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist([dict(row.fields) for row in rows]), beside)


def _refuse_other_labels(records: Records, layout: Layout) -> None:
    """Raise UserError if a file names its labels and the names differ from those of the layout."""
    if records.labels and layout.labels and records.labels != layout.labels:
        raise UserError(
            f"{records.name}: the file has the tags {' '.join(records.labels)[:80]}, not "
            f"{' '.join(layout.labels)[:80]}; "
            "choose another revision, or correct `labels`"
        )


def _refuse_other_kind(layout: Layout, dataset: str, kind: str) -> None:
    if layout.kind and layout.kind != kind:
        raise UserError(
            f"corpus hub: {dataset} is for tasks of kind {layout.kind}, not {kind}; correct `kind` or `corpus` under "
            "`tasks`, or describe its columns with `config` and `columns`"
        )


def _leave_out_extra(layout: Layout, annotation: Annotation) -> Annotation:
    """Return the annotation with the extra types of a dataset mapped to nothing, unless the task has or maps them."""
    used = {*annotation.labels, *annotation.map}
    return replace(annotation, map={**{kind: NOTHING for kind in layout.extra if kind not in used}, **annotation.map})


def _find_folder(layout: Layout, dataset: str, language: str) -> str:
    if isinstance(layout.folders, str):
        return _fill_pattern(layout.folders, language)
    if language not in layout.folders:
        raise UserError(
            f"corpus hub: {dataset} does not have language {language!r}, only {' '.join(sorted(layout.folders))}; "
            f"leave {language} out of `languages`, or choose another corpus"
        )
    return layout.folders[language]


def _fill_pattern(pattern: str, language: str) -> str:
    # langcodes takes a while to load, and only patterns with an ISO 639-3 code need it.
    if "{iso639_3}" in pattern:
        import langcodes

        pattern = pattern.replace("{iso639_3}", langcodes.get(language).to_alpha3())
    return pattern.replace("{language}", language)


def _shares_training(layout: Layout) -> bool:
    return "train" in layout.splits and layout.splits["train"] == layout.splits.get("validation")
