"""The definition of a task: a value, as in seqio, that connects examples, model inputs, model outputs and scores."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from isogloss.common.annotation import NOTHING
from isogloss.common.errors import UserError
from isogloss.common.registry import name_part


@dataclass(frozen=True)
class Piece:
    """One input of a text-to-text model. A long example is split into several pieces.

    text: the input of the encoder. target: the text to generate, or the labels to read: one per sentinel, or one label
    for the piece.
    """

    text: str
    target: str | tuple[str, ...]


@dataclass(frozen=True)
class Format:
    """The interface of a task to text-to-text models.

    reads: the kind of output. With `labels`, an output is a sequence of labels for one piece, shorter than its number
    of sentinels if the piece was truncated. With `label`, it is one label for the piece, read in the first step of the
    decoder. With `text`, it is the generated string.
    labels: all labels that can be read, in a fixed order; empty if text is generated.
    encode: example -> its pieces. Only their `target` depends on the gold annotation.
    decode: (example, one output for each of its pieces, in order, number of truncated pieces) -> prediction. Does not
    use the gold annotation.
    longest: maximum number of generated tokens; None for `added` more than the number of input tokens.
    """

    name: str
    reads: Literal["labels", "label", "text"]
    labels: tuple[str, ...]
    encode: Callable[[Any], tuple[Piece, ...]]
    decode: Callable[[Any, Sequence[Any], int], Any]
    longest: int | None = None
    added: int = 16


@dataclass(frozen=True)
class Tagging:
    """The interface of a task to models that label words, such as encoders.

    labels: all labels of words, in a fixed order. words: example -> the words to read. gold: example -> the gold label
    of each word. decode: (example, one label per word or None if the model did not see any part of the word, number of
    words that the model did not see completely, number of inputs into which the words were split) -> prediction. Only
    `gold` uses the gold annotation.
    """

    labels: tuple[str, ...]
    words: Callable[[Any], Sequence[str]]
    gold: Callable[[Any], Sequence[str]]
    decode: Callable[[Any, Sequence[str | None], int, int], Any]


@dataclass(frozen=True)
class Classification:
    """The interface of a task to models that assign one label to a text or a pair of texts.

    labels: all labels, in a fixed order. texts: example -> the two texts to read. gold: example -> its gold label.
    decode: (example, label, whether the texts were truncated) -> prediction. Only `gold` uses the gold annotation.
    """

    labels: tuple[str, ...]
    texts: Callable[[Any], tuple[str, str]]
    gold: Callable[[Any], str]
    decode: Callable[[Any, str, bool], Any]


@dataclass(frozen=True)
class Extraction:
    """The interface of a task to models that mark a span of a passage.

    texts: example -> the question and the passage to read. gold: example -> the span of an answer, as the position in
    the passage of its first character and of the character after its last. decode: (example, span or None if none was
    found, number of inputs into which the passage was split) -> prediction. Only `gold` uses the gold annotation.
    """

    texts: Callable[[Any], tuple[str, str]]
    gold: Callable[[Any], tuple[int, int]]
    decode: Callable[[Any, tuple[int, int] | None, int], Any]


@dataclass(frozen=True)
class Task:
    """A kind of task: its class of examples, its formats and its scores.

    metric: the name of the main score. labels: all labels that an example can have. names: the labels as a study file
    names them: `LOC` for the labels `B-LOC` and `I-LOC`. relabel: names -> the task with these names instead, or a
    UserError that says which name is not possible; None if the names are fixed. memory: memory in MB that a job with a
    small model requests; activations grow with the tokens of a batch, and passages fill an input.
    formats: name -> format. memorise: training examples -> set of items; a test item in this set counts as seen.
    score: (examples, predictions, seen) -> {"scores": {name: 0..1 or None}, "support": {name: count}}.
    tagging, classification, extraction: the interfaces to models that label words, label texts or mark spans; None if
    the task does not have this form.
    count: (examples, predictions) -> (correct, gold, predicted) of each example. The metric on any set of examples is
    2 correct / (gold + predicted), each summed over the set. None if the metric is not such a ratio. Only the fields of
    a prediction are read.
    columns: column that a file must have -> its usual names, in lower case, most usual first; empty for a task without
    file formats. by_word: what a label is in a file with a word and its label on each line: `entities` for tags of
    entities in any scheme, `labels` for a label of the word itself; empty if such files cannot be read. parser:
    `module:function` (records of a file, annotation, language, split) -> examples. version: increased when the same
    examples produce another input, prediction or score, so that the runs are redone.
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
    names: tuple[str, ...] = ()
    relabel: Callable[[tuple[str, ...]], "Task"] | None = None
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_word: Literal["", "entities", "labels"] = ""
    parser: str = name_part("")
    version: int = 1


def check_names(names: Sequence[str]) -> None:
    """Raise UserError for a label that is empty, has white space other than single spaces between words, or is O."""
    for name in names:
        if name == NOTHING:
            raise UserError(f"{NOTHING!r} is not a label, because it marks what is not used; remove it")
        if not name.strip():
            raise UserError(f"{name!r} is empty; write a label, or remove it")
        if name != " ".join(name.split()):
            raise UserError(f"{name!r} has white space other than single spaces between words; correct it")


def rate_labels(names: Sequence[str], gold: Sequence[str], predicted: Sequence[str]) -> dict[str, float | None]:
    """Return the scores of predicted labels, one for each gold label, as name -> 0..1 or None.

    accuracy: the share of correct labels. f1_{name}: 2 correct / (gold + predicted) of a label, None if it is not among
    the gold labels. macro_f1: the mean of the values of f1_{name} that are not None.
    """
    wanted, given = Counter(gold), Counter(predicted)
    right = Counter(one for one, other in zip(gold, predicted, strict=True) if one == other)
    rates = {name: 2 * right[name] / (wanted[name] + given[name]) if wanted[name] else None for name in names}
    known = [rate for rate in rates.values() if rate is not None]
    return {
        "accuracy": right.total() / len(gold) if gold else None,
        "macro_f1": sum(known) / len(known) if known else None,
        **{f"f1_{name}": rate for name, rate in rates.items()},
    }


def forget(examples: Sequence[Any]) -> frozenset:
    """Return an empty set: the `memorise` function of a kind of task without mentions."""
    return frozenset()


def hide_special_tokens(text: str) -> str:
    """Replace `<` with `‹` in everything in `text` that a tokenizer could read as a special token.

    Words such as `<extra_id_3>` or `</s>` occur in real text (wiki markup) and would become a sentinel or the end of
    the input.
    """
    return re.sub(r"<(?=[^<>]+>)", "‹", text)
