"""What a command line of Snakemake does: run jobs, remove locks, or neither."""

import shlex
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

_ELSE = (
    *("dry-run", "dryrun", "touch", "nolock", "lint", "list-rules", "list-target-rules", "list", "print-compilation"),
    *("containerize", "report", "generate-unit-tests", "dag", "rulegraph", "filegraph", "d3dag", "cleanup-metadata"),
    *("conda-cleanup-envs", "conda-create-envs-only", "list-conda-envs", "cleanup-shadow", "summary", "archive"),
    *("container-cleanup-images", "list-changes", "list-input-changes", "list-params-changes", "list-untracked"),
    *("detailed-summary", "delete-all-output", "delete-temp-output", "help", "version"),
)
"""Long options with which Snakemake runs no jobs, or runs them without locks."""
_ELSE_SHORT = "ntlSDvh"
"""Short options with the same meaning."""
_SWITCHES = "ntlSDvhkfFpaq"
"""Short options without a value, which can be joined: `-np`."""


class Purpose(Enum):
    """What a command line does."""

    RUN = "run jobs"
    UNLOCK = "remove locks"
    OTHER = "something that needs no lock"


def read_purpose(command: Sequence[str]) -> Purpose:
    """Return what a command line of Snakemake does. command: `sys.argv`.

    Snakemake's own parser would take 0.07 seconds. Like it, this function accepts the beginning of a long option.
    """
    program = Path(command[0])
    if program.stem != "snakemake" and program.parent.name != "snakemake":
        return Purpose.OTHER  # a program that uses Snakemake's functions
    long = [word[2:].partition("=")[0] for word in command[1:] if word.startswith("--") and len(word) > 2]
    if any("unlock".startswith(name) for name in long):
        return Purpose.UNLOCK
    reports_later = "report-after-run" in long
    for name in long:
        if any(option.startswith(name) for option in _ELSE) and not (name == "report" and reports_later):
            return Purpose.OTHER
    short = [word[1:] for word in command[1:] if word.startswith("-") and not word.startswith("--")]
    return Purpose.OTHER if any(_has_other(word) for word in short) else Purpose.RUN


def write_unlock(command: Sequence[str]) -> str:
    """Return the command that removes the locks of this command line's study."""
    return shlex.join(["snakemake", *command[1:], "--unlock"])


def _has_other(word: str) -> bool:
    for letter in word:
        if letter in _ELSE_SHORT:
            return True
        if letter not in _SWITCHES:
            return False  # an option with a value, which is the rest of the word
    return False
