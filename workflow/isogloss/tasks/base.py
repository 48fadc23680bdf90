"""What a task is: a value, as in seqio, that joins examples, model inputs, outputs and scores."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from isogloss.common.registry import name_part


@dataclass(frozen=True)
class Piece:
    """One input of a text-to-text model; a long example gives several.

    text: what the encoder reads. target: the text to generate, or the labels to read: one a sentinel, or one in all.
    """

    text: str
    target: str | tuple[str, ...]


@dataclass(frozen=True)
class Format:
    """How a text-to-text model sees a task.

    reads: `labels`, where an output is a sequence of labels for one piece, shorter than its sentinels if
    the piece was truncated; `label`, where it is one label for the piece, read in the decoder's first step; or
    `text`, where an output is the generated string.
    labels: every label that can be read, in a fixed order; empty when text is generated.
    encode: example -> its pieces. Only their `target` depends on the gold.
    decode: (example, one output for each of its pieces, in order, the number of pieces that truncation cut short) ->
    prediction. Reads no gold.
    longest: tokens that are generated at most; None for as many as the input has, and a few more.
    """

    name: str
    reads: Literal["labels", "label", "text"]
    labels: tuple[str, ...]
    encode: Callable[[Any], tuple[Piece, ...]]
    decode: Callable[[Any, Sequence[Any], int], Any]
    longest: int | None = None


@dataclass(frozen=True)
class Tagging:
    """How a model that labels words, such as an encoder, sees a task.

    labels: every label of a word, in a fixed order. words: example -> the words to be read. gold: example -> the
    label of each of them. decode: (example, a label for each word or None where the model saw nothing of it, the
    number of words that it did not see whole, the number of inputs they were split into) -> prediction. Only
    `gold` reads the gold.
    """

    labels: tuple[str, ...]
    words: Callable[[Any], Sequence[str]]
    gold: Callable[[Any], Sequence[str]]
    decode: Callable[[Any, Sequence[str | None], int, int], Any]


@dataclass(frozen=True)
class Classification:
    """How a model that gives a text, or a pair of them, one label sees a task.

    labels: every label, in a fixed order. texts: example -> the two texts to be read. gold: example -> its label.
    decode: (example, label, whether truncation cut the texts) -> prediction. Only `gold` reads the gold.
    """

    labels: tuple[str, ...]
    texts: Callable[[Any], tuple[str, str]]
    gold: Callable[[Any], str]
    decode: Callable[[Any, str, bool], Any]


@dataclass(frozen=True)
class Extraction:
    """How a model that marks a span of a passage sees a task.

    texts: example -> the question and the passage to be read. gold: example -> the span of an answer: the place in the
    passage of its first character, and of the one after its last. decode: (example, span or None where none was found,
    the number of inputs that the passage was split into) -> prediction. Only `gold` reads the gold.
    """

    texts: Callable[[Any], tuple[str, str]]
    gold: Callable[[Any], tuple[int, int]]
    decode: Callable[[Any, tuple[int, int] | None, int], Any]


@dataclass(frozen=True)
class Task:
    """A kind of task: its class of example, its formats, what it remembers of training, and its scores.

    metric: the name of the score that stands for the task. labels: every label an example may carry. memory: MB that
    a job of a small model asks for: activations grow with a batch's tokens, and passages fill an input.
    formats: by name. memorise: training examples -> what a test item must be in to count as seen.
    score: (examples, predictions, seen) -> {"scores": {name: 0..1 or None}, "support": {name: count}}.
    tagging, classification, extraction: how a model that labels words, labels texts or marks spans does it; None where
    that is not the task.
    count: (examples, predictions) -> (correct, gold, predicted) of each example, such that the metric of any of them is
    2 correct / (gold + predicted), each summed over them; None for a metric that is no such ratio. Of a prediction only
    the fields are read.
    reader: `module:function` (path, language, split) -> examples, which reads a user's file; empty for a task that has
    no form of file. recogniser: `module:function` (text of a file) -> whether it is clearly in this form and not
    in that of another task; empty for a form that cannot be told so. version: raised when the same examples
    would give another input, prediction or score, so that its runs are redone.
    """

    kind: str
    example: type
    metric: str
    labels: tuple[str, ...]
    memory: int
    formats: Mapping[str, Format]
    memorise: Callable[[Sequence[Any]], frozenset]
    score: Callable[[Sequence[Any], Sequence[Any], frozenset], dict[str, dict[str, Any]]]
    tagging: Tagging | None = None
    classification: Classification | None = None
    extraction: Extraction | None = None
    count: Callable[[Sequence[Any], Sequence[Any]], list[tuple[float, float, float]]] | None = None
    reader: str = name_part("")
    recogniser: str = name_part("")
    version: int = 1


def forget(examples: Sequence[Any]) -> frozenset:
    """Return nothing: what a kind of task memorises that has no mentions to be seen in training."""
    return frozenset()


def hide_special_tokens(text: str) -> str:
    """Put `‹` for the `<` of anything in `text` that a tokenizer may take for a special token of its own.

    A word such as `<extra_id_3>` or `</s>` is found in real text (wiki markup), and would become a sentinel
    or the end of the input.
    """
    return re.sub(r"<(?=[^<>]+>)", "‹", text)
