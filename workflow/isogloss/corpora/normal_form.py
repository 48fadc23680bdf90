"""One Unicode normal form for all text of a task, so that equal words are equal strings."""

import unicodedata
from dataclasses import fields, replace
from typing import Any

from isogloss.common.examples import Question
from isogloss.corpora.base import Loaded

UNCHANGED = "none"
"""The normal form that leaves text unchanged."""
Content = tuple[str, ...]


def normalise_loaded(loaded: Loaded, form: str) -> Loaded:
    """Return examples in a normal form: NFC, NFD, NFKC, NFKD or none. `changes` counts the examples that it changes."""
    changes = {split: dict(counts) for split, counts in loaded.changes.items()}
    splits = {}
    for split, examples in loaded.splits.items():
        splits[split] = [normalise_example(one, form) for one in examples]
        changed = sum(one is not other for one, other in zip(examples, splits[split], strict=True))
        if changed:
            changes.setdefault(split, {})[f"examples changed to {form}"] = changed
    return Loaded(splits, changes)


def normalise_example(example: Any, form: str) -> Any:
    """Return an example with its text in a normal form: the example itself if nothing changes.

    The positions of answers follow their passage.
    """
    if form == UNCHANGED or unicodedata.is_normalized(form, "\n".join(example.lines)):
        return example
    values = {field.name: getattr(example, field.name) for field in fields(example)}
    changed = {name: _normalise(value, form) for name, value in values.items() if name not in _LABELS}
    if isinstance(example, Question):
        starts = (len(unicodedata.normalize(form, example.context[:start])) for start in example.starts)
        changed["starts"] = tuple(starts)
        places = zip(changed["answers"], changed["starts"], strict=True)
        if not all(changed["context"].startswith(answer, start) for answer, start in places):
            return example  # an answer begins or ends within what the normal form makes one character
    return replace(example, **changed)


def fold_content(content: Content) -> Content:
    """Return a content in NFC: the key by which duplicates are found whatever the normal form of the text."""
    if unicodedata.is_normalized("NFC", "\n".join(content)):
        return content
    return tuple(unicodedata.normalize("NFC", text) for text in content)


def _normalise(value: Any, form: str) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize(form, value)
    if isinstance(value, tuple):
        return tuple(_normalise(item, form) for item in value)
    return value


_LABELS = ("id", "language", "tags", "label", "starts")
"""Fields of examples that are no text."""
