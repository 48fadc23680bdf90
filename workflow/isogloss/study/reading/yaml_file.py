"""Read a study file. What YAML would silently read as something else than it says is an error with its line."""

import codecs
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from isogloss.common.errors import UserError

LARGEST = 200_000
"""The maximum size of a study file in bytes. PyYAML takes about a second for this size."""
DEEPEST = 30
"""The maximum number of mappings and lists inside each other."""

_TAG = "tag:yaml.org,2002:"
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_EXPLANATIONS = {
    "found character '\\t' that cannot start any token": "a tab is used as a space; replace it with spaces",
    "but found another document": "a second document begins here (---); write one study in each file",
    f"could not determine a constructor for the tag '{_TAG}value'": "the value is =; put it in quotes",
    "found unhashable key": "the key is a list or a mapping; write a name as key",
}
"""Problem in the words of PyYAML -> what is wrong and what to write."""


def read_config(path: str | Path) -> Any:
    """Return the content of a study file (YAML in UTF-8).

    Raises UserError, with the line, if the file cannot be read, is not valid YAML, repeats a key, contains an alias of
    the value around it, or contains a number that YAML reads differently from how it is written (050 is 40).
    """
    path = Path(path)
    text = _read_text(path)
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        found = f"the character U+{error.character:04X}"
        raise UserError(
            f"{path}:{line}: contains {found}, which YAML does not allow; remove it, or save the file as UTF-8"
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UserError(f"{path}:{mark.line + 1 if mark else 1}: {_explain(error)}") from None


def check_files(paths: Iterable[str | Path]) -> None:
    """Raise UserError for a file that read_config does not accept.

    The workflow calls this for the files that Snakemake has read, because Snakemake accepts repeated keys.
    """
    for path in map(Path, paths):
        if path.is_file():  # a pipe can be read only once
            near = os.path.relpath(path)
            read_config(path if near.startswith(os.pardir) else near)


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise UserError(f"{path}: cannot be read ({reason}); give the path of a study file") from None
    if len(content) > LARGEST:
        raise UserError(f"{path}: is larger than {LARGEST:,} bytes; give the path of a study file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        guess = next((name for mark, name in _BYTE_ORDER_MARKS.items() if content.startswith(mark)), "")
        what = f"is {guess}, not UTF-8" if guess else f"byte 0x{content[error.start]:02x} is not UTF-8"
        raise UserError(f"{path}:{line}: {what}; save the file as UTF-8") from None


def _explain(error: yaml.MarkedYAMLError) -> str:
    """Return what is wrong and what to write."""
    problem = str(error.problem or error.context)
    if isinstance(error, _Refused):
        return problem
    for known, explanation in _EXPLANATIONS.items():
        if known in problem:
            return explanation
    if tag := re.search(rf"constructor for the tag '(?:{_TAG})?(.*)'", problem):
        return f"the tag !!{tag[1]} is not allowed; write a value without a tag"
    return f"not valid YAML ({problem}); correct the file"


class _Refused(yaml.MarkedYAMLError):
    """What _Loader refuses although it is YAML. The problem says what is wrong and what to write."""

    def __init__(self, problem: str, node: yaml.Node | yaml.Event) -> None:
        super().__init__(problem=problem, problem_mark=node.start_mark)


class _Loader(yaml.SafeLoader):
    """The safe loader of PyYAML. It raises _Refused also for what PyYAML would read in silence."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._open: list[str | None] = []

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose a node. Raises _Refused for an alias of a node around it, and for a node that is too deep."""
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            if event.anchor in self._open:
                problem = f"the alias *{event.anchor} is inside its own anchor &{event.anchor}; write the value"
                raise _Refused(problem, event)
            return super().compose_node(parent, index)
        if len(self._open) >= DEEPEST:
            problem = f"more than {DEEPEST} lists and mappings are inside each other; correct the file"
            raise _Refused(problem, event)
        self._open.append(event.anchor)
        node = super().compose_node(parent, index)
        self._open.pop()
        return node

    def compose_scalar_node(self, anchor: str | None) -> yaml.ScalarNode:
        """Compose a scalar. Raises _Refused for a number that is not what it looks like."""
        node = super().compose_scalar_node(anchor)
        if node.tag in (f"{_TAG}int", f"{_TAG}float") and not node.style:
            octal = re.fullmatch(r"[-+]?0[0-7_]+", node.value)
            if octal or ":" in node.value:
                read = "octal" if octal else "base 60"
                problem = f"YAML reads {node.value} as a number in {read}; write it without "
                problem += "the leading 0, or in quotes" if octal else "the colon, or in quotes"
                raise _Refused(problem, node)
        return node

    def compose_mapping_node(self, anchor: str | None) -> yaml.MappingNode:
        """Compose a mapping. Raises _Refused for a repeated key, and for a key that YAML does not read as text."""
        node = super().compose_mapping_node(anchor)
        lines: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            line = key.start_mark.line + 1
            if key.value in lines:
                problem = f"the key {key.value!r} is repeated (first in line {lines[key.value]}); keep one of them"
                raise _Refused(problem, key)
            lines[key.value] = line
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Construct a value. Raises _Refused for a date or a number that Python cannot represent."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError):
            problem = f"{node.value[:30]!r} is not a valid date or number; correct it or put it in quotes"
            raise _Refused(problem, node) from None
