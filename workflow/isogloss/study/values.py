"""A study as one frozen value: parsed once from a study file by isogloss.study.config, and changed by nothing later."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from isogloss.corpora import CORPORA, Corpus
from isogloss.families import FAMILIES, Family
from isogloss.study.grid import Grid
from isogloss.tasks import find_task
from isogloss.tasks.base import Task


@dataclass(frozen=True)
class CorpusChoice:
    """A corpus as a study names it. options: what stands behind its name in the study file, defaults filled in."""

    name: str
    options: Any

    @property
    def corpus(self) -> Corpus:
        """The registry's entry."""
        return CORPORA[self.name]

    @property
    def entry(self) -> dict[str, Any]:
        """The choice as a study file has it, `{"synthetic": {...}}`."""
        return {self.name: self.options}


@dataclass(frozen=True)
class StudyTask:
    """A task of a study.

    kind: of the task, in the registry. languages: those of the study that its corpus has, the sources and targets of
    its runs. available: the same, and those of the models' languages that its corpus has. test_languages: of each test
    corpus, those of the study that it has. tested: languages that it can be tested in: its own, and those that only a
    test corpus has. max_length: subword tokens of an input, in the place of the recipes'; None leaves them alone.
    """

    name: str
    kind: str
    corpus: CorpusChoice
    test_corpora: Mapping[str, CorpusChoice]
    max_length: int | None
    languages: tuple[str, ...]
    available: tuple[str, ...]
    test_languages: Mapping[str, tuple[str, ...]]
    tested: tuple[str, ...]

    @property
    def task(self) -> Task:
        """The registry's entry."""
        return find_task(self.kind)


@dataclass(frozen=True)
class Built:
    """Weights that a job makes here. recipe: the name of the model that is built. text: of which task."""

    recipe: str
    languages: tuple[str, ...]
    text: str
    steps: int
    vocabulary: int


@dataclass(frozen=True)
class Fetched:
    """Weights that a job fetches from the hub."""

    repository: str
    revision: str


@dataclass(frozen=True)
class Local:
    """Weights in a folder of the user's."""

    path: str


@dataclass(frozen=True)
class Variant:
    """Weights of another model, the start that all variants share, pre-trained on the text of a set of languages.

    text: of which task. segment: tokens in one text. steps: of `batch_size` segments each.
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

    family: its name in the registry. origin: where its weights come from; None for a family without pre-training.
    recipe: how it is trained, defaults filled in. trimmed_to: the languages whose text its vocabulary is trimmed to;
    empty for a whole one. base: the name in the study file, which variants share. targets: of a model that is one of
    several variants, target -> the strategies that give the target this one; None for a model of all targets.
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
        """The registry's entry."""
        return FAMILIES[self.family]

    @property
    def is_variant(self) -> bool:
        """Whether it was pre-trained here on a set of languages, after the start that it shares with others."""
        return isinstance(self.origin, Variant)

    @property
    def read_languages(self) -> tuple[str, ...]:
        """The languages whose text it is built, pre-trained or trimmed on."""
        return self.origin.languages if isinstance(self.origin, Built | Variant) else self.trimmed_to


@dataclass(frozen=True)
class PretrainingPlan:
    """Self-supervised pre-training as a study file declares it.

    strategies: names, or sets of languages. text: of which task. tokens: that each variant is given. segment,
    batch_size, learning_rate: of its training.
    """

    strategies: tuple[str | tuple[str, ...], ...]
    text: str
    tokens: int
    segment: int
    batch_size: int
    learning_rate: float


@dataclass(frozen=True)
class DeclaredModel:
    """A model as a study file declares it: one with `pretraining` stands for several.

    languages: that the study needs text of for it. The other fields are as in isogloss.study.values.StudyModel.
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
        """The registry's entry."""
        return FAMILIES[self.family]


@dataclass(frozen=True)
class Primary:
    """The one declared hypothesis: a feature goes with transfer of a model in a task at a number of shots."""

    task: str
    model: str
    shots: int
    feature: str


@dataclass(frozen=True)
class Analysis:
    """What is asked of the scores.

    language_model: whether what a model's language model makes of text is measured. cases: low-resource targets that
    are reported one by one. statistics, figures: those of installed packages, beside the project's own.
    """

    primary: Primary | None
    permutations: int
    language_model: bool
    cases: tuple[str, ...]
    statistics: tuple[str, ...]
    figures: tuple[str, ...]


@dataclass(frozen=True)
class Study:
    """A checked study. features: those of installed packages, computed beside the project's own."""

    name: str
    languages: tuple[str, ...]
    tasks: Mapping[str, StudyTask]
    models: Mapping[str, StudyModel]
    grids: tuple[Grid, ...]
    features: tuple[str, ...]
    keep_adapted: bool
    analysis: Analysis

    @property
    def root(self) -> str:
        """The folder of all its results."""
        return f"results/{self.name}"

    def list_origins(self, kind: type) -> Iterator[StudyModel]:
        """Yield the models whose weights come from one kind of origin, in the study's order."""
        yield from (model for model in self.models.values() if isinstance(model.origin, kind))
