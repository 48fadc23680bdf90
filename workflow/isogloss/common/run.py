"""A run (one point of a study's grid) and its axes, each declared once.

The fields of `Run` define everything that depends on an axis: paths and their wildcards, command-line flags, the
identity in a record, and the key columns of tables. To add an axis, add a field with a default. Results that were
computed before the axis existed are read as results at the default.
"""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isogloss.common.languages import CODE

DIRECT, SEQUENTIAL, JOINT = "direct", "sequential", "joint"
"""Adaptations: no shots; train on the sources, then on the shots; train on sources and shots together."""
NO_SOURCE = "none"
"""The name of the empty source set, that is, of runs without transfer."""

RECORD, PREDICTIONS, CHECKPOINT = "metrics.json", "predictions.jsonl.gz", "checkpoint"
"""Files in the folder of a run: its record, its predictions and, if it is kept, its adapted model."""
TRAINING, PRETRAINING = "training.json", "pretraining.json"
"""The record in the folder of a model trained on sources, and in the folder of a pre-trained variant."""


@dataclass(frozen=True)
class Axis:
    """How an axis of a run appears in paths, flags and tables.

    name: name of the field, the flag and the column. kind: str, int or tuple (of language codes). prefix: text before
    the value in a path. pattern: regular expression of the value; empty if the study defines the possible values.
    trained: whether a model trained on sources depends on the axis. setting: position, from 1, among the columns that
    identify a transfer matrix; 0 if the axis varies within a matrix. grid: the config key that lists the values of the
    axis, each of which is combined with every run; empty if isogloss.study.grid treats the axis specially. values: the
    JSON schema of that list. default: the value that paths omit; None if paths always contain the value.
    """

    name: str = ""
    kind: type = str
    prefix: str = ""
    pattern: str = ""
    trained: bool = False
    setting: int = 0
    grid: str = ""
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    default: Any = None

    @property
    def segment(self) -> str:
        """The part of a path template. If the axis has a default, the wildcard includes the slash before it."""
        return f"/{self.prefix}{{{self.name}}}" if self.default is None else f"{{{self.name}}}"

    def constrain(self, names: Sequence[str] = ()) -> str:
        """Return the regular expression of the wildcard. names: the possible values, if the study defines them."""
        value = self.pattern or "|".join(map(re.escape, names)) or "(?!)"
        return value if self.default is None else f"(?:/{re.escape(self.prefix)}(?:{value}))?"

    def write(self, value: Any) -> str:
        """Return a value as it appears in paths, wildcards and flags. Tables differ only for an axis with a default."""
        text = name_sources(value) if self.kind is tuple else str(value)
        if self.default is None:
            return text
        return "" if value == self.default else f"/{self.prefix}{text}"

    def read(self, text: str) -> Any:
        """Return the value that `write` wrote. Raises ValueError if the text is not a valid value."""
        if self.default is not None:
            if not text:
                return self.default
            text = text.removeprefix("/").removeprefix(self.prefix)
        if self.pattern and not re.fullmatch(self.pattern, text):
            raise ValueError(f"{self.name} is {text!r}, not of the form {self.pattern}")
        return split_sources(text) if self.kind is tuple else self.kind(text)


def axis(*, default: Any = dataclasses.MISSING, **facts: Any) -> Any:
    """Return a dataclass field of Run that is an axis; facts: fields of Axis."""
    return dataclasses.field(default=default, metadata={"axis": facts})


@dataclass(frozen=True, order=True)
class Run:
    """One point of the grid.

    sources: sorted language codes; `()` for no transfer. n: total number of labelled source sentences. shots: number of
    labelled target sentences. adaptation: direct (no shots), or how the shots are used.
    """

    task: str = axis(trained=True, setting=1)
    model: str = axis(trained=True, setting=2)
    sources: tuple[str, ...] = axis(trained=True, pattern=rf"none|{CODE}(?:\+{CODE})*")
    n: int = axis(trained=True, setting=4, prefix="n-", pattern=r"\d+")
    target: str = axis()
    shots: int = axis(setting=6, prefix="shots-", pattern=r"\d+")
    adaptation: str = axis(setting=5)
    seed: int = axis(
        trained=True,
        prefix="seed-",
        pattern=r"\d+",
        grid="seeds",
        values={
            "description": "Random seeds. Each seed draws its own sentences and trains with them.",
            "type": "array",
            "items": {"type": "integer", "minimum": 0, "maximum": 2**32 - 1},
            "minItems": 1,
            "default": [1],
        },
    )

    @property
    def source_set(self) -> str:
        """The name of the source set in paths and tables: `de+en`, or `none`."""
        return name_sources(self.sources)

    @property
    def in_language(self) -> bool:
        """Whether the target is one of the sources. Such a run is an upper bound and never counts as transfer."""
        return self.target in self.sources

    @property
    def folder(self) -> str:
        """The folder of the run's record within the folder of the study."""
        return fill_template(RUN_FOLDER, self)

    def describe(self) -> dict[str, Any]:
        """Return the identity in the run's record: all axes, sources as a list, and the task's own test corpus."""
        values = {one.name: getattr(self, one.name) for one in AXES} | {TEST_CORPUS: self.task}
        return {key: list(values[key]) if isinstance(values[key], tuple) else values[key] for key in _TESTED}

    def tabulate(self) -> dict[str, Any]:
        """Return the key columns (RUN_KEY) of the run's row in a table, with sources joined by `+`."""
        return {one.name: self.source_set if one.kind is tuple else getattr(self, one.name) for one in AXES}


