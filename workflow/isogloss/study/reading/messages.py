"""Messages for values in a study file that do not follow the schema."""

import difflib
import itertools
import math
from collections.abc import Iterable
from datetime import date
from typing import Any

from isogloss.study.reading.plain import shorten

_TYPES = {
    "object": "a mapping of keys to values",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "a boolean (true or false)",
}
"""Type in a JSON schema -> its name in error messages."""
_PATTERNS = {
    r"^[A-Za-z0-9][A-Za-z0-9_.-]*$": "a name of letters, digits and _ . - that starts with a letter or digit",
    r"^[A-Za-z0-9][A-Za-z0-9_.@+-]*$": "a name of letters, digits and _ . @ + - that starts with a letter or digit",
    r"^[1-9][0-9]*$": "a whole number of 1 or more",
    r"^[\w.-]+(/[\w.-]+)?$": "the id of a model on the hub, such as google/mt5-small",
    r"^[A-Za-z0-9][A-Za-z0-9_./@+-]*$": "a branch, a tag or a commit",
}
"""Pattern in the schemas of isogloss -> its description in error messages."""
_WORD = "^max$"
"""Pattern of a value that is a number or this word, which messages about other values need not name."""
_OF_TASK = ("labels", "map", "normal_form", "max_length")
"""Keys of a task that users write under its corpus."""
_LANGUAGES = ("languages", "targets", "sources", "strategies", "cases")
"""Config keys whose values are language codes."""
_ROOM = 150
"""The maximum number of characters of a list of known names."""


def describe_error(error: Any, where: str) -> str:
    """Return the message for an error of jsonschema. where: the key of the checked value, empty for a whole study."""
    while error.context:
        error = max(error.context, key=lambda one: len(one.path))
    path = where + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    path = path.lstrip(".")
    return f"config: {path}: {_explain(error, path)}" if path else f"config: {_explain(error, path)}"


def suggest_name(name: str, known: Iterable[str]) -> str:
    """Return what to write in place of an unknown name: the most similar known name, or one of all of them."""
    known = list(known)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    if not known:
        return "remove it"
    shown = list(itertools.takewhile(lambda one: one <= _ROOM, itertools.accumulate(len(one) + 2 for one in known)))
    rest = len(known) - len(shown)
    return f"choose from {', '.join(known[: len(shown)])}" + (f" and {rest} others" if rest else "")


def _explain(error: Any, path: str) -> str:
    """Return what is wrong with the value at a key and what to do."""
    wanted, value = error.validator_value, error.instance
    shown = shorten(value)
    match error.validator:
        case "additionalProperties" if isinstance(value, dict):
            known = sorted(error.schema.get("properties", {}))
            unknown = next(key for key in value if key not in known)
            if unknown in _OF_TASK and path.startswith("tasks.") and path.count(".") > 1:
                return f"{unknown} is a key of the task; write it next to `kind` and `corpus`"
            return f"unknown key {shorten(unknown)}; {suggest_name(unknown, known)}"
        case "required":
            missing = next(key for key in wanted if key not in value)
            return f"the key {missing!r} is missing; add it"
        case "type" | "pattern" if error.schema.get("pattern") == _WORD:
            return _explain_type(value, [one for one in error.schema["type"] if one != "string"], path)
        case "type":
            return _explain_type(value, [wanted] if isinstance(wanted, str) else wanted, path)
        case "pattern" if wanted in _PATTERNS:
            return f"{shown} is not {_PATTERNS[wanted]}; correct it"
        case "const" if error.parent is not None:
            return f"{shown} is not {wanted!r} or a list of at least one value; write {wanted} or {_list(value)}"
        case "minimum":
            return f"{shown} is less than the minimum of {wanted}; write {wanted} or more"
        case "maximum":
            return f"{shown} is greater than the maximum of {wanted}; write {wanted} or less"
        case "exclusiveMinimum":
            return f"{shown} is not greater than {wanted}; write a greater number"
        case "exclusiveMaximum":
            return f"{shown} is not less than {wanted}; write a smaller number"
        case "maxLength":
            return f"{shown} has {len(value)} characters; shorten it to at most {wanted}"
        case "maxProperties":
            return (
                f"has the {len(value)} keys {', '.join(map(shorten, list(value)[:5]))}; keep at most {wanted} of them"
            )
        case "minItems" | "minLength" | "minProperties" if wanted == 1:
            return f"{shown} is empty; give at least one value"
        case "uniqueItems":
            return f"{shown} contains duplicates; remove them"
    return f"{' '.join(error.message.split())}; correct the value"


def _explain_type(value: Any, wanted: list[str], path: str) -> str:
    names = " or ".join(_TYPES.get(one, one) for one in wanted)
    shown = shorten(value)
    if isinstance(value, bool) and any(key in path for key in _LANGUAGES):
        code = '"no" in quotes for Norwegian' if value is False else "the code of the language in quotes"
        said = "no, off or false" if value is False else "yes, on or true"
        return f"{shown} is not a language code; write {code} (YAML reads an unquoted {said} as {shown})"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{shown} is not a finite number; write a number"
    return f"{shown} is not {names}; {_advise(value, wanted)}"


def _advise(value: Any, wanted: list[str]) -> str:
    """Return what to write in place of a value of another type."""
    if "string" in wanted and isinstance(value, bool | int | float | date):
        said = " (YAML reads an unquoted yes or no as a boolean)" if isinstance(value, bool) else ""
        return f"write it in quotes{said}"
    if isinstance(value, str) and "boolean" in wanted:
        return "write true or false without quotes"
    if isinstance(value, str | bool | float) and {"integer", "number"} & set(wanted):
        return f"write {_write_number(str(value), 'number' not in wanted)}"
    return f"write {_list(value)}" if "array" in wanted else "correct the value"


def _write_number(text: str, whole: bool) -> str:
    """Return how to write a number that YAML reads as text, such as '40' and 1e-4; whole: if it must be an integer."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    mantissa, exponent, power = repr(number).partition("e")
    if number.is_integer() and not exponent:
        return str(int(number))
    if whole or not math.isfinite(number):
        return "a whole number" if whole else "a number"
    return f"{mantissa}{'' if '.' in mantissa else '.0'}{exponent}{power}"


def _list(value: Any) -> str:
    """Return how to write a value as a list."""
    fits = isinstance(value, str | int) and not isinstance(value, bool)
    return f"[{value}]" if fits and 0 < len(str(value)) < 60 else "a list such as [a, b]"
