"""A model folder: whether a family can use it, its digest and its size, without importing heavy libraries."""

import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.families.kinds import TEXT_TO_TEXT, TYPES, check_family, read_config
from isogloss.families.tokenizers import check_tokenizer
from isogloss.families.weights import Shapes, check_adapter, list_weights, read_header, read_shapes

LOADED = ("*.json", "*.safetensors", "*.model", "*.txt")
"""The files from which a model and its tokenizer are loaded."""
BLOCK, BLOCKS = 4096, 256
"""Bytes and number of the blocks that are hashed of a large file. If a tenth of the file differs, the probability that
no block differs is about 10^-11."""
_EMBEDDINGS = ("word_embeddings.weight", "shared.weight", "embed_tokens.weight", "tok_embeddings.weight")
"""Ends of the names of the embeddings of a vocabulary."""


def check_folder(folder: Path, family: str) -> None:
    """Raise UserError if a family cannot use a model folder, as far as its files show without loading them.

    Its config.json must be of the family and of a supported type, its weights must be complete safetensors files, and
    its tokenizer must have a vocabulary whose ids have rows in the embeddings. Only the headers of weights are read.
    Of a family of an installed package, only the weights are checked.
    """
    digest_folder(folder)
    rows = check_weights(folder, family)
    if family in TYPES:
        check_tokenizer(folder, read_config(folder), rows)


def check_weights(folder: Path, family: str) -> int | None:
    """Raise UserError if a family does not support a model, or if its weights are not complete safetensors files.

    Returns the number of rows of its embeddings; None if it is not known.
    """
    check_adapter(folder)
    check_family(folder, family)
    if family not in TYPES:
        for path in sorted(folder.glob("*.safetensors")) or list_weights(folder):
            read_header(path)
        return None
    shapes = read_shapes(folder)
    _check_shapes(folder, family, shapes)
    return _find_rows(folder, read_config(folder), shapes)


def describe_folder(folder: Path) -> list[str]:
    """Return notes on a model folder that can be used: what of its content is not used."""
    ask = any(
        path.is_file() and "auto_map" in path.read_text(encoding="utf-8", errors="replace")
        for path in (folder / "config.json", folder / "tokenizer_config.json")
    )
    return [f"{folder} contains code of its own (auto_map), which is not run; the model is loaded without it"] * ask


def _check_shapes(folder: Path, family: str, shapes: Shapes) -> None:
    """Raise UserError if the weights are not those of a whole model of the family."""
    if any(".lora_" in name for name in shapes):
        raise UserError(
            f"{folder} contains LoRA weights beside those of the model; merge them (merge_and_unload of peft) and use "
            "the merged folder"
        )
    if family == TEXT_TO_TEXT and not any("decoder." in name for name in shapes):
        raise UserError(f"{folder}: the weights contain no decoder; use the whole encoder-decoder")


def _find_rows(folder: Path, config: Mapping[str, Any], shapes: Shapes) -> int | None:
    """Return the number of rows of the embeddings; None if it is not known.

    Raises UserError if the weights and config.json differ in it.
    """
    found = [shape[0] for name, shape in shapes.items() if name.endswith(_EMBEDDINGS) and len(shape) == 2]
    size = config.get("vocab_size")
    if not isinstance(size, int):
        return found[0] if found else None
    if found and found[0] != size:
        raise UserError(
            f"{folder}: vocab_size in config.json is {size:,}, but the embeddings have {found[0]:,} rows; use the "
            "config with which the model was saved"
        )
    return size


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
