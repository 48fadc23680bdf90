"""Make the content of a study file plain: text as keys, text without control characters, lists, limited depth."""

import itertools
import re
from collections.abc import Iterator
from typing import Any

from isogloss.common.errors import UserError
from isogloss.study.reading.yaml_file import DEEPEST

MOST = 100_000
"""The maximum number of values in a study, where an alias counts as often as it is used."""
IGNORED = "x-"
"""How a key of a study begins that is ignored: a place for values that are used elsewhere with an alias."""

LARGEST_NUMBER = 10**18
"""The largest whole number in a study. Larger ones do not fit into the integers of numpy and torch."""

_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def make_plain(raw: dict) -> dict[str, Any]:
    """Return a raw study with text as keys and lists in place of tuples, without the keys that begin with `x-`.

    YAML reads `20: 12` with a number as key, but JSON and schemas need text. Raises UserError, with the config key, for
    a key that is neither text nor a whole number, two keys with the same text, a control character in a text, a huge
    whole number, and too many or too deep values.
    """
    used = {key: value for key, value in raw.items() if not str(key).startswith(IGNORED)}
    return _walk(used, "", 1, itertools.count())


def _walk(value: Any, where: str, depth: int, count: Iterator[int]) -> Any:
    if depth > DEEPEST or next(count) > MOST:
        problem = f"more than {DEEPEST} levels deep" if depth > DEEPEST else f"more than {MOST:,} values"
        raise UserError(f"config: {where[:60]}: {problem}, perhaps because of aliases (*); write fewer values")
    if isinstance(value, dict):
        named: dict[str, Any] = {}
        for key, item in value.items():
            text = _name_key(key, where)
            if text in named:
                raise UserError(f"config: {_join(where, text)}: this key is repeated; keep one of them")
            named[text] = _walk(item, _join(where, text), depth + 1, count)
        return named
    if isinstance(value, list | tuple):
        return [_walk(item, f"{where}[{place}]", depth + 1, count) for place, item in enumerate(value)]
    if isinstance(value, str):
        _check_text(value, f"config: {where}: {shorten(value)}")
    elif isinstance(value, int):
        _check_size(value, f"config: {where}: ")
    return value


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _name_key(key: Any, where: str) -> str:
    at = f"config: {where}: " if where else "config: "
    if isinstance(key, bool) or not isinstance(key, str | int):
        said = " (YAML reads an unquoted on, yes, no or off so)" if isinstance(key, bool) else ""
        whole = isinstance(key, float) and key.is_integer()
        advice = f"write {int(key)}" if whole else "put it in quotes"
        raise UserError(f"{at}the key {shorten(key)} is not text{said}; {advice}")
    if isinstance(key, int):
        _check_size(key, at)
    text = str(key)
    _check_text(text, f"{at}the key {shorten(text)}")
    return text


def _check_text(text: str, where: str) -> None:
    if found := _CONTROL.search(text):
        broken = found[0] in "\n\r"
        what = "a line break; write it in one line" if broken else f"the character U+{ord(found[0]):04X}; remove it"
        raise UserError(f"{where} contains {what}")


def _check_size(number: int, where: str) -> None:
    if abs(number) > LARGEST_NUMBER:
        raise UserError(f"{where}the number has more than 18 digits; write a smaller number")


def shorten(value: Any) -> str:
    """Return a value as a message shows it: as YAML writes it, at most 60 characters, without control characters."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = repr(value) if isinstance(value, str | int | float | list | dict) else str(value)
    return text if len(text) <= 60 else f"{text[:40]}...{text[-17:]}"
