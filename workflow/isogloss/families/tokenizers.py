"""The tokenizer files of a model folder: whether the files that its tokenizer is loaded from exist, and its ids.

transformers makes an empty tokenizer without a word if a folder has no vocabulary, and an id that has no row in the
embeddings stops a job only when the token occurs in a text. Both are found here, without loading a tokenizer.
"""

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError

COMPLETE = "tokenizer.json"
"""The file of a fast tokenizer, from which every class can be loaded."""
CONFIG = "tokenizer_config.json"
BYTES = ("ByT5Tokenizer",)
"""Classes that need no vocabulary, because their tokens are bytes."""
VOCABULARIES = {
    "spiece.model": "t5 mt5 umt5 longt5 switchtransformers pegasus pegasusx bigbirdpegasus albert bigbird fnet yoso",
    "sentencepiece.bpe.model": "xlmroberta gte jinaembeddingsv3 camembert mbart mbart50",
    "sentencepiece.model": "rembert",
    "spm.model": "debertav2",
    "vocab.txt": "bert distilbert electra ernie funnel layoutlm mobilebert megatronbert mpnet convbert nomicbert "
    "roformer squeezebert",
    "vocab.json": "roberta robertaprelayernorm bart led mvp data2vectext deberta ibert longformer luke mra",
}
"""Vocabulary file -> the kinds of tokenizers that are loaded from it. The kind is the name of the class (`bert` for
`BertTokenizer`) or, if none is named, the type of the model; only lower-case letters and digits."""
BESIDE = {"vocab.json": ["merges.txt"]}
"""Vocabulary file -> other files without which it is useless."""


def check_tokenizer(folder: Path, config: Mapping[str, Any], rows: int | None) -> None:
    """Raise UserError if no tokenizer can be loaded from a folder, or if its ids exceed the rows of the embeddings.

    config: the content of config.json. rows: the number of rows, or None if it is unknown.
    """
    path = find_vocabulary(folder, config)
    if path is None or rows is None:
        return
    needed = count_ids(path)
    if needed > rows:
        raise UserError(
            f"{folder}: the tokenizer has {needed:,} ids, but the embeddings have {rows:,} rows; use the tokenizer "
            "with which the model was saved"
        )


def find_vocabulary(folder: Path, config: Mapping[str, Any]) -> Path | None:
    """Return the file from which the tokenizer of a model folder is loaded, or None if its tokens are bytes.

    Raises UserError if there is no such file.
    """
    if (folder / COMPLETE).is_file():
        return folder / COMPLETE
    settings = _read_settings(folder / CONFIG)
    named = str(settings.get("tokenizer_class") or config.get("tokenizer_class") or "").removesuffix("Fast")
    if named in BYTES:
        return None
    own = _find_file(named.removesuffix("Tokenizer")) or _find_file(str(config.get("model_type")))
    wanted = [own] if own else [*VOCABULARIES]
    for file in wanted:
        if all((folder / one).is_file() for one in (file, *BESIDE.get(file, ()))):
            return folder / file
    listed = " or ".join([COMPLETE, *([own] if own else [])])
    raise UserError(
        f"{folder} contains no tokenizer ({listed} is missing); copy the tokenizer files of the model into the folder"
    )


def _find_file(name: str) -> str | None:
    """Return the vocabulary file of a kind of tokenizer, or None if it is not known."""
    kind = re.sub("[^a-z0-9]", "", name.lower())
    return next((file for file, kinds in VOCABULARIES.items() if kind in kinds.split()), None)


def count_ids(path: Path) -> int:
    """Return one more than the highest id of the tokens in a vocabulary file, including the tokens added to it.

    Raises UserError if the file cannot be read.
    """
    files = [path, *(one for name in (CONFIG, "added_tokens.json") if (one := path.with_name(name)).is_file())]
    stats = [file.stat() for file in files]
    return _count_ids(
        path, tuple((file, stat.st_size, stat.st_mtime_ns) for file, stat in zip(files, stats, strict=True))
    )


@functools.cache
def _count_ids(path: Path, files: tuple[tuple[Path, int, int], ...]) -> int:
    try:
        return max(_read_highest(file) for file, _, _ in files) + 1
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, IndexError):
        raise UserError(f"{path} is not a complete tokenizer file; copy or download it again") from None


def _read_highest(path: Path) -> int:
    """Return the highest id in one file of a tokenizer; -1 if it contains none."""
    if path.suffix == ".model":
        return _count_pieces(path.read_bytes()) - 1
    if path.suffix == ".txt":
        return len(path.read_bytes().splitlines()) - 1
    found = json.loads(path.read_bytes())
    if path.name == COMPLETE:
        vocabulary = found["model"]["vocab"]
        ids = vocabulary.values() if isinstance(vocabulary, dict) else [len(vocabulary) - 1]
        return max([*ids, *(token["id"] for token in found.get("added_tokens") or ())], default=-1)
    if path.name == CONFIG:
        return max(map(int, found.get("added_tokens_decoder") or ()), default=-1)
    return max(found.values(), default=-1)


def _count_pieces(model: bytes) -> int:
    """Return the number of pieces in a SentencePiece model: a protobuf message, in which each piece is a field 1."""
    count = place = 0
    while place < len(model):
        tag, place = _read_number(model, place)
        if tag & 7 != 2:  # every field of the message contains a message, with its length before it
            raise ValueError(tag)
        length, place = _read_number(model, place)
        place += length
        count += tag >> 3 == 1
    if place != len(model) or not count:
        raise ValueError(place)
    return count


def _read_number(data: bytes, place: int) -> tuple[int, int]:
    """Return the variable-length number at a place in a protobuf message, and the place after it."""
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place


def _read_settings(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_bytes()) if path.is_file() else {}
    except (ValueError, RecursionError):
        raise UserError(f"{path} is not a JSON file; copy or download it again") from None
    return found if isinstance(found, dict) else {}
