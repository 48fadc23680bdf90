"""What a model tells of itself before anything heavy is imported: by its folder, or by its name on the hub."""

import functools
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError

TEXT_TO_TEXT, ENCODER = "text-to-text", "encoder"
NAMES = {
    TEXT_TO_TEXT: r"(^|[^a-z])(u?mt5|by?t5|t5|mt0|mbart)([^a-z]|$)",
    ENCODER: r"bert|xlm-?r([^a-z]|$)|(^|[^a-z])e5([^a-z]|$)|minilm|electra",
}
"""What the name of a model of a family says."""
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")
LOADED = ("*.json", "*.safetensors", "*.model", "*.txt")
"""The files of a folder that a model or its tokenizer is loaded from."""
BLOCK, BLOCKS = 4096, 256
"""Bytes and number of the blocks that a large file is told by: a difference in a tenth of it escapes once in 10^11."""


def read_family(folder: Path, name: str = "") -> str:
    """Return the family of a model folder by its config.json.

    An encoder-decoder is `text-to-text` and an encoder `encoder`; a UserError refuses a language model without encoder.
    name: what a UserError calls the folder, where not by its path.
    """
    config = _read_config(folder, name)
    if config.get("is_encoder_decoder"):
        return TEXT_TO_TEXT
    kinds = config.get("architectures") or []
    if config.get("is_decoder") or any(kind.endswith(("ForCausalLM", "LMHeadModel")) for kind in kinds):
        raise UserError(
            f"{name or folder}: {', '.join(kinds) or 'a decoder'} only writes text on, and no family here has a head "
            "for it; name an encoder or an encoder-decoder"
        )
    return ENCODER


def check_folder(folder: Path, family: str) -> None:
    """Raise a UserError when a model folder is of another family, has no safetensors weights, or cannot be read."""
    check_family(folder, family)
    digest_folder(folder)
    if not list(folder.glob("*.safetensors")):
        pickled = sorted(path.name for pattern in PICKLED for path in folder.glob(pattern))
        what = f"only pickled weights ({pickled[0]}), which can run code" if pickled else "no weights"
        raise UserError(f"{folder} holds {what}; safetensors are needed: name another model or convert it")


def check_family(folder: Path, family: str, name: str = "") -> None:
    """Raise a UserError when the config.json of a model folder is of another family; name: as in `read_family`."""
    if family in NAMES and (found := read_family(folder, name)) != family:
        raise UserError(f"{name or folder} is of family {found}, not {family}; correct `family` or name another model")


def guess_family(hub: str) -> str | None:
    """Return the family that the name of a model of the hub says, or None where it does not say one."""
    name = hub.rsplit("/", 1)[-1].lower()
    said = [family for family, pattern in NAMES.items() if re.search(pattern, name)]
    return said[0] if len(said) == 1 else None


def measure_weights(folder: Path) -> int:
    """Return the bytes of the weights in a model folder."""
    return sum(path.stat().st_size for path in folder.glob("*.safetensors"))


def digest_folder(folder: Path) -> str:
    """Return what tells a model folder by its content, whenever it was written: 32 hexadecimal digits.

    Of LOADED, the names and sizes, and the bytes: all of a file up to a megabyte, evenly spaced blocks of a larger one,
    since each job of a cluster asks anew. Raises UserError for a file that cannot be read.
    """
    files = sorted(path for pattern in LOADED for path in folder.glob(pattern))
    try:
        stats = [path.stat() for path in files]
        return _digest(tuple((path, stat.st_size, stat.st_mtime_ns) for path, stat in zip(files, stats, strict=True)))
    except OSError as error:
        raise UserError(
            f"{error.filename} cannot be read ({error.strerror}); mend the folder or name another"
        ) from None


@functools.cache
def _digest(files: tuple[tuple[Path, int, int], ...]) -> str:
    told = hashlib.blake2b(digest_size=16)
    for path, size, _ in files:
        told.update(f"{path.name} {size} ".encode())
        with path.open("rb") as file:
            if size <= BLOCK * BLOCKS:
                told.update(file.read())
                continue
            for index in range(BLOCKS):
                file.seek((size - BLOCK) * index // (BLOCKS - 1))
                told.update(file.read(BLOCK))
    return told.hexdigest()


def _read_config(folder: Path, name: str) -> dict[str, Any]:
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise UserError(f"{name or folder} holds no config.json that can be read; name a model folder") from None
    if not isinstance(config, dict):
        raise UserError(f"{name or folder}: config.json is not an object; name a model folder")
    return config
