"""What a task expects of the labels in a corpus."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Annotation:
    """The kind of a task, its labels, and how labels in files become labels of the task.

    kind: the kind of task, such as `ner`. labels: entity types, or labels of words or pairs, in a fixed order; empty
    for those of the kind. map: label in a file -> label of the task, or NOTHING. A label that is not in `map` is
    unchanged. normal_form: the Unicode normal form of the text, or `none`.
    """

    kind: str
    labels: tuple[str, ...] = ()
    map: Mapping[str, str] = field(default_factory=dict)
    normal_form: str = "NFC"


NOTHING = "O"
"""The value of `map` for labels that are not used: words outside of entities, or examples that are dropped."""
