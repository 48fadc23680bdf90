"""The weights of a model folder: which files have them, and what their safetensors headers say. No weight is read.

A safetensors file has 8 bytes with the length of its header, a JSON header, and the data. The header contains the type,
the shape and the place of each tensor, so a truncated or damaged file is found without reading the data.
"""

import functools
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError

WEIGHTS = "model.safetensors"
INDEX = f"{WEIGHTS}.index.json"
"""Names of the files that transformers loads: all weights, or a list of the files with parts of them."""
ADAPTER = "adapter_config.json"
OTHERS = {
    "only pickled weights": ("*.bin", "*.pt", "*.pth", "*.ckpt"),
    "only weights of another library": ("*.h5", "*.msgpack", "*.gguf", "*.onnx"),
}
LONGEST_HEADER = 100_000_000
"""Maximum number of bytes of a header, as in the safetensors library."""
_NUMBER = 8
_BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 16),
    **dict.fromkeys(("U32", "I32", "F32"), 32),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 64),
    **{"F4": 4, "F6_E2M3": 6, "F6_E3M2": 6},
}
"""Number type of a tensor -> bits per number."""

Shapes = Mapping[str, tuple[int, ...]]
"""Name of a tensor -> its shape."""


def check_adapter(folder: Path) -> None:
    """Raise UserError if a folder contains an adapter. transformers would load the base model of an adapter instead."""
    if (folder / ADAPTER).is_file():
        base = _read_object(folder / ADAPTER).get("base_model_name_or_path", "another model")
        raise UserError(
            f"{folder} is an adapter of {str(base)[:60]}, not a model; merge it into that model (merge_and_unload of "
            "peft) and use the merged folder"
        )


def list_weights(folder: Path) -> list[Path]:
    """Return the files from which the weights of a model folder are loaded.

    Raises UserError for a folder without safetensors weights under the names that transformers loads, and for a missing
    part.
    """
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    if (folder / INDEX).is_file():
        named = _read_object(folder / INDEX).get("weight_map")
        if not isinstance(named, dict) or not all(isinstance(one, str) for one in named.values()) or not named:
            raise UserError(f"{folder / INDEX} lists no files with weights; copy the file again")
        parts = sorted(set(named.values()))
        missing = [name for name in parts if not (folder / name).is_file()]
        if missing:
            raise UserError(
                f"{folder}: {len(missing)} of {len(parts)} files with weights are missing ({missing[0]}); copy or "
                "download them again"
            )
        return [folder / name for name in parts]
    raise UserError(f"{folder} contains {_describe_lack(folder)}")


def _describe_lack(folder: Path) -> str:
    """Return what a folder contains instead of weights that can be loaded, and what to do."""
    named = sorted(path.name for path in folder.glob("*.safetensors"))
    if named:
        return (
            f"weights that transformers does not load ({named[0]}); name the file {WEIGHTS}, or add {INDEX} if there "
            "are several parts"
        )
    for what, patterns in OTHERS.items():
        found = sorted(path.name for pattern in patterns for path in folder.glob(pattern))
        if found:
            risk = ", which can run code" if "pickled" in what else ""
            return (
                f"{what} ({found[0]}){risk}; safetensors are needed: load it with from_pretrained of transformers, "
                "write it with save_pretrained, or use another model"
            )
    return "no weights; safetensors are needed, so copy the whole folder or use another model"


def read_shapes(folder: Path) -> Shapes:
    """Return the shape of each tensor in a model folder, from the headers of its files.

    Raises UserError as `list_weights` and `read_header` do.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for path in list_weights(folder):
        shapes |= read_header(path)
    return shapes


def read_header(path: Path) -> Shapes:
    """Return the shape of each tensor in a safetensors file.

    Raises UserError if the file is truncated, or if its header cannot be read or does not fit the size of the file.
    """
    stat = path.stat()
    return _read_header(path, stat.st_size, stat.st_mtime_ns)


@functools.cache
def _read_header(path: Path, size: int, _time: int) -> Shapes:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_NUMBER), "little")
        if size < _NUMBER or length > min(size - _NUMBER, LONGEST_HEADER):
            raise UserError(_say_broken(path, f"its header should have {length:,} bytes, the file has {size:,}"))
        text = file.read(length)
    try:
        header = json.loads(text)
        tensors = {name: one for name, one in header.items() if name != "__metadata__"}
        shapes = {name: tuple(one["shape"]) for name, one in tensors.items()}
        places = sorted((*one["data_offsets"], _count_bytes(one)) for one in tensors.values())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UserError(_say_broken(path, "its header cannot be read")) from None
    end = 0
    for start, stop, needed in places:
        if start != end or stop - start != needed:
            raise UserError(_say_broken(path, "its header contradicts itself"))
        end = stop
    if _NUMBER + length + end != size:
        raise UserError(_say_broken(path, f"it has {size:,} bytes instead of {_NUMBER + length + end:,}"))
    return shapes


def _count_bytes(tensor: Mapping[str, Any]) -> int:
    return math.prod(tensor["shape"]) * _BITS[tensor["dtype"]] // 8


def _say_broken(path: Path, why: str) -> str:
    return f"{path} is not a complete safetensors file ({why}); copy or download it again"


def _read_object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise UserError(f"{path} is not a JSON file; copy or download it again") from None
    return found if isinstance(found, dict) else {}
