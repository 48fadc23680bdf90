"""What all language model statistics share: loading, tokenisation and the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isogloss.models.loading import load_config, load_tokenizer
from isogloss.tasks.base import hide_special_tokens

BUDGET = 100_000
"""Maximum number of tokens computed per text. Lines are taken in order until this number is reached."""


@dataclass(frozen=True)
class Statistics:
    """Statistics of a model on texts, measured with its pre-training task.

    objective: the pre-training task, in words. texts: name of a text -> {"values": {statistic: value}, "counts": {name:
    number}}. reason: why there are no values; empty if there are values.
    """

    objective: str
    texts: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)
    reason: str = ""


def open_tokenizer(folder: Path) -> tuple[Any, Any]:
    """Return the config and the tokenizer of a model folder, without remote code.

    Raises UserError if they cannot be loaded.
    """
    return load_config(folder), load_tokenizer(folder)


def find_frame(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Return the ids of the special tokens that a tokenizer adds before a text and after it."""
    encoded = tokenizer("a", return_special_tokens_mask=True)
    ids, special = encoded["input_ids"], encoded["special_tokens_mask"]
    inside = [place for place, one in enumerate(special) if not one]
    return ids[: inside[0]], ids[inside[-1] + 1 :]


def encode_lines(tokenizer: Any, lines: Sequence[str]) -> list[list[int]]:
    """Return the token ids of each line, without special tokens."""
    return tokenizer([hide_special_tokens(line) for line in lines], add_special_tokens=False)["input_ids"]
