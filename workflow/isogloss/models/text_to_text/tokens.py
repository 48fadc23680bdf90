"""A cache of tokenised texts, shared by all jobs of a task, so that each text is tokenised only once."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy

from isogloss.common.files import complete_file
from isogloss.models.text_to_text.language_codes import LanguageCodes

_DIGEST = 16


@dataclass(frozen=True)
class Tokens:
    """A tokenizer with a cache in `store`/LANGUAGE/; without a cache if `store` is None.

    The key of an entry is a hash of the text and of the tokenizer file, so entries are never outdated. If several jobs
    write at the same time, the last complete file remains, and missing entries are computed again. Deleting the store
    only costs time. name: hash of the tokenizer file. codes: the language codes, if the tokenizer adds them to texts.
    """

    tokenizer: Any
    name: str
    store: Path | None
    codes: LanguageCodes | None = None

    def encode(self, texts: Sequence[str], languages: Sequence[str], max_length: int) -> list[list[int]]:
        """Return the token ids of each text, including its end token, truncated to `max_length`.

        languages: the language of each text.
        """
        rows: list[list[int] | None] = [None] * len(texts)
        for language in sorted(set(languages)):
            places = [place for place, one in enumerate(languages) if one == language]
            of_language = self._encode_one([texts[place] for place in places], language, max_length)
            for place, row in zip(places, of_language, strict=True):
                rows[place] = self.codes.mark(row, language) if self.codes else row
        return rows

    def _encode_one(self, texts: list[str], language: str, max_length: int) -> list[list[int]]:
        path = self.store and self.store / language / f"{self.name}-{max_length}.npz"
        kept = _read(path) if path and path.is_file() else {}
        keys = [hashlib.blake2b(text.encode(), digest_size=_DIGEST).digest() for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in kept}
        if new:
            made = self.tokenizer([*new.values()], truncation=True, max_length=max_length)["input_ids"]
            kept |= zip(new, made, strict=True)
            if path:
                _write(path, kept)
        return [kept[key] for key in keys]


def open_tokens(
    tokenizer: Any,
    folder: Path,
    store: Path | None,
    codes: LanguageCodes | None = None,
    added: Sequence[str] = (),
) -> Tokens:
    """Return the tokenizer of a model folder with its cache, which is named after the content of the tokenizer file.

    added: tokens that were added to the tokenizer and are not in its file. There is no cache if the folder has no
    tokenizer.json.
    """
    file = folder / "tokenizer.json"
    if not file.is_file():
        return Tokens(tokenizer, "", None, codes)
    content = file.read_bytes() + " ".join(added).encode()
    return Tokens(tokenizer, hashlib.blake2b(content, digest_size=8).hexdigest(), store, codes)


def _read(path: Path) -> dict[bytes, list[int]]:
    with numpy.load(path) as file:
        keys, ids, ends = file["keys"].tobytes(), file["ids"].tolist(), file["ends"].tolist()
    starts = [0, *ends[:-1]]
    return {
        keys[place * _DIGEST : (place + 1) * _DIGEST]: ids[start:end]
        for place, (start, end) in enumerate(zip(starts, ends, strict=True))
    }


def _write(path: Path, kept: dict[bytes, Iterable[int]]) -> None:
    rows = [numpy.asarray(row, dtype=numpy.int32) for row in kept.values()]
    with complete_file(path) as beside, beside.open("wb") as file:
        numpy.savez(
            file,
            keys=numpy.frombuffer(b"".join(kept), dtype=numpy.uint8),
            ids=numpy.concatenate(rows),
            ends=numpy.cumsum([len(row) for row in rows]),
        )
