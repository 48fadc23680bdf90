"""A verb of the command line: its arguments and its call as one value, made by decorating the call."""

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Argument:
    """A flag or positional argument. settings: what argparse's add_argument takes beside the flag."""

    flag: str
    settings: dict[str, Any]


@dataclass(frozen=True)
class Verb:
    """A verb. help: one sentence. call: does the work with the parsed arguments; imports what it needs when called."""

    name: str
    help: str
    arguments: tuple[Argument, ...]
    call: Callable[[Namespace], None]

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Give a parser the arguments of this verb."""
        for argument in self.arguments:
            parser.add_argument(argument.flag, **argument.settings)


def verb(*arguments: Argument) -> Callable[[Callable[[Namespace], None]], Verb]:
    """Make a verb of a function: its name with hyphens, and its docstring as help."""

    def make_verb(call: Callable[[Namespace], None]) -> Verb:
        return Verb(call.__name__.replace("_", "-"), call.__doc__, arguments, call)

    return make_verb


def argument(flag: str, kind: Callable[[str], Any] = str, **settings: Any) -> Argument:
    """Describe an argument of a verb. A flag without a default is required, unless it is a switch (`action`).

    kind: turns the text into the value; settings: further ones of argparse's add_argument.
    """
    if settings.get("action"):
        return Argument(flag, settings)
    if flag.startswith("--"):
        settings.setdefault("required", "default" not in settings)
    return Argument(flag, {**settings, "type": kind})


def read_json(text: str) -> Any:
    """Read the value of a flag that takes JSON."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ArgumentTypeError(f"not JSON ({error})") from None
