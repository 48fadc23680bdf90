"""Registries: entries by name, from isogloss and from installed packages. An entry imports its heavy parts late.

An installed package adds an entry with an entry point (`[project.entry-points."isogloss.families"]`,
`NAME = "module:ENTRY"`). A package is imported only when a study uses its entry.
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
"""A part of an entry that is a JSON schema: the schema itself, or the path of a YAML file that contains it."""
OURS = "isogloss"
"""The package of the entries that isogloss itself defines."""
FORMS = {"module:function": re.compile(r"\w+(\.\w+)*:\w+"), "module": re.compile(r"\w+(\.\w+)*")}
"""Name of a form -> pattern: how an entry refers to its heavy parts."""


def name_part(default: Any = dataclasses.MISSING, form: str = "module:function") -> Any:
    """Return a dataclass field that refers to a heavy part of an entry; default: "" if the part is optional."""
    return dataclasses.field(default=default, metadata={"form": form})


def load_part(reference: str) -> Any:
    """Import and return the object `module:function`. Raises UserError if it cannot be loaded."""
    module, _, name = reference.partition(":")
    return getattr(load_module(module, [name]), name)


def load_module(reference: str, parts: Sequence[str] = ()) -> ModuleType:
    """Import and return a module. Raises UserError if it cannot be imported or does not contain all of `parts`."""
    try:
        module = importlib.import_module(reference)
    except (Exception, SystemExit) as error:
        raise UserError(
            f"{reference}{_describe_package(reference)} cannot be imported ({_quote(error)}); correct or reinstall it"
        ) from error
    for part in parts:
        if not hasattr(module, part):
            raise UserError(f"{reference}:{part}{_describe_package(reference)} does not exist; correct the reference")
    return module


@dataclass(frozen=True)
class Registry(Generic[Entry]):
    """Entries of one class, by name.

    what: the noun for an entry in messages. group: the group of entry points with which packages add entries. entry:
    the dataclass of the entries. own: the entries of isogloss itself; a package cannot replace them.

    `name in registry` is true for the names of isogloss and for names that a package adds. `registry[name]` is
    `find(name)`. Iteration is over the names of isogloss only.
    """

    what: str
    group: str
    entry: type[Entry]
    own: dict[str, Entry]

    def find(self, name: str) -> Entry:
        """Return an entry. If a package defines it, the package is imported now.

        Raises UserError if the entry is unknown, or if the package or its entry cannot be used.
        """
        if name in self.own:
            return self.own[name]
        offers = self._list_offers().get(name)
        if offers is None:
            raise UserError(f"unknown {self.what} {name!r}; choose from {' '.join(self.list_names())}")
        self.refuse_taken(name)
        return _load(offers[0], self.what, self.entry)

    def list_names(self) -> list[str]:
        """Return the names of isogloss and those that packages add. No package is imported."""
        return [*self.own, *sorted(self._list_offers().keys() - self.own.keys())]

    def find_package(self, name: str) -> str:
        """Return the name of the distribution that defines an entry."""
        return OURS if name in self.own else self._list_offers()[name][0].package

    def describe(self, name: str) -> dict[str, str | int]:
        """Return the description of an entry in recipes and records: name, package, version. It is part of the recipe,
        so a run is redone when one of them changes."""
        return {"name": name, "package": self.find_package(name), "version": self.find(name).version}

    def refuse_taken(self, name: str) -> None:
        """Raise UserError if a package uses a name of isogloss, or if two packages use the same name."""
        packages = [offer.package for offer in self._list_offers().get(name, [])]
        if name in self.own and packages:
            raise UserError(
                f"package {packages[0]}: its {self.what} {name!r} has the same name as a {self.what} of {OURS}; "
                "rename it in the package, or uninstall the package"
            )
        if len(packages) > 1:
            raise UserError(
                f"packages {' and '.join(packages)}: each defines a {self.what} {name!r}; uninstall one of them"
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
    """Return group -> name -> entry points of the packages on `path`; packages that cannot be read are skipped."""
    from importlib.metadata import distributions

    groups: dict[str, dict[str, list[_Offer]]] = {}
    seen = set()
    for distribution in distributions(path=list(path)):
        try:
            if f"[{OURS}." not in (distribution.read_text("entry_points.txt") or ""):
                continue
            package, points = distribution.name, distribution.entry_points
        except Exception:  # a defect in an unrelated package must not stop a study
            continue
        if package in seen:  # Python imports the first one on the path
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
            f"{where} cannot be imported ({_quote(error)}); correct or reinstall the package, or do not use the entry"
        ) from error
    if not isinstance(found, kind):
        raise UserError(
            f"{where} is a {type(found).__name__}, not a {kind.__module__}.{kind.__name__}; correct the package"
        )
    for field in dataclasses.fields(kind):
        _check_field(where, field, getattr(found, field.name))
    return found


def _check_field(where: str, field: dataclasses.Field, value: Any) -> None:
    """Raise UserError if a required field of an entry is empty or a reference does not have the required form."""
    if value is None or value == "":
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise UserError(f"{where} has no {field.name}; correct the package")
        return
    form = field.metadata.get("form")
    if form and not (isinstance(value, str) and FORMS[form].fullmatch(value)):
        raise UserError(f"{where}: {field.name} is {value!r}, not of the form {form}; correct the package")


def _describe_package(module: str) -> str:
    """Return ` (package NAME)` if the module belongs to a package that adds entries, otherwise an empty string."""
    root = module.partition(".")[0]
    for group in _read_offers(tuple(sys.path)).values():
        for offer in (offer for offers in group.values() for offer in offers):
            if re.match(r"\w+", offer.reference).group() == root:
                return f" (package {offer.package})"
    return ""


def _quote(error: BaseException) -> str:
    text = str(error).strip().split("\n", 1)[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
