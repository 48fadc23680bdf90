"""The file of a CRF: it is checked before crfsuite opens it, because crfsuite follows damaged references and crashes.

A model file begins with a header of 48 bytes: `lCRF`, the size of the file, `FOMC`, a version, three counts, and the
places of five sections. A truncated file is found by this size. Other damage is found by a digest in a file beside it.
"""

import hashlib
import struct
from pathlib import Path

from isogloss.common.errors import UserError

FILE, DIGEST = "model.crfsuite", "model.crfsuite.blake2b"
_HEADER = struct.Struct("<4sI4sI3I5I")
_VERSION = 100
_ADVICE = "it is damaged; delete its folder and run the study again"


def write_model(folder: Path, data: bytes) -> None:
    """Write a model file and its digest into an existing folder."""
    (folder / FILE).write_bytes(data)
    (folder / DIGEST).write_text(_digest(data), encoding="ascii")


def read_model(folder: Path) -> bytes:
    """Return the content of a model file.

    Raises UserError if it is not a complete file of crfsuite, or if it differs from its digest. A folder without a
    digest was written by an earlier version; only the header of its file is checked.
    """
    path = folder / FILE
    try:
        data = path.read_bytes()
        digest = (folder / DIGEST).read_text(encoding="ascii") if (folder / DIGEST).is_file() else _digest(data)
    except (OSError, UnicodeDecodeError):
        raise UserError(f"{path} or its digest cannot be read; {_ADVICE}") from None
    if len(data) < _HEADER.size:
        raise UserError(f"{path} has {len(data)} bytes, which is less than the header of a CRF; {_ADVICE}")
    magic, size, kind, version, _, _, _, *places = _HEADER.unpack_from(data)
    if (magic, kind, version) != (b"lCRF", b"FOMC", _VERSION) or places != sorted(places) or places[-1] > len(data):
        raise UserError(f"{path} is not a CRF model of crfsuite; {_ADVICE}")
    if size != len(data):
        raise UserError(f"{path} has {len(data):,} of its {size:,} bytes; {_ADVICE}")
    if digest.strip() != _digest(data):
        raise UserError(f"{path} differs from its digest in {DIGEST}; {_ADVICE}")
    return data


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
