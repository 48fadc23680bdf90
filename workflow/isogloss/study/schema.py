"""The form of a study file: checked against the schema, defaults filled in; and how a complaint names its key.

Defaults stand in the schema alone.
"""

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from isogloss.common.errors import UserError
from isogloss.common.languages import find_language
from isogloss.common.run import AXES

SCHEMA = Path(__file__).parents[2] / "schemas" / "config.schema.yaml"


@cache
def read_schema() -> dict[str, Any]:
    """Return the schema of study files, with a key of a grid for each axis whose values are free."""
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    schema["$defs"]["grid"]["properties"] |= {axis.grid: axis.values for axis in AXES if axis.grid}
    return schema


def check_form(value: Any, schema: dict[str, Any], where: str = "") -> None:
    """Raise a UserError for the first thing in a part of a study file that is not of the schema's form.

    where: the key of the part; empty for a whole study.
    """
    from jsonschema import Draft202012Validator

    whole = {**schema, "$defs": read_schema()["$defs"]}
    errors = sorted(Draft202012Validator(whole).iter_errors(value), key=lambda e: (len(e.path), str(e.path)))
    if errors:
        error = errors[0]
        while error.context:
            error = max(error.context, key=lambda e: len(e.path))
        path = where + "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.absolute_path)
        raise UserError(_describe(error, path.lstrip(".")))


def fill_defaults(value: Any, schema: dict[str, Any]) -> Any:
    """Return `value` with the schema's defaults for the keys that it leaves out, at every depth."""
    if "$ref" in schema:
        schema = {**read_schema()["$defs"][schema["$ref"].rsplit("/", 1)[1]], **schema}
    if "if" in schema:
        schema = schema["then"] if isinstance(value, list) else schema["else"]
        return fill_defaults(value, schema)
    if isinstance(value, list):
        return [fill_defaults(item, schema.get("items", {})) for item in value]
    if not isinstance(value, dict):
        return value
    filled = dict(value)
    for key, part in schema.get("properties", {}).items():
        if key in filled:
            filled[key] = fill_defaults(filled[key], part)
        elif "default" in part:
            filled[key] = fill_defaults(deepcopy(part["default"]), part)
    rest = schema.get("additionalProperties")
    if isinstance(rest, dict):
        named = schema.get("properties", {})
        filled = {k: v if k in named else fill_defaults(v, rest) for k, v in filled.items()}
    return filled


def name_keys_by_text(value: Any) -> Any:
    """YAML reads `20: 12` with a number for a key; JSON and the schema know text keys only."""
    if isinstance(value, dict):
        return {str(key): name_keys_by_text(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [name_keys_by_text(item) for item in value]
    return value


def suggest(name: str, known: Iterable[str]) -> str:
    """Return what to do about a name that is not known, as the end of a complaint."""
    known = list(known)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"choose from {', '.join(known)}" if known else "remove it"


def check_choice(where: str, name: Any, known: Iterable[str], what: str) -> None:
    """Raise a UserError for a name that is not known, and suggest one that is."""
    if name not in known:
        raise UserError(f"config: {where}: unknown {what} {name!r}; {suggest(str(name), known)}")


def check_languages(where: str, codes: Iterable[str], among: Iterable[str] | None = None) -> None:
    """Raise a UserError for a code that is no language, or is not among some."""
    for code in codes:
        with say_where(where):
            find_language(code)
        if among is not None and code not in among:
            raise UserError(f"config: {where}: {code!r} is not among the study's languages; add it there")


@contextmanager
def say_where(key: str) -> Iterator[None]:
    """Put the key of the study file before what a UserError says."""
    try:
        yield
    except UserError as error:
        raise UserError(f"config: {key}: {error}") from None


def _describe(error: Any, path: str) -> str:
    at = f"config: {path}: " if path else "config: "
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = sorted(error.schema.get("properties", {}))
        unknown = next(key for key in error.instance if key not in known)
        return f"{at}unknown key {unknown!r}; " + suggest(unknown, known)
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        return f"{at}the key {missing!r} is missing; add it"
    if error.validator == "type":
        wanted = error.validator_value
        wanted = " or ".join(wanted) if isinstance(wanted, list) else wanted
        hint = ""
        if isinstance(error.instance, str) and wanted in ("number", "integer"):
            hint = " (YAML reads 1e-4 as text: write 1.0e-4)"
        return f"{at}{error.instance!r} is not of type {wanted}; change it{hint}"
    message = " ".join(error.message.split())
    return f"{at}{message}; change it"
