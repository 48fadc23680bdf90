"""Files and folders that get their final name only when they are complete."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def complete_file(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a temporary path next to `path`; rename it to `path` on success and remove it on failure.

    The content is on the disk before the file gets its name, so that a file is complete even after a loss of power.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield beside
        _write_through(beside)
        os.replace(beside, path)
        _write_through(path.parent)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def complete_folder(path: str | os.PathLike) -> Iterator[Path]:
    """Yield an empty temporary folder next to `path`; it replaces `path` on success and is removed on failure."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{path.name}.{os.getpid()}.", suffix=".part", dir=path.parent))
    try:
        beside.chmod(0o755)  # mkdtemp creates a private folder, but others must be able to read results
        yield beside
        for inner, _, names in os.walk(beside):
            for name in names:
                _write_through(Path(inner, name))
            _write_through(Path(inner))
        if path.exists():
            shutil.rmtree(path)
        os.replace(beside, path)
        _write_through(path.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _write_through(path: Path) -> None:
    """Wait until the content of a file, or the names in a folder, are on the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def write_json(path: str | os.PathLike, value: object) -> None:
    """Write `value` as indented UTF-8 JSON with keys in the given order and a newline at the end."""
    with complete_file(path) as beside:
        beside.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_json(path: str | os.PathLike) -> object:
    """Return the value in a JSON file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))
