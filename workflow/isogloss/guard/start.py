"""The start of a run: refuse a second run of a study, and clear up after one that was killed."""

import atexit
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from isogloss import warm
from isogloss.common.errors import UserError
from isogloss.guard.command import Purpose, read_purpose, write_unlock
from isogloss.guard.leftovers import remove_parts
from isogloss.guard.note import (
    FOLDER,
    LOCKS,
    Lock,
    Note,
    list_locks,
    list_noted_by_others,
    make_note,
    place_note,
    read_note,
    write_note,
)
from isogloss.guard.process import State, end_left, judge

ENDERS: Mapping[str, str] = {"slurm": "isogloss.guard.slurm:end_jobs"}
"""Executor -> `module:function` that ends the jobs of an ended run. The function takes the Note, returns the number of
jobs that it ended, and raises UserError if some may still run. Executors that start jobs on this machine need none."""
LOCAL = ("local",)
"""Executors whose jobs are processes of this machine."""


def begin(study: Path, command: Sequence[str]) -> None:
    """Reserve a study for this process, if its command line runs jobs. Return at once if it does not.

    study: the folder of the results, relative to the working directory. command: `sys.argv`. If the last run of the
    study was killed, this function ends the jobs that it left running and removes its locks and temporary files. Raises
    UserError if another process runs the study, if it may run on another machine, or if an unknown process has locked
    the study.
    """
    purpose = read_purpose(command)
    if sys.platform != "linux" or purpose is Purpose.OTHER:
        return
    if purpose is Purpose.UNLOCK:
        _forget(study)
        return
    _check_writable(study)
    with warm.lock(FOLDER):
        note = read_note(study)
        if note and note.process == warm.name_process(os.getpid()):
            return  # another workflow uses this one twice
        if note:
            _check_ended(study, note, command)
            _clear_up(study, note, command)
        if left := _list_unknown(study):
            raise UserError(
                f"{study}: an unknown process has locked this study ({LOCKS / left}); make sure that no run of it is "
                f"left, then run: {write_unlock(command)}"
            )
        write_note(study, make_note())
    atexit.register(_release, study, os.getpid())


def record_start(study: Path, executor: str, run: str | None) -> None:
    """Add to the note of this process the locks that Snakemake holds and how it starts jobs.

    executor: the name of the executor, such as `local` or `slurm`. run: the name that the executor gives to all jobs of
    this run; None if it gives none. Does nothing if this process has not reserved the study.
    """
    note = read_note(study)
    if note and sys.platform == "linux" and note.process == warm.name_process(os.getpid()):
        write_note(study, replace(note, locks=_list_own(study, note), executor=executor, run=run))


def _check_writable(study: Path) -> None:
    """Raise UserError if the results or Snakemake's folder cannot be written. Snakemake would print a traceback."""
    for folder in (study, FOLDER):
        existing = next(place for place in (folder, *folder.parents) if place.exists())
        if not os.access(existing, os.W_OK):
            raise UserError(
                f"{folder}: this folder cannot be written; make it writable, or run the study in another folder"
            )
    FOLDER.mkdir(parents=True, exist_ok=True)


def _check_ended(study: Path, note: Note, command: Sequence[str]) -> None:
    """Raise UserError unless the process of a note has ended."""
    state = judge(note.process, note.place)
    if state is State.RUNNING:
        raise UserError(
            f"{study}: process {note.pid} is running this study; wait until it ends, or end it with: kill {note.pid}"
        )
    if state is State.ELSEWHERE:
        raise UserError(
            f"{study}: process {note.pid} on {note.place.host} has locked this study, and cannot be seen from here; "
            f"make sure that it has ended, then run: {write_unlock(command)}"
        )


def _clear_up(study: Path, note: Note, command: Sequence[str]) -> None:
    """End what an ended run left running, and remove its locks, its temporary files and its note."""
    ended, remain = end_left(note.process, note.slurm_job)
    if remain:
        raise UserError(
            f"{study}: processes {', '.join(map(str, remain))} of a run that was killed do not end; end them, then run "
            "the same command again"
        )
    if note.executor in ENDERS:
        ended += _load_ender(note.executor)(note)
    elif note.executor not in LOCAL:
        named = f" ({note.run})" if note.run else ""
        raise UserError(
            f"{study}: the last run was killed, and its jobs{named} may still run by {note.executor}; end them, then "
            f"run: {write_unlock(command)}"
        )
    for lock in _list_own(study, note):
        (LOCKS / lock.name).unlink(missing_ok=True)
    parts = remove_parts(study)
    place_note(study).unlink(missing_ok=True)
    print(
        f"isogloss: {study}: the last run was killed; its locks were removed, {ended} jobs that it left running "
        f"were ended, and {parts} unfinished files were deleted",
        file=sys.stderr,
    )


def _load_ender(executor: str) -> Callable[[Note], int]:
    module, _, function = ENDERS[executor].partition(":")
    return getattr(import_module(module), function)


def _list_own(study: Path, note: Note) -> tuple[Lock, ...]:
    """Return the locks that exist and belong to the run of a note.

    Before the run has noted them, they are those that name results of this study, appeared after the note and are not
    noted by the run of another study. Only one run of a study can have a note.
    """
    found = list_locks(study).values()
    if note.locks is not None:
        return tuple(lock for lock in found if lock in note.locks)
    start = place_note(study).stat().st_mtime_ns
    others = list_noted_by_others(study)
    return tuple(lock for lock in found if lock.time_ns >= start and lock not in others)


def _list_unknown(study: Path) -> str | None:
    """Return the name of a lock on results of this study; None if there is none.

    A lock on inputs can belong to another study that reads results of this one. Snakemake checks these.
    """
    others = list_noted_by_others(study)
    found = (name for name, lock in list_locks(study).items() if name.endswith(".output.lock") and lock not in others)
    return next(found, None)


def _forget(study: Path) -> None:
    """Remove the note of a study before Snakemake removes the locks, unless its process is running here."""
    note = read_note(study)
    if note and judge(note.process, note.place) is not State.RUNNING:
        place_note(study).unlink(missing_ok=True)


def _release(study: Path, pid: int) -> None:
    """Remove the note when this process ends. A fork of it inherits this function, but not the study."""
    if pid == os.getpid():
        with suppress(OSError):
            place_note(study).unlink(missing_ok=True)
