"""Properties of a model that can be read without importing heavy libraries, from its folder or its name on the hub."""

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
"""Family -> pattern of the names of its models."""
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")
LOADED = ("*.json", "*.safetensors", "*.model", "*.txt")
"""The files from which a model and its tokenizer are loaded."""
BLOCK, BLOCKS = 4096, 256
"""Bytes and number of the blocks that are hashed of a large file. If a tenth of the file differs, the probability that
no block differs is about 10^-11."""


def read_family(folder: Path, name: str = "") -> str:
    """Return the family of a model folder according to its config.json.

    An encoder-decoder is `text-to-text`, and an encoder is `encoder`. Raises UserError for a decoder-only model.
    name: the name of the folder in error messages, if it is not the path.
    """
    config = _read_config(folder, name)
    if config.get("is_encoder_decoder"):
        return TEXT_TO_TEXT
    kinds = config.get("architectures") or []
    if config.get("is_decoder") or any(kind.endswith(("ForCausalLM", "LMHeadModel")) for kind in kinds):
        raise UserError(
            f"{name or folder}: {', '.join(kinds) or 'the model'} is decoder-only, which no family supports; use an "
            "encoder or an encoder-decoder"
        )
    return ENCODER


def check_folder(folder: Path, family: str) -> None:
    """Raise UserError if a model folder is of another family, has no safetensors weights, or cannot be read."""
    check_family(folder, family)
    digest_folder(folder)
    if not list(folder.glob("*.safetensors")):
        pickled = sorted(path.name for pattern in PICKLED for path in folder.glob(pattern))
        what = f"only pickled weights ({pickled[0]}), which can run code" if pickled else "no weights"
        raise UserError(f"{folder} contains {what}; safetensors are needed, so convert the model or use another one")


def check_family(folder: Path, family: str, name: str = "") -> None:
    """Raise UserError if the config.json of a model folder is of another family; name: as in `read_family`."""
    if family in NAMES and (found := read_family(folder, name)) != family:
        raise UserError(f"{name or folder} is of family {found}, not {family}; correct `family` or use another model")


def guess_family(hub: str) -> str | None:
    """Return the family according to the name of a model on the hub, or None if the name is inconclusive."""
    name = hub.rsplit("/", 1)[-1].lower()
    said = [family for family, pattern in NAMES.items() if re.search(pattern, name)]
    return said[0] if len(said) == 1 else None


def measure_weights(folder: Path) -> int:
    """Return the number of bytes of the weights in a model folder."""
    return sum(path.stat().st_size for path in folder.glob("*.safetensors"))


def digest_folder(folder: Path) -> str:
    """Return a digest of the content of a model folder, independent of its age: 32 hexadecimal digits.

    It covers the names, sizes and bytes of the files in LOADED: all bytes of a file up to a megabyte, and evenly spaced
    blocks of a larger file, because each job of a cluster computes the digest again. Raises UserError if a file cannot
    be read.
    """
    files = sorted(path for pattern in LOADED for path in folder.glob(pattern))
    try:
        stats = [path.stat() for path in files]
        return _digest(tuple((path, stat.st_size, stat.st_mtime_ns) for path, stat in zip(files, stats, strict=True)))
    except OSError as error:
        raise UserError(
            f"{error.filename} cannot be read ({error.strerror}); correct the folder or use another one"
        ) from None


@functools.cache
def _digest(files: tuple[tuple[Path, int, int], ...]) -> str:
    content = hashlib.blake2b(digest_size=16)
    for path, size, _ in files:
        content.update(f"{path.name} {size} ".encode())
        with path.open("rb") as file:
            if size <= BLOCK * BLOCKS:
                content.update(file.read())
                continue
            for index in range(BLOCKS):
                file.seek((size - BLOCK) * index // (BLOCKS - 1))
                content.update(file.read(BLOCK))
    return content.hexdigest()


def _read_config(folder: Path, name: str) -> dict[str, Any]:
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise UserError(f"{name or folder} contains no readable config.json; give a model folder") from None
    if not isinstance(config, dict):
        raise UserError(f"{name or folder}: config.json is not a JSON object; give a model folder")
    return config
