"""Read text files of the user as UTF-8, or report the line of the first byte that is not UTF-8."""

from pathlib import Path

from isogloss.common.errors import UserError


def read_text(path: Path) -> str:
    """Return the text of a file without a byte order mark. Raises UserError, with the line, for invalid UTF-8."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"{path}:{line}: byte 0x{content[error.start]:02x} is not UTF-8; save the file in UTF-8 encoding"
        ) from None
