"""A study as an immutable value. isogloss.study.config creates it once from a study file; nothing changes it later."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from isogloss.common.annotation import Annotation
from isogloss.common.facts import Facts, list_like
from isogloss.corpora import CORPORA
from isogloss.corpora.base import Corpus
from isogloss.families import FAMILIES, Family
from isogloss.study.grid import Grid
from isogloss.tasks import find_task
from isogloss.tasks.base import Task


@dataclass(frozen=True)
class CorpusChoice:
    """A corpus that a study uses. options: the value under its name in the study file, with defaults filled in."""

    name: str
    options: Any

    @property
    def corpus(self) -> Corpus:
        """The corpus in the registry."""
        return CORPORA[self.name]

    @property
    def entry(self) -> dict[str, Any]:
        """The corpus in the form of a study file, `{"synthetic": {...}}`."""
        return {self.name: self.options}


@dataclass(frozen=True)
class StudyTask:
    """A task of a study.

    kind: the kind of task in the registry. labels: its labels as the study names them; empty for the usual labels of
    the kind. map: label in the files of its corpora -> label, or `O` for what is not used. languages: the study's
    languages in its corpus; they are the sources and targets of its runs. tests_only: those of them that have only a
    test split, so they are targets without shots, and no sources. normal_form: the Unicode normal form of its text, or
    `none`. available: `languages`, plus the other languages of models that are in its corpus. test_languages: for each
    test corpus, the study's languages in it. tested: the languages in which the task can be tested, that is,
    `languages` and those that only a test corpus has. max_length: the maximum number of subwords of an input; it
    overrides the recipes. None keeps the value of the recipes.
    """

    name: str
    kind: str
    labels: tuple[str, ...]
    map: Mapping[str, str]
    corpus: CorpusChoice
    test_corpora: Mapping[str, CorpusChoice]
    max_length: int | None
    normal_form: str
    languages: tuple[str, ...]
    tests_only: tuple[str, ...]
    available: tuple[str, ...]
    test_languages: Mapping[str, tuple[str, ...]]
    tested: tuple[str, ...]

    @property
    def task(self) -> Task:
        """The kind of task in the registry, with the labels of this task."""
        return find_task(self.kind, self.labels)

    @property
    def annotation(self) -> Annotation:
        """What the task expects of the labels in a corpus."""
        return Annotation(self.kind, self.labels, self.map, self.normal_form)


@dataclass(frozen=True)
class Built:
    """Weights that a job of the study builds. recipe: name of the built model. text: the task whose text is used."""

    recipe: str
    languages: tuple[str, ...]
    text: str
    steps: int
    vocabulary: int


@dataclass(frozen=True)
class Fetched:
    """Weights that a job downloads from the hub."""

    repository: str
    revision: str


@dataclass(frozen=True)
class Local:
    """Weights in a folder of the user."""

    path: str


@dataclass(frozen=True)
class Variant:
    """Weights of another model (the common start of all variants), pre-trained further on text in a set of languages.

    text: the task whose text is used. segment: tokens in one text. steps: number of steps with `batch_size` segments
    each.
    """

    start: str
    languages: tuple[str, ...]
    text: str
    segment: int
    batch_size: int
    learning_rate: float
    steps: int


Origin = Built | Fetched | Local | Variant


@dataclass(frozen=True)
class StudyModel:
    """A model of a study.

    family: name in the registry. origin: where the weights come from; None for a family without pre-training. recipe:
    how the model is trained, with defaults filled in. trimmed_to: the languages whose text determines the trimmed
    vocabulary; empty if the vocabulary is not trimmed. base: the name in the study file, which all variants share.
    targets: for a variant, target -> the strategies that select this variant for it; None if the model is used for all
    targets.
    """

    name: str
    family: str
    origin: Origin | None
    recipe: Mapping[str, Any]
    trimmed_to: tuple[str, ...]
    base: str
    targets: Mapping[str, tuple[str, ...]] | None

    @property
    def entry(self) -> Family:
        """The family in the registry."""
        return FAMILIES[self.family]

    @property
    def is_variant(self) -> bool:
        """Whether the model was pre-trained here on a set of languages, from the start that all variants share."""
        return isinstance(self.origin, Variant)

    @property
    def read_languages(self) -> tuple[str, ...]:
        """The languages whose text is used to build, pre-train or trim the model."""
        return self.origin.languages if isinstance(self.origin, Built | Variant) else self.trimmed_to


@dataclass(frozen=True)
class PretrainingPlan:
    """Self-supervised pre-training as a study file declares it.

    strategies: names of strategies, or sets of languages. text: the task whose text is used. tokens: number of tokens
    for each variant. segment, batch_size, learning_rate: settings of the pre-training.
    """

    strategies: tuple[str | tuple[str, ...], ...]
    text: str
    tokens: int
    segment: int
    batch_size: int
    learning_rate: float


@dataclass(frozen=True)
class DeclaredModel:
    """A model as a study file declares it. A model with `pretraining` is later replaced by its variants.

    languages: languages in which the model needs text. For the other fields, see isogloss.study.values.StudyModel.
    """

    name: str
    family: str
    origin: Built | Fetched | Local | None
    recipe: Mapping[str, Any]
    trimmed_to: tuple[str, ...]
    languages: tuple[str, ...]
    pretraining: PretrainingPlan | None

    @property
    def entry(self) -> Family:
        """The family in the registry."""
        return FAMILIES[self.family]


@dataclass(frozen=True)
class Primary:
    """The declared primary hypothesis: a feature is associated with transfer of a model in a task with some shots."""

    task: str
    model: str
    shots: int
    feature: str


@dataclass(frozen=True)
class Analysis:
    """Settings of the analysis.

    language_model: whether to measure statistics of the models' language models on text. cases: low-resource targets
    that are reported one by one. statistics, figures: those of installed packages, in addition to those of isogloss.
    """

    primary: Primary | None
    permutations: int
    language_model: bool
    cases: tuple[str, ...]
    statistics: tuple[str, ...]
    figures: tuple[str, ...]


@dataclass(frozen=True)
class Study:
    """A checked study.

    facts: what the study file says of some of its languages. features: features of installed packages, in addition to
    those of isogloss. notes: lines for the user on parts of the study file that have no effect.
    """

    name: str
    languages: tuple[str, ...]
    facts: Mapping[str, Facts]
    tasks: Mapping[str, StudyTask]
    models: Mapping[str, StudyModel]
    grids: tuple[Grid, ...]
    features: tuple[str, ...]
    keep_adapted: bool
    analysis: Analysis
    notes: tuple[str, ...]

    @property
    def root(self) -> str:
        """The folder of all results of the study."""
        return f"results/{self.name}"

    @property
    def like(self) -> Mapping[str, str]:
        """Language -> the language whose typological values stand for its own, for the languages that have one."""
        return list_like(self.facts)

    def list_origins(self, kind: type) -> Iterator[StudyModel]:
        """Yield the models whose weights have a given kind of origin, in the order of the study."""
        yield from (model for model in self.models.values() if isinstance(model.origin, kind))
