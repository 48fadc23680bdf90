"""The schema of study files, and forms: parts of a study file that follow it and have its defaults.

The entries that a study uses extend the schema: a corpus adds its options, and a family adds its recipe. The entries
can be part of isogloss or of installed packages.
"""

import math
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from isogloss.common.errors import UserError
from isogloss.common.languages import find_language
from isogloss.common.registry import Entry, Form, Registry
from isogloss.common.run import AXES
from isogloss.corpora import CORPORA
from isogloss.families import FAMILIES
from isogloss.families.adaptations import ADAPTATIONS
from isogloss.study.reading.messages import describe_error, suggest_name
from isogloss.study.reading.overrides import Override, read_override

_QUICK = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The loader for schemas, which takes a tenth of the time if PyYAML has libyaml."""

SCHEMA = Path(__file__).with_name("config.schema.yaml")


def read_schema(study: Any = None) -> dict[str, Any]:
    """Return the schema of study files with the corpus options and family recipes of isogloss itself.

    study: the raw study, valid or not. The options of the package corpora that it uses are added to the schema. Raises
    UserError if such a corpus cannot be used.
    """
    schema = _read_own()
    named = {name: where for where, name in _list_corpora(study) if name in CORPORA and name not in CORPORA.own}
    if not named:
        return schema
    options = {name: read_form(CORPORA, where, name, "options") for name, where in named.items()}
    corpus = schema["$defs"]["corpus"]
    corpus = {**corpus, "properties": {**corpus["properties"], **options}}
    return {**schema, "$defs": {**schema["$defs"], "corpus": corpus}}


def read_recipe(where: str, family: str, adaptations: Iterable[str] = ()) -> dict[str, Any]:
    """Return the schema of the recipe of a family, including the keys that adaptations add to it.

    where: the config key that names the family. adaptations: the adaptations of the study; those of isogloss are always
    included.
    """
    form = read_form(FAMILIES, where, family, "recipe")
    added = {
        key: part
        for name in dict.fromkeys([*ADAPTATIONS, *adaptations])
        for key, part in ADAPTATIONS[name].recipe.items()
    }
    return {**form, "properties": {**form.get("properties", {}), **added}}


@cache
def list_training_keys(family: str) -> frozenset[str]:
    """Return the recipe keys of a family that do not affect prediction, that is, those marked `training: true`."""
    form = read_form(FAMILIES, "family", family, "recipe")
    return frozenset(key for key, part in form.get("properties", {}).items() if part.get("training"))


def read_form(registry: Registry, where: str, name: str, part: str) -> dict[str, Any]:
    """Return the JSON schema that is a part of an entry. Raises UserError if a package defines an invalid schema.

    where: the config key that names the entry.
    """
    form = getattr(find_entry(where, registry, name), part)
    if name in registry.own:
        return _read_yaml(form)
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        form = _read_yaml(form)
        Draft202012Validator.check_schema(form)
    except (OSError, TypeError, ValueError, yaml.YAMLError, SchemaError) as error:
        reason = str(getattr(error, "message", error)).strip().split("\n", 1)[0]
        raise UserError(
            f"config: {where}: package {registry.find_package(name)}: the {part} of its {registry.what} {name!r} "
            f"is not a valid JSON schema ({reason}); correct the package"
        ) from None
    return form


def find_entry(where: str, registry: Registry[Entry], name: Any) -> Entry:
    """Return the entry that a config key names.

    Raises UserError with the key if the entry is unknown or its package cannot be used.
    """
    check_choice(where, name, registry.list_names(), registry.what)
    with say_where(where):
        registry.refuse_taken(name)
        return registry.find(name)


def complete_form(value: Any, schema: Mapping[str, Any], where: str = "") -> Any:
    """Return a value with the schema's defaults for missing keys, and with each Override in the type of the schema.

    where: the key of the value, empty for a whole study. Raises UserError for the first invalid key.
    """
    schema = {"$defs": _read_own()["$defs"], **schema}
    form = _fill(value, schema, schema["$defs"])
    errors = sorted(_make_validator()(schema).iter_errors(form), key=lambda e: (len(e.path), str(e.path)))
    if errors:
        raise UserError(describe_error(errors[0], where))
    return form


def check_choice(where: str, name: Any, known: Iterable[str], what: str) -> None:
    """Raise UserError if a name is not among the known names; the message suggests the most similar one."""
    if name not in known:
        raise UserError(f"config: {where}: unknown {what} {name!r}; {suggest_name(str(name), known)}")


def check_languages(where: str, codes: Iterable[str], known: Container[str], among: bool = False) -> None:
    """Raise UserError if a code is not that of a language.

    known: the languages of the study, which can have codes of their own. among: whether a code must be one of them.
    """
    for code in codes:
        if code in known:
            continue
        with say_where(where):
            find_language(code)
        if among:
            raise UserError(f"config: {where}: {code!r} is not among the study's languages; add it to `languages`")


@contextmanager
def say_where(key: str) -> Iterator[None]:
    """Add the config key to the message of a UserError."""
    try:
        yield
    except UserError as error:
        raise UserError(f"config: {key}: {error}") from None


@cache
def _read_own() -> dict[str, Any]:
    schema = _read_yaml(SCHEMA)
    options = {f"corpus-{name}": _read_yaml(entry.options) for name, entry in CORPORA.own.items()}
    recipes = {f"recipe-{name}": _read_yaml(entry.recipe) for name, entry in FAMILIES.own.items()}
    corpus = {name: {"$ref": f"#/$defs/corpus-{name}"} for name in CORPORA.own}
    corpus = {**schema["$defs"]["corpus"], "properties": corpus}
    grid = schema["$defs"]["grid"]
    grid = {**grid, "properties": {**grid["properties"], **{axis.grid: axis.values for axis in AXES if axis.grid}}}
    return {**schema, "$defs": {**schema["$defs"], **options, **recipes, "corpus": corpus, "grid": grid}}


def _read_yaml(form: Form) -> dict[str, Any]:
    return _read_file(form) if isinstance(form, Path) else dict(form)


@cache
def _read_file(path: Path) -> dict[str, Any]:
    return dict(yaml.load(path.read_text(encoding="utf-8"), Loader=_QUICK))


def _list_corpora(study: Any) -> Iterator[tuple[str, str]]:
    """Yield the config key and the name of each corpus in a raw study; skip parts that do not have the right form."""
    tasks = study.get("tasks") if isinstance(study, dict) else None
    for task, spec in tasks.items() if isinstance(tasks, dict) else ():
        spec = spec if isinstance(spec, dict) else {}
        tests = spec.get("test_corpora")
        named = {f"tasks.{task}.corpus": spec.get("corpus")}
        named |= (
            {f"tasks.{task}.test_corpora.{test}": c for test, c in tests.items()} if isinstance(tests, dict) else {}
        )
        for where, corpus in named.items():
            yield from ((where, name) for name in corpus) if isinstance(corpus, dict) else ()


@cache
def _make_validator() -> type:
    """Return the class of validators for JSON schemas, in which 40.0 is no integer and infinity is no number."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    types = {
        "integer": lambda checker, value: isinstance(value, int) and not isinstance(value, bool),
        "number": lambda checker, value: (
            isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        ),
    }
    return extend(Draft202012Validator, type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(types))


def _fill(value: Any, schema: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    if "$ref" in schema:
        schema = {**known[schema["$ref"].rsplit("/", 1)[1]], **schema}
    if isinstance(value, Override):
        value = read_override(value, schema)
    if "if" in schema:
        return _fill(value, schema["then"] if isinstance(value, list) else schema["else"], known)
    if isinstance(value, list):
        return [_fill(item, schema.get("items", {}), known) for item in value]
    if not isinstance(value, dict):
        return value
    filled = dict(value)
    for key, part in schema.get("properties", {}).items():
        if key in filled:
            filled[key] = _fill(filled[key], part, known)
        elif "default" in part:
            filled[key] = _fill(deepcopy(part["default"]), part, known)
    rest = schema.get("additionalProperties")
    if isinstance(rest, dict):
        named = schema.get("properties", {})
        filled = {k: v if k in named else _fill(v, rest, known) for k, v in filled.items()}
    return filled
