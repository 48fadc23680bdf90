"""A run, one point of a study's grid, and its axes, declared once.

Everything that spells an axis is made from the fields of `Run`: paths and their wildcards, flags of the command line,
the identity in a record, and the key columns of tables. A new axis is one more field, with a default: results that
were made before it existed are those at the default.
"""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DIRECT, SEQUENTIAL, JOINT = "direct", "sequential", "joint"
"""Adaptations: none, for a run without shots; sources, then shots; both together."""
NO_SOURCE = "none"
"""The name of the empty source set, of a run without transfer."""

RECORD, PREDICTIONS, CHECKPOINT = "metrics.json", "predictions.jsonl.gz", "checkpoint"
"""What the folder of a run holds: its record, its predictions and, if it is kept, its adapted model."""
TRAINING, PRETRAINING = "training.json", "pretraining.json"
"""The record in the folder of a model that was trained on sources, and of one that was pre-trained on a set."""


@dataclass(frozen=True)
class Axis:
    """What an axis of a run is to paths, flags and tables.

    name: of the field, the flag and the column. kind: str, int or tuple (of language codes). prefix: before its value
    in a path. pattern: the regular expression of its value; empty where the study names the values. trained: whether a
    model that is trained on sources differs by it. setting: its place, from 1, among the columns that name a transfer
    matrix; 0 for an axis that varies within one. grid: the key of a study's grids that lists its values, each combined
    with every run; empty for an axis that has its own logic in isogloss.study.grid. values: the JSON schema of that
    list. default: the value that paths leave out; None where it always stands in them.
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
        """Its part of a path template. An axis with a default brings the slash before it in its wildcard."""
        return f"/{self.prefix}{{{self.name}}}" if self.default is None else f"{{{self.name}}}"

    def constrain(self, names: Sequence[str] = ()) -> str:
        """Return the regular expression of its wildcard; names: its values, where the study names them."""
        value = self.pattern or "|".join(map(re.escape, names)) or "(?!)"
        return value if self.default is None else f"(?:/{re.escape(self.prefix)}(?:{value}))?"

    def write(self, value: Any) -> str:
        """Return a value as paths, wildcards and flags have it; tables have the same but for a default."""
        text = name_sources(value) if self.kind is tuple else str(value)
        if self.default is None:
            return text
        return "" if value == self.default else f"/{self.prefix}{text}"

    def read(self, text: str) -> Any:
        """Return the value that `write` wrote. Raises ValueError for text that is none."""
        if self.default is not None:
            if not text:
                return self.default
            text = text.removeprefix("/").removeprefix(self.prefix)
        if self.pattern and not re.fullmatch(self.pattern, text):
            raise ValueError(f"{self.name} is {text!r}, not of the form {self.pattern}")
        return split_sources(text) if self.kind is tuple else self.kind(text)


def axis(*, default: Any = dataclasses.MISSING, **facts: Any) -> Any:
    """Declare a field of Run; facts: fields of Axis."""
    return dataclasses.field(default=default, metadata={"axis": facts})


@dataclass(frozen=True, order=True)
class Run:
    """One point of the grid.

    sources: sorted codes, `()` for no transfer. n: labelled source sentences in total. shots: labelled target
    sentences. adaptation: direct (no shots), or how the shots are used.
    """

    task: str = axis(trained=True, setting=1)
    model: str = axis(trained=True, setting=2)
    sources: tuple[str, ...] = axis(trained=True, pattern=r"none|[a-z]+(?:\+[a-z]+)*")
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
            "description": "Each seed draws its sentences and trains with them.",
            "type": "array",
            "items": {"type": "integer", "minimum": 0},
            "minItems": 1,
            "default": [1],
        },
    )

    @property
    def source_set(self) -> str:
        """The sources as paths and tables name them: `de+en`, or `none`."""
        return name_sources(self.sources)

    @property
    def in_language(self) -> bool:
        """Whether the target is among the sources: an upper bound, never counted as transfer."""
        return self.target in self.sources

    @property
    def folder(self) -> str:
        """Folder of the run's record within the study's."""
        return fill_template(RUN_FOLDER, self)

    def describe(self) -> dict[str, Any]:
        """Return the identity that its record has: every axis, sources as a list, and the task's own test corpus."""
        values = {one.name: getattr(self, one.name) for one in AXES} | {TEST_CORPUS: self.task}
        return {key: list(values[key]) if isinstance(values[key], tuple) else values[key] for key in _TESTED}

    def tabulate(self) -> dict[str, Any]:
        """Return the key columns of its row in a table: RUN_KEY, sources joined by `+`."""
        return {one.name: self.source_set if one.kind is tuple else getattr(self, one.name) for one in AXES}