def name_sources(sources: Sequence[str]) -> str:
    """Return the name of a source set: the codes sorted and joined by `+`; `none` for the empty set."""
    return "+".join(sorted(sources)) or NO_SOURCE


def split_sources(name: str) -> tuple[str, ...]:
    """Return the source set for a name that `name_sources` returned."""
    return () if name == NO_SOURCE else tuple(name.split("+"))


def name_variant(base: str, languages: Sequence[str]) -> str:
    """Return the name of the variant of a base model for a set of languages: `BASE@SET`, such as `tiny-mt5@bn+hi`."""
    return f"{base}@{name_sources(languages)}"


def split_variant(model: str) -> tuple[str, str]:
    """Return the base and the name of the language set of a model; the set is empty if it is not a variant."""
    base, at, languages = model.rpartition("@")
    return (base, languages) if at else (model, "")


def allot(n: int, sources: Sequence[str]) -> dict[str, int]:
    """Return the share of n sentences per source: floor(n / s) each, and one more for the first n mod s codes."""
    if not sources:
        return {}
    each, rest = divmod(n, len(sources))
    return {language: each + (place < rest) for place, language in enumerate(sorted(sources))}


def _list_axes(run: type) -> tuple[Axis, ...]:
    kinds = {str: str, int: int, tuple[str, ...]: tuple}
    found = []
    for field in dataclasses.fields(run):
        default = None if field.default is dataclasses.MISSING else field.default
        found.append(Axis(name=field.name, kind=kinds[field.type], default=default, **field.metadata["axis"]))
    return tuple(found)


def _join_segments(axes: Sequence[Axis]) -> str:
    """Return a path template. It ends in an axis without default, so that no model folder contains another one."""
    *before, last = (one.segment for one in axes if one.default is None)
    return "".join([*before, *(one.segment for one in axes if one.default is not None), last])


AXES = _list_axes(Run)
TRAINED_AXES = tuple(one for one in AXES if one.trained)
"""The axes on which a model trained on sources depends."""
RUN_KEY = tuple(one.name for one in AXES)
"""The columns that identify a run in a table."""
TEST_CORPUS, METRIC = "test_corpus", "metric"
"""Columns that identify a score in addition to the axes. The task's own test corpus has the name of the task."""
_TESTED = tuple(name for key in RUN_KEY for name in ((key, TEST_CORPUS) if key == "target" else (key,)))
SCORE_KEY = (*_TESTED, METRIC)
"""The columns that identify a score in a table."""
_PLACES = {one.setting: one.name for one in AXES if one.setting} | {3: TEST_CORPUS}
SETTING_KEY = tuple(_PLACES[place] for place in sorted(_PLACES))
"""The columns that identify a transfer matrix: all except sources, target and seed."""

ADDED_KEY = tuple(name for name in SETTING_KEY if name in [one.name for one in AXES if one.default is not None])
"""Columns of SETTING_KEY that tables from earlier versions can lack."""
GROUP_KEY = tuple(name for name in SETTING_KEY if name not in ("n", "adaptation", "shots"))
"""Columns that are equal for all runs that an analysis compares with each other."""

RUN_FOLDER = "transfer" + _join_segments(AXES)
"""Path template of the folder of a run's record, within the folder of the study."""
TRAINED_FOLDER = "finetuned" + _join_segments(TRAINED_AXES)
"""Path template of the folder of a model trained on sources, within the folder of the study."""


def fill_template(template: str, run: Run) -> str:
    """Return a path template with the values of a run's axes filled in."""
    return template.format(**{one.name: one.write(getattr(run, one.name)) for one in AXES})


def write_flags(axes: Sequence[Axis] = AXES) -> str:
    """Return a job's flags for some axes with snakemake wildcards as values: `--task {wildcards.task:q} ...`."""
    return " ".join(f"--{one.name} {{wildcards.{one.name}:q}}" for one in axes)


def read_run(texts: Mapping[str, str]) -> Run:
    """Return the run with these axes, given as in paths and flags. Raises ValueError if a text is not a valid value."""
    return Run(**{one.name: one.read(texts[one.name]) for one in AXES})


def complete_identity(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return the identity in a record, with the default for each axis that did not exist when it was written."""
    return {**{one.name: one.default for one in AXES if one.default is not None}, **run}
