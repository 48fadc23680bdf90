"""Text files of a user's: read as UTF-8 or refused, with the line of the first byte that is not."""

from pathlib import Path

from isogloss.common.errors import UserError


def read_text(path: Path) -> str:
    """Return the text of a file, without a byte order mark; a UserError names the line of a byte that is not UTF-8."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"{path}:{line}: byte 0x{content[error.start]:02x} is not UTF-8: save the file as UTF-8"
        ) from None
