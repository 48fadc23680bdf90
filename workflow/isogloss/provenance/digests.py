"""Digests of files and values: 32 hexadecimal digits of BLAKE2b (RFC 7693), which is fast and detects any change."""

import functools
import hashlib
import json
import os
from pathlib import Path
from typing import Any

LARGE = 10 * 2**20
"""Bytes from which on a file is too large to be hashed each time that a job reads it; `isogloss verify` hashes it."""
_CHUNK = 2**20


def digest_file(path: str | os.PathLike) -> str:
    """Return the digest of the bytes of a file. A file is read once per process, unless its size or time changes."""
    stat = os.stat(path)
    return _digest_file(os.fspath(path), stat.st_size, stat.st_mtime_ns)


def digest_value(value: Any) -> str:
    """Return the digest of a JSON value. It does not depend on the order of keys; tuples are the same as lists."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@functools.lru_cache(maxsize=4096)
def _digest_file(path: str, size: int, changed: int) -> str:
    digest = hashlib.blake2b(digest_size=16)
    with Path(path).open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
