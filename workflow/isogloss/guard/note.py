"""The note of a run: which process runs a study, where, and which locks of Snakemake belong to it.

The note lies beside Snakemake's locks, in `.snakemake/isogloss/results/STUDY/run.json`, so that it is copied, lost and
deleted together with them, and so that each study in a folder has its own.
"""

import os
from dataclasses import asdict, dataclass
from pathlib import Path

from isogloss.common.files import read_json, write_json
from isogloss.guard.process import SLURM_JOB, Place, find_place
from isogloss.warm import name_process

FOLDER = Path(".snakemake", "isogloss")
LOCKS = Path(".snakemake", "locks")


@dataclass(frozen=True)
class Lock:
    """One lock file of Snakemake. A later file with the same name differs in inode or time."""

    name: str
    inode: int
    time_ns: int


@dataclass(frozen=True)
class Note:
    """What a run says of itself.

    process: `pid.start` of the main process. slurm_job: the Slurm job in which the main process itself runs.
    locks: None until Snakemake starts its first job. executor: Snakemake's name of the executor, such as `local` or
    `slurm`. run: the name that the executor gives to all jobs of this run, if it gives one.
    """

    process: str
    place: Place
    slurm_job: str | None = None
    locks: tuple[Lock, ...] | None = None
    executor: str = "local"
    run: str | None = None

    @property
    def pid(self) -> int:
        """Return the number of the main process."""
        return int(self.process.partition(".")[0])


def place_note(study: Path) -> Path:
    """Return the path of the note of a study. study: the folder of its results, relative to the working directory."""
    return FOLDER / study / "run.json"


def read_note(study: Path) -> Note | None:
    """Return the note of a study; None if there is none or it is not readable, as after a full disk."""
    try:
        written = read_json(place_note(study))
        locks = None if written["locks"] is None else tuple(Lock(**lock) for lock in written["locks"])
        return Note(**{**written, "place": Place(**written["place"]), "locks": locks})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_note(study: Path, note: Note) -> None:
    """Write the note of a study."""
    write_json(place_note(study), asdict(note))


def make_note() -> Note:
    """Return the first note of this process."""
    return Note(name_process(os.getpid()), find_place(), os.environ.get(SLURM_JOB))


def list_locks(study: Path) -> dict[str, Lock]:
    """Return the lock files of Snakemake that name a result of this study, by file name."""
    found = {}
    line = f"\n{study.as_posix()}/".encode()
    for path in LOCKS.glob("*.lock"):
        try:
            if line in b"\n" + path.read_bytes():
                about = path.stat()
                found[path.name] = Lock(path.name, about.st_ino, about.st_mtime_ns)
        except FileNotFoundError:  # the run of another study has just ended
            continue
    return found


def list_noted_by_others(study: Path) -> set[Lock]:
    """Return the locks that the notes of other studies in this folder name."""
    noted: set[Lock] = set()
    for path in FOLDER.rglob("run.json"):
        other = path.parent.relative_to(FOLDER)
        if other != study and (note := read_note(other)) and note.locks:
            noted.update(note.locks)
    return noted