def name_sources(sources: Sequence[str]) -> str:
    """Return the name of a source set: its codes sorted and joined by `+`, `none` for the empty one."""
    return "+".join(sorted(sources)) or NO_SOURCE


def split_sources(name: str) -> tuple[str, ...]:
    """Return the source set of a name that `name_sources` gave."""
    return () if name == NO_SOURCE else tuple(name.split("+"))


def name_variant(base: str, languages: Sequence[str]) -> str:
    """Return the name of a model pre-trained on a set of languages: `BASE@SET`, `tiny-mt5@bn+hi`."""
    return f"{base}@{name_sources(languages)}"


def split_variant(model: str) -> tuple[str, str]:
    """Return the base and the name of the set of languages of a model; the set is empty for one that is no variant."""
    base, at, languages = model.rpartition("@")
    return (base, languages) if at else (model, "")


def allot(n: int, sources: Sequence[str]) -> dict[str, int]:
    """Share n sentences among sources: floor(n / s) each, the first n mod s by code one more."""
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
    """Return a path template. The last segment is one that is always there: no model's folder lies within another's."""
    *before, last = (one.segment for one in axes if one.default is None)
    return "".join([*before, *(one.segment for one in axes if one.default is not None), last])


AXES = _list_axes(Run)
TRAINED_AXES = tuple(one for one in AXES if one.trained)
"""Those that a model trained on sources differs by."""
RUN_KEY = tuple(one.name for one in AXES)
"""The columns that name a run in a table."""
TEST_CORPUS, METRIC = "test_corpus", "metric"
"""What a score has beside the axes of its run: the test set, which is named by its task where it is the task's own."""
_TESTED = tuple(name for key in RUN_KEY for name in ((key, TEST_CORPUS) if key == "target" else (key,)))
SCORE_KEY = (*_TESTED, METRIC)
"""The columns that name a score in a table."""
_PLACES = {one.setting: one.name for one in AXES if one.setting} | {3: TEST_CORPUS}
SETTING_KEY = tuple(_PLACES[place] for place in sorted(_PLACES))
"""The columns that name a transfer matrix: all but its sources, its targets and its seeds."""

ADDED_KEY = tuple(name for name in SETTING_KEY if name in [one.name for one in AXES if one.default is not None])
"""Those of them that tables from before may lack."""
GROUP_KEY = tuple(name for name in SETTING_KEY if name not in ("n", "adaptation", "shots"))
"""Those that all runs have in common which an analysis compares with each other."""

RUN_FOLDER = "transfer" + _join_segments(AXES)
"""The template of the folder of a run's record, within the study's."""
TRAINED_FOLDER = "finetuned" + _join_segments(TRAINED_AXES)
"""The template of the folder of a model trained on sources, within the study's."""


def fill_template(template: str, run: Run) -> str:
    """Return a path template with the axes of a run filled in."""
    return template.format(**{one.name: one.write(getattr(run, one.name)) for one in AXES})


def write_flags(axes: Sequence[Axis] = AXES) -> str:
    """Return the flags of a job on some axes, with snakemake's wildcards as values: `--task {wildcards.task:q} ...`."""
    return " ".join(f"--{one.name} {{wildcards.{one.name}:q}}" for one in axes)


def read_run(texts: Mapping[str, str]) -> Run:
    """Return the run whose axes are given as paths and flags have them. Raises ValueError for text that is no value."""
    return Run(**{one.name: one.read(texts[one.name]) for one in AXES})


def complete_identity(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return the identity in a record with the default of every axis that did not exist yet when it was written."""
    return {**{one.name: one.default for one in AXES if one.default is not None}, **run}
