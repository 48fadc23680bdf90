"""Files of a user in a temporary folder, and what is read of them."""

from pathlib import Path
from typing import Any

import pytest

from isogloss.common.annotation import Annotation
from isogloss.common.errors import UserError
from isogloss.corpora.forms.records import Reading
from isogloss.corpora.readers.files import read_file


def write(path: Path, content: str | bytes) -> Path:
    """Write a file and its folder. Text is written in UTF-8 with the line ends that it has."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(
    folder: Path, content: str | bytes, kind: str = "ner", *, name: str = "train.tsv", language: str = "sw", **more: Any
) -> tuple[list[Any], dict[str, int]]:
    """Return the examples of a file with this content, and what was left out or corrected.

    more: fields of Annotation and of Reading.
    """
    annotation = Annotation(kind, **{key: more.pop(key) for key in ("labels", "map", "normal_form") if key in more})
    examples, changes = read_file(write(folder / name, content), Reading(**more), annotation, language, "train")
    return examples, dict(changes)


def read_tagged(folder: Path, content: str | bytes, **more: Any) -> list[tuple[str, str]]:
    """Return words and tags of each sentence of a file, each joined by spaces."""
    return [(" ".join(one.tokens), " ".join(one.tags)) for one in read(folder, content, **more)[0]]


def refuse(folder: Path, content: str | bytes, kind: str = "ner", **more: Any) -> str:
    """Return the message with which a file is refused, from the name of the file on: one line, at most 300 characters.

    The limit does not count the folder for temporary files of a test, which is longer than those of users.
    """
    with pytest.raises(UserError) as refused:
        read(folder, content, kind, **more)
    message = str(refused.value).replace(f"{folder}/", "")
    assert "\n" not in message and len(message) <= 300, message
    return message
