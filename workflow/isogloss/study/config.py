"""Parse a study file into a Study: check it against the schema, then check what a schema cannot express.

Every error is a UserError that names the config key.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from isogloss.analysis.contents import STATISTICS, choose_statistics
from isogloss.common.annotation import NOTHING, Annotation
from isogloss.common.errors import UserError
from isogloss.common.facts import list_like
from isogloss.common.languages import LOW_RESOURCE
from isogloss.corpora import CORPORA
from isogloss.features import FEATURES, NO_NAMES, list_statistics
from isogloss.figures.contents import FIGURES, choose_figures
from isogloss.study.grid import Grid, freeze
from isogloss.study.languages import parse_languages
from isogloss.study.models import parse_models
from isogloss.study.pretraining import expand_models
from isogloss.study.reading.plain import make_plain
from isogloss.study.reading.schema import (
    check_choice,
    complete_form,
    find_entry,
    read_schema,
    say_where,
)
from isogloss.study.transfer import describe_repeats, list_adaptations, parse_grids
from isogloss.study.values import Analysis, CorpusChoice, DeclaredModel, Primary, Study, StudyTask
from isogloss.tasks import TASKS, find_task

Form = Mapping[str, Any]
"""A part of a study file that was checked against the schema and has its defaults filled in."""


def parse_study(raw: Any) -> Study:
    """Return the study in a file, given as read_config returns it. Raises UserError for the first invalid key.

    This checks only the languages of corpora. isogloss.study.check reads their files.
    """
    if not isinstance(raw, dict) or not raw:
        raise UserError("config: contains no keys; add the keys study, languages, tasks, models and transfer")
    form = make_plain(raw)
    form = complete_form(form, read_schema(form))
    languages, facts = parse_languages(form["languages"])
    corpora = {name: _parse_corpora(name, task) for name, task in form["tasks"].items()}
    kinds = {name: task["kind"] for name, task in form["tasks"].items()}
    entries = form["transfer"] if isinstance(form["transfer"], list) else [form["transfer"]]
    adaptations = list_adaptations(entries)
    declared = parse_models(form["models"], form["training"], kinds, languages, adaptations)
    grids = parse_grids(entries, kinds, declared, languages)
    features = tuple(form["features"])
    _check_features(features)
    analysis = _parse_analysis(form["analysis"], kinds, declared, grids, features)
    tasks = _parse_tasks(form["tasks"], corpora, languages, declared.values())
    models, grids = expand_models(declared, grids, tasks, languages, list_like(facts), analysis.primary)
    return Study(
        name=form["study"],
        languages=languages,
        facts=MappingProxyType(facts),
        tasks=MappingProxyType(tasks),
        models=MappingProxyType(models),
        grids=tuple(grids),
        features=features,
        keep_adapted=form["keep_adapted"],
        analysis=analysis,
        notes=describe_repeats(entries),
    )


def _check_features(names: tuple[str, ...]) -> None:
    for name in names:
        feature = find_entry("features", FEATURES, name)
        if name in FEATURES.own:
            raise UserError(f"config: features: {name} is always computed; remove it from the list")
        package = f"config: features: package {FEATURES.find_package(name)}"
        if not feature.compute:
            raise UserError(f"{package}: its feature {name!r} has no compute; correct the package")
        if name in NO_NAMES or not name.isidentifier() or name.endswith("_imputed"):
            raise UserError(f"{package}: {name!r} is not a valid name for a feature; rename it in the package")


def _parse_corpora(name: str, task: Form) -> tuple[CorpusChoice, Mapping[str, CorpusChoice]]:
    """Return the corpus of a task and its test corpora by name."""
    find_entry(f"tasks.{name}.kind", TASKS, task["kind"])
    own = _parse_corpus(f"tasks.{name}.corpus", task["corpus"])
    tests = {
        test: _parse_corpus(f"tasks.{name}.test_corpora.{test}", one) for test, one in task["test_corpora"].items()
    }
    if name in tests:
        raise UserError(
            f"config: tasks.{name}.test_corpora.{name}: the task's own test set has this name; choose another name"
        )
    return own, MappingProxyType(tests)


def _parse_corpus(where: str, entry: Form) -> CorpusChoice:
    ((name, options),) = entry.items()
    corpus = find_entry(where, CORPORA, name)
    return CorpusChoice(name, freeze(corpus.complete(options, f"config: {where}.{name}")))


def _parse_tasks(
    entries: Mapping[str, Form],
    corpora: Mapping[str, tuple[CorpusChoice, Mapping[str, CorpusChoice]]],
    languages: tuple[str, ...],
    models: Iterable[DeclaredModel],
) -> dict[str, StudyTask]:
    """Return the tasks, each with its languages among those of the study and of the models.

    An existing corpus (Corpus.found) can lack languages, so a task can have fewer languages than the study. Raises
    UserError if a corpus or a test corpus contains none of the study's languages.
    """
    named = tuple(dict.fromkeys([*languages, *(code for model in models for code in model.languages)]))
    tasks = {}
    for name, entry in entries.items():
        own, tests = corpora[name]
        labels, mapped = _parse_labels(name, entry)
        covered = {
            test: _cover(choice, languages, f"test_corpora.{test}", entry, name) for test, choice in tests.items()
        }
        available, tests_only = named, ()
        if own.corpus.found:
            available = tuple(own.corpus.covers(own.options, named))
            tests_only = tuple(own.corpus.tests_only(own.options, available))
            if not set(available) & set(languages):
                own.corpus.check(own.options, languages, Annotation(entry["kind"], labels, mapped))
                _refuse_without(f"tasks.{name}.corpus", languages)
            available = tuple(code for code in available if code not in tests_only)
        tested = {*tests_only, *(code for codes in covered.values() for code in codes)}
        tasks[name] = StudyTask(
            name=name,
            kind=entry["kind"],
            labels=labels,
            map=mapped,
            corpus=own,
            test_corpora=tests,
            max_length=entry.get("max_length"),
            normal_form=entry["normal_form"],
            tests_only=tuple(code for code in languages if code in tests_only),
            languages=tuple(code for code in languages if code in available),
            available=available,
            test_languages=MappingProxyType(covered),
            tested=tuple(code for code in languages if code in available or code in tested),
        )
    return tasks


def _parse_labels(name: str, entry: Form) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Return the labels of a task, empty for the usual ones of its kind, and the translation of labels in its files."""
    with say_where(f"tasks.{name}.labels"):
        task = find_task(entry["kind"], entry.get("labels", ()))
    if entry["map"] and not task.labels:
        raise UserError(f"config: tasks.{name}.map: kind {entry['kind']} has no labels; remove this key")
    named = task.names or task.labels
    # A word without an entity is O, and an example without a label is dropped. Parts of speech have neither.
    unused = [] if task.tagging and NOTHING not in task.labels else [NOTHING]
    for found, label in entry["map"].items():
        if label not in (*named, *task.labels, *unused):
            left_out = f", or {NOTHING} if the label is not used" if unused else ""
            more = ", or add it to `labels`" if task.relabel and label != NOTHING else ""
            raise UserError(
                f"config: tasks.{name}.map.{found}: {label!r} is not a label of this task; write one of "
                f"{' '.join(named)}{left_out}{more}"
            )
    return () if task is TASKS[entry["kind"]] else task.names, MappingProxyType(dict(entry["map"]))


