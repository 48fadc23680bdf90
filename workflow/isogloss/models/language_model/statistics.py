"""What all language model statistics share: loading, tokenisation and the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from transformers import AutoConfig, AutoTokenizer
from transformers.utils import logging

from isogloss.common.errors import UserError
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
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        return config, AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except (OSError, ValueError, ImportError) as error:
        refuse(folder, error)


def refuse(folder: Path, error: Exception) -> NoReturn:
    """Raise the UserError for a model folder that cannot be loaded."""
    reason = " ".join(str(error).split())[:200]
    raise UserError(f"{folder}: the model cannot be loaded ({reason}); name another model") from None


def find_frame(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Return the ids of the special tokens that a tokenizer adds before a text and after it."""
    encoded = tokenizer("a", return_special_tokens_mask=True)
    ids, special = encoded["input_ids"], encoded["special_tokens_mask"]
    inside = [place for place, one in enumerate(special) if not one]
    return ids[: inside[0]], ids[inside[-1] + 1 :]


def encode_lines(tokenizer: Any, lines: Sequence[str]) -> list[list[int]]:
    """Return the token ids of each line, without special tokens."""
    return tokenizer([hide_special_tokens(line) for line in lines], add_special_tokens=False)["input_ids"]
