"""Temporary files and folders that ended processes left among the results of a study."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from isogloss.guard.process import is_number_used

PART = re.compile(r"\..+?\.(?:(?P<pid>\d+)\.)?(?:[a-z0-9_]{8}\.)?part")
"""The names of complete_file, `.NAME.PID.part`, and of complete_folder, `.NAME.PID.RANDOM.part`."""


def remove_parts(study: Path) -> int:
    """Remove the temporary files and folders of ended processes below a folder; return their number.

    Call this only when no run of the study is left: processes of other machines then have ended, too. A file is kept if
    a running process has the number in its name.
    """
    parts = [*_list_parts(study)]
    for path in parts:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(parts)


def _list_parts(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            found = PART.fullmatch(name)
            if found and not (found["pid"] and is_number_used(int(found["pid"]))):
                yield Path(place, name)
        folders[:] = [name for name in folders if not name.endswith(".part")]
