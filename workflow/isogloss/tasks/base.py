"""What a task is: a value, as in seqio, that joins examples, model inputs, outputs and scores."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Piece:
    """One input of a text-to-text model; a long example gives several.

    text: what the encoder reads. target: the text to generate, or the labels to read, one a sentinel.
    """

    text: str
    target: str | tuple[str, ...]


@dataclass(frozen=True)
class Format:
    """How a text-to-text model sees a task.

    reads: `labels`, where an output is a sequence of labels for one piece, shorter than its sentinels if
    the piece was truncated; or `text`, where an output is the generated string.
    labels: every label that can be read, in a fixed order; empty when text is generated.
    encode: example -> its pieces. Only their `target` depends on the gold.
    decode: (example, one output for each of its pieces, in order) -> prediction. Reads no gold.
    """

    name: str
    reads: Literal["labels", "text"]
    labels: tuple[str, ...]
    encode: Callable[[Any], tuple[Piece, ...]]
    decode: Callable[[Any, Sequence[Any]], Any]


@dataclass(frozen=True)
class Task:
    """A kind of task: its class of example, its formats, what it remembers of training, and its scores.

    metric: the name of the score that stands for the task. labels: every label an example may carry.
    formats: by name. memorise: training examples -> what a test item must be in to count as seen.
    score: (examples, predictions, seen) -> {"scores": {name: 0..1 or None}, "support": {name: count}}.
    """

    kind: str
    example: type
    metric: str
    labels: tuple[str, ...]
    formats: Mapping[str, Format]
    memorise: Callable[[Sequence[Any]], frozenset]
    score: Callable[[Sequence[Any], Sequence[Any], frozenset], dict[str, dict[str, Any]]]


def hide_special_tokens(text: str) -> str:
    """Put `‹` for the `<` of anything in `text` that a tokenizer may take for a special token of its own.

    A word such as `<extra_id_3>` or `</s>` is found in real text (wiki markup), and would become a sentinel
    or the end of the input.
    """
    return re.sub(r"<(?=[^<>]+>)", "‹", text)
