"""Values that `snakemake --config` gives. Snakemake reads nested values as text, so the schema decides their types."""

from collections.abc import Mapping
from typing import Any

import yaml


class Override(str):
    """A text from `--config`. read_override converts it to the type that the schema requires."""


def mark_overrides(config: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return a config in which each text that `overrides` contains is an Override.

    config: Snakemake's config, which already contains the overrides. overrides: what `--config` gave.
    """
    return {**config, **{key: _mark(config.get(key), value) for key, value in overrides.items()}}


def _mark(value: Any, override: Any) -> Any:
    if isinstance(override, Mapping):
        return mark_overrides(value if isinstance(value, Mapping) else {}, override)
    if isinstance(override, list):
        return [_mark(None, item) for item in override]
    return Override(override) if isinstance(override, str) else override


def read_override(text: Override, schema: Mapping[str, Any]) -> Any:
    """Return the value of a text from `--config` in the first type of a schema that it can have, else the text."""
    wanted = schema.get("type", "string")
    types = [wanted] if isinstance(wanted, str) else wanted
    if types == ["string"]:
        return str(text)
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return str(text)
    if isinstance(value, str) and "number" in types:
        try:
            return float(value)  # YAML reads 1e-4 as text
        except ValueError:
            return str(text)
    fits = any(isinstance(value, _CLASSES[one]) for one in types) and not isinstance(value, bool)
    return str(text) if "string" in types and not fits else value


_CLASSES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool}
"""Type in a JSON schema -> its class."""
