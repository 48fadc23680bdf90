"""A command of the command line. A decorated function becomes one value with its arguments and its call."""

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Argument:
    """A flag or positional argument. settings: further arguments of argparse's add_argument."""

    flag: str
    settings: dict[str, Any]


@dataclass(frozen=True)
class Verb:
    """A command. help: one sentence. call: does the work for the parsed arguments; it imports heavy modules late."""

    name: str
    help: str
    arguments: tuple[Argument, ...]
    call: Callable[[Namespace], None]

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the arguments of this command to a parser."""
        for argument in self.arguments:
            parser.add_argument(argument.flag, **argument.settings)


def verb(*arguments: Argument) -> Callable[[Callable[[Namespace], None]], Verb]:
    """Return a decorator that makes a command of a function: its name with hyphens, with its docstring as help."""

    def make_verb(call: Callable[[Namespace], None]) -> Verb:
        return Verb(call.__name__.replace("_", "-"), call.__doc__, arguments, call)

    return make_verb


def argument(flag: str, kind: Callable[[str], Any] = str, **settings: Any) -> Argument:
    """Return an argument of a command. A flag without a default is required, unless it is a switch (`action`).

    kind: converts the text to the value. settings: further arguments of argparse's add_argument.
    """
    if settings.get("action"):
        return Argument(flag, settings)
    if flag.startswith("--"):
        settings.setdefault("required", "default" not in settings)
    return Argument(flag, {**settings, "type": kind})


def read_json(text: str) -> Any:
    """Return the value of a flag that contains JSON."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ArgumentTypeError(f"not valid JSON ({error})") from None
