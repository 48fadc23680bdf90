"""Examine the results of a study: what is wrong with each, and which files belong to none of them."""

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from isogloss.common.run import complete_identity
from isogloss.provenance.digests import digest_file
from isogloss.provenance.inputs import check_file
from isogloss.provenance.seal import (
    AUDIT,
    CHANGED,
    FOREIGN,
    STALE,
    TRUNCATED,
    Provenance,
    Unfit,
    read_provenance,
    read_record,
)
from isogloss.runs.records import Present, check_stale
from isogloss.verification.values import Fault, Product, Report

ORPHANED = "orphaned"
"""A file in the folders of results that no job of the study writes."""
FOLDERS = (
    *("downloads", "corpora", "test_corpora", "models", "trimmed"),
    *("language_model", "finetuned", "transfer", ".state"),
)
"""The folders, within the folder of a study, whose files have digests."""
_OF_SNAKEMAKE = ".snakemake"


def examine(products: Sequence[Product], root: Path) -> Report:
    """Examine all results in the folder of a study, and hash every file of them.

    products: in the order of the data flow. What was made from a stale result is stale. What was made from a damaged
    result, before it was damaged, is not a fault itself.
    """
    report, present = Report(), Present(root)
    for product in products:
        record = root / product.record
        if not record.is_file():
            report.missing += 1
            continue
        written = record.parent if product.folder or product.place != product.record else record
        try:
            made = check_product(product, root, present)
            if made is None:
                report.unverified += 1
            else:
                report.intact += 1
                report.files += 1 + len(made.files)
        except Unfit as fault:
            present.distrust(product.place, fault.state)
            report.faults.append(Fault(fault.path, fault.state, fault.what, written))
    for path, reason in list_orphans(products, root, finished=not report.missing):
        report.faults.append(Fault(path, ORPHANED, reason, path))
    return report


def check_product(product: Product, root: Path, present: Present) -> Provenance | None:
    """Check one result and return its provenance, or None if it has none. Raises Unfit for the first fault."""
    path = root / product.record
    record = read_record(path)
    check_claims(product, path, record)
    made = read_provenance(record)
    written = path.parent if product.folder else path
    if made is None:
        for file in _list_files(path.parent) if product.folder else [path]:
            _check_form(file, written)
        return None
    for name in made.files:
        check_file(path.parent, name, made, whole=True)
    known = {path.parent / name for name in made.files} | {path}
    extra = next((file for file in _list_files(path.parent) if product.folder and file not in known), None)
    if extra is not None:
        raise Unfit(extra, FOREIGN, "the record of its folder does not name it", written)
    check_stale(path, made, {product.recipe}, present, written)
    for name, digest in made.inputs.items():
        if digest and not (root / name).exists() and Path(name).is_file() and digest_file(name) != digest:
            raise Unfit(path, STALE, f"was made from {name}, which was changed since", written)
    return made


def check_claims(product: Product, path: Path, record: dict) -> None:
    """Raise Unfit if a record says that it is of another run, training, model or language than its place says."""
    found = complete_identity(record.get("run", {})) if product.run else record
    for name, value in product.identity.items():
        if name not in found and not product.run:
            continue  # older records of corpora do not name their language
        if found.get(name) != value:
            raise Unfit(path, FOREIGN, f"is of {name} {found.get(name)}, not {value}")


def list_orphans(products: Sequence[Product], root: Path, finished: bool) -> Iterator[tuple[Path, str]]:
    """Yield the files, or folders as a whole, that no job of the study writes, with the reason.

    finished: whether all results exist. The state of a training is then not needed any more.
    """
    places = {root / product.place for product in products}
    corpora = [root / product.record for product in products if product.record.startswith("corpora/")]
    places |= {record.parents[1] / AUDIT for record in corpora}  # the audit of all languages of a task
    above = {parent for place in places for parent in place.parents}
    for name in FOLDERS:
        if name == ".state":
            if finished and (root / name).is_dir():
                yield root / name, "states of trainings, but all results are complete"
            continue
        yield from _walk(root / name, places, above)


def _walk(folder: Path, places: set[Path], above: set[Path]) -> Iterator[tuple[Path, str]]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.endswith(".part"):
            yield path, "unfinished file of a job that was stopped"
        elif path in above:
            yield from _walk(path, places, above)
        elif path not in places and (path.is_file() or any(_list_files(path))):
            yield path, "no job of the study writes it"


def _list_files(folder: Path) -> list[Path]:
    """Return all files below a folder, without those that Snakemake adds."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(_OF_SNAKEMAKE)]


def _check_form(path: Path, written: Path) -> None:
    """Raise Unfit if a file without a digest is evidently not complete."""
    try:
        if path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix == ".gz":
            gzip.decompress(path.read_bytes())
        elif path.suffix == ".parquet":
            data = path.read_bytes()
            if data[:4] != b"PAR1" or data[-4:] != b"PAR1":
                raise ValueError("no parquet file")
    except (OSError, EOFError, ValueError, zlib.error):
        raise Unfit(path, TRUNCATED, "is truncated or damaged", written) from None
    if path.stat().st_size == 0:
        raise Unfit(path, CHANGED, "is empty", written)
