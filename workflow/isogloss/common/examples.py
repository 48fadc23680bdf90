"""Examples (labelled sentences) as frozen dataclasses, stored in parquet files.

Each kind of task has one class of examples. The fields of the class are the columns of the corpus files. Examples of
every class have `id`, `language`, and these attributes:

    content    a tuple of strings; two examples with the same content are duplicates, whatever their labels
    group      a tuple of strings that no two splits may share: the content, or a part that several examples share
    words      the words, used for counts and to compare vocabularies
    lines      the running text, used for tokenizers and pre-training
"""

import dataclasses
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from isogloss.common.errors import UserError
from isogloss.common.files import complete_file

SPLITS = ("train", "validation", "test")
ENTITY_TYPES = ("LOC", "ORG", "PER")
"""The usual entity types. The tags are O and, for each type, B- and I-."""
RELATIONS = ("entailment", "neutral", "contradiction")
"""Relations of a hypothesis to its premise, in the numbering of XNLI and mT5."""


@dataclass(frozen=True)
class TaggedSentence:
    """A sentence with a tag for each word.

    id: unique name within its corpus, such as `sw-train-17`. language: ISO 639 code. tokens and tags: have the same
    length. Tags of entities are IOB2 (`O`, `B-PER`, `I-PER`, ...); other tags, such as parts of speech, are labels of
    the words themselves (`NOUN`, `VERB`, ...).
    """

    id: str
    language: str
    tokens: tuple[str, ...]
    tags: tuple[str, ...]

    @property
    def content(self) -> tuple[str, ...]:
        """The tokens; the tags do not count."""
        return self.tokens

    group = content

    @property
    def words(self) -> tuple[str, ...]:
        """The tokens."""
        return self.tokens

    @property
    def lines(self) -> tuple[str, ...]:
        """The tokens, joined by single spaces."""
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
        """The white-space separated words of premise and hypothesis."""
        return (*self.premise.split(), *self.hypothesis.split())

    @property
    def lines(self) -> tuple[str, ...]:
        """Premise and hypothesis."""
        return (self.premise, self.hypothesis)


@dataclass(frozen=True)
class Question:
    """A question whose answer is a part of a passage.

    answers: the annotators' answers, at least one. starts: for each answer, the index of its first character in
    `context`, so that `context[start:start + len(answer)]` is the answer.
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
        """The passage, which several questions can share."""
        return (self.context,)

    @property
    def words(self) -> tuple[str, ...]:
        """The white-space separated words of question and passage."""
        return (*self.question.split(), *self.context.split())

    @property
    def lines(self) -> tuple[str, ...]:
        """Question and passage."""
        return (self.question, self.context)


CLASSES = (TaggedSentence, SentencePair, Question)
_CLASS = b"isogloss.example"
"""Key in the metadata of a parquet file if another package defines the class of its examples: `module:class`."""
Example = TypeVar("Example")


def write_examples(path: str | os.PathLike, examples: Sequence[Example], kind: type[Example]) -> None:
    """Write examples of class `kind` to a parquet file: one row per example, one column per field."""
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
    """Return the examples of a parquet file that `write_examples` wrote.

    kind: the class of the examples. By default it is the class in CLASSES whose fields are the columns of the file, or
    the class of another package that the file names. Raises UserError if the file is damaged, or if the columns are not
    the fields of the class.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(path)
    except FileNotFoundError:
        raise
    except (pyarrow.ArrowException, OSError) as problem:
        reason = " ".join(str(problem).split())[:100]
        raise UserError(
            f"{path}: not a readable parquet file ({reason}); delete its folder and run the study again"
        ) from None
    columns = table.column_names
    named = (table.schema.metadata or {}).get(_CLASS)
    if kind is None and named:
        from isogloss.common.registry import load_part

        kind = load_part(named.decode())
    found = next((one for one in (CLASSES if kind is None else (kind,)) if _name_columns(one) == columns), None)
    if found is None:
        wanted = "which no kind of task uses" if kind is None else f"not {', '.join(_name_columns(kind))}"
        raise UserError(f"{path}: the columns are {', '.join(columns)}, {wanted}; give a file of this kind of task")
    rows = table.to_pylist()
    return [found(**{name: tuple(v) if isinstance(v, list) else v for name, v in row.items()}) for row in rows]


def _name_columns(kind: type) -> list[str]:
    return [field.name for field in dataclasses.fields(kind)]
