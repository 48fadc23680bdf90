"""Text of the user's files: encodings, gzip, byte order marks, line ends and characters that no text has."""

import gzip
import re
import zlib
from pathlib import Path

from isogloss.common.errors import UserError
from isogloss.corpora.forms.records import COMMENTS

BOM = "\ufeff"
_ENCODINGS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
"""First bytes of a file -> its encoding."""
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_GZIP = b"\x1f\x8b"
_NO_TEXT_FILES = {
    b"PK\x03\x04": "a zip archive or a spreadsheet; unpack it, or export it as CSV or TSV",
    b"BZh": "compressed with bzip2; unpack it",
    b"\xfd7zXZ": "compressed with xz; unpack it",
    b"ARROW1": "an Arrow file; export it as parquet",
    b"version https://git-lfs.": "a pointer of Git LFS, not the data; run `git lfs pull` in its repository",
}
"""First bytes of files that are often in the place of a text file -> what they are, and what to do."""


def read_text(path: Path, encoding: str = "") -> str:
    r"""Return the text of a file with `\n` as line end and without byte order marks at the start of lines.

    encoding: a name that Python knows; empty for UTF-8. A file in the format of gzip is decompressed. Raises
    UserError, with the line, for bytes that are not in this encoding and for NUL characters.
    """
    content = _read_bytes(path)
    text = _decode(content, encoding, path)
    if "\r" in text:
        # A file with no other line ends than CR was made by an old Macintosh; elsewhere, a CR alone is a character.
        text = text.replace("\r\n", "\n") if "\n" in text else text.replace("\r", "\n")
    text = text.removeprefix(BOM)
    if BOM in text:  # files with a mark each, written one after the other
        text = text.replace("\n" + BOM, "\n")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UserError(f"{path}:{line}: contains {text.count(chr(0))} NUL characters; remove them from the file")
    if encoding:  # a few encodings can also write halves of surrogate pairs
        refuse_no_text(text, str(path))
    return text


def cut_comments(text: str, comment: str) -> tuple[str, dict[str, int]]:
    """Return a text in which lines that begin with `comment` are blank, so that lines keep their numbers, and a count.

    comment: empty if the file has no comments.
    """
    if not comment:
        return text, {}
    lines = text.split("\n")
    kept = ["" if line.startswith(comment) else line for line in lines]
    dropped = sum(line.startswith(comment) for line in lines)
    return "\n".join(kept), {COMMENTS: dropped} if dropped else {}


def find_ending(path: Path) -> str:
    """Return the ending of a file without `.gz` and without the dot, in lower case."""
    name = path.name.removesuffix(".gz")
    return name.rpartition(".")[2].casefold() if "." in name else ""


def _decode(content: bytes, encoding: str, path: Path) -> str:
    try:
        return content.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"{path}:{line}: byte 0x{content[error.start]:02x} is not {encoding or 'UTF-8'}"
        raise UserError(f"{found}; {_suggest_encoding(content, encoding)}") from None
    except (LookupError, ValueError):
        raise UserError(
            f"{path}: cannot be read in the encoding {encoding[:40]!r}; write a name that Python knows, such as utf-8, "
            "latin-1, cp1252 or utf-16"
        ) from None


def _suggest_encoding(content: bytes, encoding: str) -> str:
    if encoding:
        return "correct `encoding`, or save the file in this encoding"
    likely = _ENCODINGS.get(content[:2], "latin-1")
    return f"write `local: {{path: ..., encoding: {likely}}}` if this is its encoding, or save the file as UTF-8"


def _read_bytes(path: Path) -> bytes:
    content = path.read_bytes()
    if content.startswith(_GZIP):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            reason = " ".join(str(error).split())
            raise UserError(f"{path}: cannot be decompressed ({reason}); copy the file again") from None
    for start, found in _NO_TEXT_FILES.items():
        if content.startswith(start):
            raise UserError(f"{path}: is {found}")
    return content


def refuse_no_text(text: str, where: str) -> None:
    """Raise UserError for characters that are no text: NUL and halves of surrogate pairs, as JSON can escape them."""
    found = _NO_TEXT.search(text)
    if found:
        raise UserError(
            f"{where}: contains U+{ord(found[0]):04X}, which is no character of a text; remove it, or the whole entry"
        )
