"""Registries: light values by name, ours and those of installed packages; their heavy parts are loaded late, by name.

An installed package offers an entry by an entry point of its own (`[project.entry-points."isogloss.families"]`,
`NAME = "module:ENTRY"`). A package is imported when a study names its entry, and never before.
"""

import dataclasses
import functools
import importlib
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, TypeVar

from isogloss.common.errors import UserError

Entry = TypeVar("Entry")
Form = Mapping[str, Any] | Path
"""A part of an entry that is a JSON schema: the schema itself, or a YAML file that holds it."""
OURS = "isogloss"
"""The package of our own entries."""
FORMS = {"module:function": re.compile(r"\w+(\.\w+)*:\w+"), "module": re.compile(r"\w+(\.\w+)*")}
"""The forms in which an entry names its heavy parts."""


def name_part(default: Any = dataclasses.MISSING, form: str = "module:function") -> Any:
    """Return the dataclass field of an entry that names a heavy part; default: "" where an entry can lack the part."""
    return dataclasses.field(default=default, metadata={"form": form})


def load_part(reference: str) -> Any:
    """Import and return the part named `module:function`; a UserError names a reference that cannot be loaded."""
    module, _, name = reference.partition(":")
    return getattr(load_module(module, [name]), name)


def load_module(reference: str, parts: Sequence[str] = ()) -> ModuleType:
    """Import and return a module that has `parts`; a UserError names one that cannot be imported or lacks a part."""
    try:
        module = importlib.import_module(reference)
    except (Exception, SystemExit) as error:
        raise UserError(
            f"{reference}{_tell_package(reference)} cannot be imported ({_quote(error)}); correct or reinstall it"
        ) from error
    for part in parts:
        if not hasattr(module, part):
            raise UserError(f"{reference}:{part}{_tell_package(reference)} does not exist; correct the reference to it")
    return module


@dataclass(frozen=True)
class Registry(Generic[Entry]):
    """Entries of one class by name.

    what: an entry in a word, for messages. group: of the entry points by which packages offer entries. entry: the
    dataclass of entries. own: our own entries, which a package cannot replace.

    `name in registry` holds for our own names and for those that a package offers. `registry[name]` is `find(name)`.
    Iteration is over our own names.
    """

    what: str
    group: str
    entry: type[Entry]
    own: dict[str, Entry]

    def find(self, name: str) -> Entry:
        """Return an entry; a package that offers it is imported now.

        A UserError names an unknown entry, or the package whose entry cannot be used, and says why.
        """
        if name in self.own:
            return self.own[name]
        offers = self._list_offers().get(name)
        if offers is None:
            raise UserError(f"unknown {self.what} {name!r}: known are {' '.join(self.list_names())}")
        self.refuse_taken(name)
        return _load(offers[0], self.what, self.entry)

    def list_names(self) -> list[str]:
        """Return our own names and those that packages offer; none is imported."""
        return [*self.own, *sorted(self._list_offers().keys() - self.own.keys())]

    def find_package(self, name: str) -> str:
        """Return the name of the distribution that an entry comes from."""
        return OURS if name in self.own else self._list_offers()[name][0].package

    def describe(self, name: str) -> dict[str, str | int]:
        """Return what recipes and records say of an entry: its name, package and version. Another is another recipe."""
        return {"name": name, "package": self.find_package(name), "version": self.find(name).version}

    def refuse_taken(self, name: str) -> None:
        """Raise a UserError where a package offers a name that is ours, or two packages offer one name."""
        packages = [offer.package for offer in self._list_offers().get(name, [])]
        if name in self.own and packages:
            raise UserError(
                f"package {packages[0]}: its {self.what} {name!r} has the name of one of {OURS}; "
                "rename it there, or uninstall the package"
            )
        if len(packages) > 1:
            raise UserError(
                f"packages {' and '.join(packages)}: each offers a {self.what} {name!r}; uninstall one of them"
            )

    def _list_offers(self) -> "dict[str, list[_Offer]]":
        return _read_offers(tuple(sys.path)).get(self.group, {})

    def __getitem__(self, name: str) -> Entry:
        return self.find(name)

    def __contains__(self, name: object) -> bool:
        return name in self.own or name in self._list_offers()

    def __iter__(self) -> Iterator[str]:
        return iter(self.own)

    def __len__(self) -> int:
        return len(self.own)


@dataclass(frozen=True)
class _Offer:
    """An entry point of an installed package. reference: `module:entry`."""

    package: str
    name: str
    reference: str


@functools.cache
def _read_offers(path: tuple[str, ...]) -> dict[str, dict[str, list[_Offer]]]:
    """Return group -> name -> what the packages on `path` offer; a package that cannot be read offers nothing."""
    from importlib.metadata import distributions

    groups: dict[str, dict[str, list[_Offer]]] = {}
    seen = set()
    for distribution in distributions(path=list(path)):
        try:
            if f"[{OURS}." not in (distribution.read_text("entry_points.txt") or ""):
                continue
            package, points = distribution.name, distribution.entry_points
        except Exception:  # another package's fault, which is no error of a study
            continue
        if package in seen:  # the first on the path is the one that is imported
            continue
        seen.add(package)
        for point in points:
            offer = _Offer(package, point.name, point.value)
            groups.setdefault(point.group, {}).setdefault(point.name, []).append(offer)
    return groups


@functools.cache
def _load(offer: _Offer, what: str, kind: type[Entry]) -> Entry:
    where = f"package {offer.package}: {what} {offer.name!r} ({offer.reference})"
    module, _, name = offer.reference.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (Exception, SystemExit) as error:
        raise UserError(
            f"{where} cannot be imported ({_quote(error)}); correct or reinstall the package, or do not name it"
        ) from error
    if not isinstance(found, kind):
        raise UserError(
            f"{where} is a {type(found).__name__}, not a {kind.__module__}.{kind.__name__}; correct the package"
        )
    for field in dataclasses.fields(kind):
        _check_field(where, field, getattr(found, field.name))
    return found


def _check_field(where: str, field: dataclasses.Field, value: Any) -> None:
    """Raise a UserError for a part that an entry lacks, or that is not of the form in which parts are named."""
    if value is None or value == "":
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise UserError(f"{where} lacks its {field.name}; correct the package")
        return
    form = field.metadata.get("form")
    if form and not (isinstance(value, str) and FORMS[form].fullmatch(value)):
        raise UserError(f"{where}: its {field.name} is {value!r}, not of the form {form}; correct the package")


def _tell_package(module: str) -> str:
    """Return ` (package NAME)` for a module of a package that offers entries."""
    root = module.partition(".")[0]
    for group in _read_offers(tuple(sys.path)).values():
        for offer in (offer for offers in group.values() for offer in offers):
            if re.match(r"\w+", offer.reference).group() == root:
                return f" (package {offer.package})"
    return ""


def _quote(error: BaseException) -> str:
    text = str(error).strip().split("\n", 1)[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
