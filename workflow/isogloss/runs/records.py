"""Check the records of a study: each must be of its run, made by the study's recipe, from the inputs that there are.

A record that another job wrote, or that was copied from another folder, must not be scored as if it were right.
"""

import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.run import RECORD, Run, complete_identity
from isogloss.provenance.seal import (
    FOREIGN,
    STALE,
    Provenance,
    Unfit,
    find_record,
    read_provenance,
    read_record,
)
from isogloss.study.grid import Design, plan_runs


@dataclass
class Present:
    """The inputs that there are in the folder of a study, each looked up once.

    doubtful: places of damaged results, whose digests are not known any more. stale: places of stale results; what was
    made from them is stale, too.
    """

    root: Path
    found: dict[str, str | None] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    stale: set[str] = field(default_factory=set)

    def find(self, name: str) -> str | None:
        """Return the stored digest of an input by its path within the folder.

        Returns None if it is not known, or if the record of the input is damaged: that is not a fault of what was made
        from it before.
        """
        if name not in self.found:
            self.found[name] = None if _is_in(name, self.doubtful) else self._read(name)
        return self.found[name]

    def is_stale(self, name: str) -> bool:
        """Return whether an input is known to be stale."""
        return _is_in(name, self.stale)

    def distrust(self, place: str, state: str) -> None:
        """Note that a result, in this place within the folder, does not fit."""
        (self.stale if state == STALE else self.doubtful).add(place)

    def _read(self, name: str) -> str | None:
        path = self.root / name
        folder = path.parent if path.suffix == ".parquet" else path
        record = find_record(folder)
        try:
            made = None if record is None else read_provenance(read_record(record))
        except Unfit:
            return None
        if made is None:
            return None
        return made.content if folder == path else made.files.get(path.name, {}).get("digest")


def _is_in(name: str, places: Collection[str]) -> bool:
    """Return whether an input is one of the results in these places, or a file of one."""
    return name in places or name.rpartition("/")[0] in places


def check_records(design: Design, root: Path) -> None:
    """Check the records of all runs of a study, and report on stderr how many have no digests.

    Raises UserError for the first record that does not fit, with the number of others.
    """
    runs = plan_runs(design)
    faults, unverified = list_faults(runs, root, design.recipes)
    if faults:
        others = f" (and {len(faults) - 1} more records)" if len(faults) > 1 else ""
        raise UserError(f"{next(iter(faults.values()))}{others}")
    if unverified:
        print(
            f"isogloss: {unverified} of {len(runs)} records were written before records had digests; they are read, "
            "but not verified",
            file=sys.stderr,
        )


def list_faults(runs: Sequence[Run], root: Path, recipes: Collection[str]) -> tuple[dict[Run, Unfit], int]:
    """Return what is wrong with the records of runs, and the number of records without digests.

    recipes: the digests of the recipes of the study's runs; empty for no check of the recipe.
    """
    present, faults, unverified = Present(root), {}, 0
    for run in runs:
        path = root / run.folder / RECORD
        try:
            made = check_identity(path, read_record(path), run)
            if made is None:
                unverified += 1
                continue
            check_stale(path, made, recipes, present)
        except Unfit as problem:
            faults[run] = problem
    return faults, unverified


def check_identity(path: Path, record: Mapping[str, Any], run: Run) -> Provenance | None:
    """Return the provenance of a record, or None. Raises Unfit if it is the record of another run."""
    wanted = run.describe()
    try:
        found = complete_identity(record["run"])
    except (KeyError, TypeError, ValueError) as problem:
        reason = f"{type(problem).__name__} {problem}"
        raise Unfit(path, FOREIGN, f"not a record of a run ({reason})") from None
    other = [f"{name} {found.get(name)}, not {value}" for name, value in wanted.items() if found.get(name) != value]
    if other:
        raise Unfit(path, FOREIGN, f"the record of another run ({'; '.join(other)})")
    return read_provenance(record)


def check_stale(
    path: Path, made: Provenance, recipes: Collection[str], present: Present, written: Path | None = None
) -> None:
    """Raise Unfit if a result was made by another recipe than these, or from another input than there is now.

    path: its record. recipes: digests; empty for no check. written: as in Unfit.
    """
    if recipes and made.recipe not in recipes:
        raise Unfit(path, STALE, "was made by another recipe than the study has now", written)
    for name, digest in made.inputs.items():
        if present.is_stale(name):
            raise Unfit(path, STALE, f"was made from {name}, which is stale", written)
        now = present.find(name) if digest else None
        if now and now != digest:
            raise Unfit(path, STALE, f"was made from another {name} than there is now", written)