def _cover(choice: CorpusChoice, languages: tuple[str, ...], part: str, entry: Form, task: str) -> tuple[str, ...]:
    covered = tuple(choice.corpus.covers(choice.options, languages))
    if not covered:
        _refuse_without(f"tasks.{task}.{part}", languages)
    return covered


def _refuse_without(where: str, languages: Iterable[str]) -> None:
    raise UserError(f"config: {where}: this corpus has none of the languages {' '.join(languages)}; remove it")


def _parse_analysis(
    form: Form,
    kinds: Mapping[str, str],
    models: Mapping[str, DeclaredModel],
    grids: Iterable[Grid],
    features: tuple[str, ...],
) -> Analysis:
    targets = {target for grid in grids for target in grid.targets}
    cases = tuple(form.get("cases", [code for code in LOW_RESOURCE if code in targets]))
    for code in cases:
        check_choice("analysis.cases", code, sorted(targets), "target")
    families = sorted({model.family for model in models.values()})
    if form["language_model"] and not any(model.entry.statistics for model in models.values()):
        raise UserError(
            f"config: analysis.language_model: no model of this study has a language model (its families: "
            f"{', '.join(families)}); remove this key, or add a text-to-text model or an encoder"
        )
    for name in form["statistics"]:
        find_entry("analysis.statistics", STATISTICS, name)
    with say_where("analysis.statistics"):
        choose_statistics(form["statistics"])
    for name in form["figures"]:
        find_entry("analysis.figures", FIGURES, name)
    with say_where("analysis.figures"):
        choose_figures(form["figures"])
    return Analysis(
        primary=_parse_primary(form, kinds, models, grids, features),
        permutations=form["permutations"],
        language_model=form["language_model"],
        cases=cases,
        statistics=tuple(form["statistics"]),
        figures=tuple(form["figures"]),
    )


def _parse_primary(
    form: Form,
    kinds: Mapping[str, str],
    models: Mapping[str, DeclaredModel],
    grids: Iterable[Grid],
    features: tuple[str, ...],
) -> Primary | None:
    if "primary" not in form:
        return None
    primary = Primary(**form["primary"])
    check_choice("analysis.primary.task", primary.task, kinds, "task")
    check_choice("analysis.primary.model", primary.model, models, "model")
    known = [*FEATURES, *features]
    if form["language_model"] and models[primary.model].entry.statistics:
        known += list_statistics()
    check_choice("analysis.primary.feature", primary.feature, known, "feature")
    shots = {k for grid in grids if primary.model in grid.models for k in grid.shots}
    if primary.shots not in shots:
        raise UserError(
            f"config: analysis.primary.shots: no run of {primary.model} has {primary.shots} shots; "
            f"choose from {', '.join(map(str, sorted(shots)))}"
        )
    return primary
