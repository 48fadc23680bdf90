"""The definition of a corpus: a value that connects the options in a study file with functions that read examples."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from isogloss.common.registry import Form, name_part


@dataclass(frozen=True)
class Loaded:
    """Examples of a corpus in one language.

    splits: split -> examples. changes: split -> what was left out or corrected while reading, by reason -> count.
    """

    splits: dict[str, list[Any]]
    changes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """What a check found in one language. train: number of training examples that the audit leaves; None if it is not
    yet known. notes: sentences about what a user should know, such as counts of what was left out."""

    train: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Corpus:
    """The interface of a corpus. `load` and `download` are given as `module:function` and are called by jobs.

    The first argument of every function is the value of `options`: what the config has under the corpus's name.
    annotation: the kind of the task and its labels (isogloss.common.annotation.Annotation). `splits` is either train,
    validation and test (the default), or test alone.

    load(options, language, annotation, splits=SPLITS): return a Loaded. `load` and `check` raise UserError for a kind
    of task that the corpus does not support.
    check(options, languages, annotation, cache=None, splits=SPLITS): raise UserError, before the first job, for every
    error that can be found by then. Return language -> Found. cache: a JSON file in which the corpus may store the
    result of a check.
    files(options, language, splits=SPLITS): return the paths that `load` reads.
    notice: a sentence that is printed wherever scores on this corpus are shown; empty for none.
    covers(options, languages): return the languages that the corpus has. Default: all of them.
    tests_only(options, languages): return the languages of which the corpus has only a test split. They are targets
    without shots, and never sources. Default: none.
    found: whether the corpus is a given collection. If True, the task leaves out the languages that the corpus does not
    have. If False, such a language is an error.
    complete(options, where): return the options with default values that the corpus knows. Raise UserError, beginning
    with the config key `where`, if an option cannot be completed.
    download(options, language, splits, out, kind): download the corpus for a kind of task into the folder `out`, in a
    separate job. `load` then
    finds this folder in its options under `folder`. describe(options): return fields to add to the audit.
    options: JSON schema of the options. version: increased when the same options produce different examples, so that
    the corpus is rebuilt.
    """

    load: str = name_part()
    check: Callable
    files: Callable
    notice: str = ""
    covers: Callable = lambda options, languages: list(languages)
    tests_only: Callable = lambda options, languages: []
    complete: Callable = lambda options, where: options
    found: bool = False
    download: str = name_part("")
    describe: Callable = lambda options: {}
    options: Form = field(default_factory=dict)
    version: int = 1
