"""Examples as they travel between rooms: frozen dataclasses, kept in parquet.

Each kind of task has one class of example; its fields are the columns of the corpus files. Whatever its task, an
example has `id`, `language`, and

    content    what makes two examples the same, whatever their labels: a tuple of strings
    group      what no two splits may share: the content, or a part of it that several examples have in common
    words      its words, for counting and for comparing vocabularies
    lines      its running text, for a tokenizer or for pre-training
"""

import dataclasses
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from isogloss.common.errors import UserError
from isogloss.common.files import complete_file

SPLITS = ("train", "validation", "test")
ENTITY_TYPES = ("LOC", "ORG", "PER")  # of the NER schema; its tags are O and B- and I- of each
RELATIONS = ("entailment", "neutral", "contradiction")
"""What a hypothesis is to its premise, in the order in which XNLI and mT5 number them."""


@dataclass(frozen=True)
class TaggedSentence:
    """A sentence for sequence tagging.

    id: stable name within its corpus, such as `sw-train-17`. language: ISO 639-1 code.
    tokens and tags: of equal length; tags are IOB2 (`O`, `B-PER`, `I-PER`, ...).
    """

    id: str
    language: str
    tokens: tuple[str, ...]
    tags: tuple[str, ...]

    @property
    def content(self) -> tuple[str, ...]:
        """Its tokens; the tags do not matter."""
        return self.tokens

    group = content

    @property
    def words(self) -> tuple[str, ...]:
        """Its tokens."""
        return self.tokens

    @property
    def lines(self) -> tuple[str, ...]:
        """Its tokens, joined by one space."""
        return (" ".join(self.tokens),)


@dataclass(frozen=True)
class SentencePair:
    """A premise and a hypothesis for natural-language inference. label: one of RELATIONS."""

    id: str
    language: str
    premise: str
    hypothesis: str
    label: str

    @property
    def content(self) -> tuple[str, ...]:
        """Premise and hypothesis."""
        return (self.premise, self.hypothesis)

    @property
    def group(self) -> tuple[str, ...]:
        """The premise, which several hypotheses share."""
        return (self.premise,)

    @property
    def words(self) -> tuple[str, ...]:
        """What white space separates in both."""
        return (*self.premise.split(), *self.hypothesis.split())

    @property
    def lines(self) -> tuple[str, ...]:
        """Premise and hypothesis."""
        return (self.premise, self.hypothesis)


@dataclass(frozen=True)
class Question:
    """A question whose answer stands in a passage.

    answers: what annotators gave, one at least. starts: the place in `context` of the first character of each, so that
    `context[start:start + len(answer)]` is the answer.
    """

    id: str
    language: str
    context: str
    question: str
    answers: tuple[str, ...]
    starts: tuple[int, ...]

    @property
    def content(self) -> tuple[str, ...]:
        """Question and passage."""
        return (self.question, self.context)

    @property
    def group(self) -> tuple[str, ...]:
        """The passage, which several questions may share."""
        return (self.context,)

    @property
    def words(self) -> tuple[str, ...]:
        """What white space separates in both."""
        return (*self.question.split(), *self.context.split())

    @property
    def lines(self) -> tuple[str, ...]:
        """Question and passage."""
        return (self.question, self.context)


CLASSES = (TaggedSentence, SentencePair, Question)
_CLASS = b"isogloss.example"
"""Metadata of a file of examples whose class is of another package: `module:class`."""
Example = TypeVar("Example")


def write_examples(path: str | os.PathLike, examples: Sequence[Example], kind: type[Example]) -> None:
    """Write examples of class `kind` to a parquet file, one row each, one column a field."""
    import pyarrow
    import pyarrow.parquet

    string = pyarrow.string()
    columns = {
        str: string,
        tuple[str, ...]: pyarrow.list_(string),
        tuple[int, ...]: pyarrow.list_(pyarrow.int32()),
    }
    types = {field.name: columns[field.type] for field in dataclasses.fields(kind)}
    table = pyarrow.table({name: pyarrow.array([getattr(e, name) for e in examples], types[name]) for name in types})
    if kind not in CLASSES:
        table = table.replace_schema_metadata({_CLASS: f"{kind.__module__}:{kind.__name__}"})
    with complete_file(path) as beside:
        pyarrow.parquet.write_table(table, beside)


def read_examples(path: str | os.PathLike, kind: type[Example] | None = None) -> list[Example]:
    """Read the examples of a parquet file that `write_examples` wrote.

    kind: their class; left out, the one of CLASSES whose fields the columns are, or the one of another package that the
    file names. A UserError tells that the file is of another class, or of none.
    """
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path)
    columns = table.column_names
    named = (table.schema.metadata or {}).get(_CLASS)
    if kind is None and named:
        from isogloss.common.registry import load_part

        kind = load_part(named.decode())
    found = next((one for one in (CLASSES if kind is None else (kind,)) if _name_columns(one) == columns), None)
    if found is None:
        wanted = "which no kind of task has" if kind is None else f"not {', '.join(_name_columns(kind))}"
        raise UserError(f"{path}: its columns are {', '.join(columns)}, {wanted}; name a file of this kind of task")
    rows = table.to_pylist()
    return [found(**{name: tuple(v) if isinstance(v, list) else v for name, v in row.items()}) for row in rows]


def _name_columns(kind: type) -> list[str]:
    return [field.name for field in dataclasses.fields(kind)]
