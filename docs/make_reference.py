"""Write docs/reference/functions.md from the docstrings of the public names of isogloss.analysis.

.venv/bin/python docs/make_reference.py
"""

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import ModuleType

from isogloss import analysis

PAGE = Path(__file__).parent / "reference" / "functions.md"
HEAD = """# Functions of `isogloss.analysis`

Every name on this page can be imported from `isogloss.analysis`: `from isogloss.analysis import qap, mrqap`. They take
arrays and data frames, and need neither the workflow nor a model. `python docs/make_reference.py` writes this page from
the docstrings.
"""
TITLES = {
    "": "Tables and the whole analysis",
    "files": "Files of scores and languages",
    "data": "Scores, features and transfer matrices",
    "statistics": "Statistics",
    "pairs": "Language pairs",
    "ranking": "Ranking sources",
    "few_shot": "Few shots",
    "multi_source": "Several sources",
}


def compose_page() -> str:
    """Return the page: a section for each package of the analysis, an entry for each public name."""
    sections: dict[str, list[str]] = {package: [] for package in TITLES}
    for name, (module_name, value) in list_public().items():
        module = import_module(f"isogloss.analysis.{module_name}")
        package = module_name.rpartition(".")[0]
        sections[package].append("\n".join(describe(name, value, module)))
    parts = [f"## {TITLES[package]}\n\n" + "\n\n".join(entries) for package, entries in sections.items() if entries]
    return HEAD + "\n" + "\n\n".join(parts) + "\n"


def list_public() -> dict[str, tuple[str, object]]:
    """Return name -> (module within isogloss.analysis, value), in the order in which the package lists them."""
    return {name: (module, getattr(analysis, name)) for module, names in analysis._MODULES.items() for name in names}


def describe(name: str, value: object, module: ModuleType) -> Iterator[str]:
    """Yield the lines of one entry."""
    yield f"### `{name}`"
    yield ""
    if inspect.isroutine(value) or inspect.isclass(value):
        yield f"```python\n{name}{write_signature(value)}\n```"
        yield ""
        yield escape(inspect.getdoc(value) or "")
    else:
        yield escape(read_constant_doc(module, name))
    if inspect.isclass(value):
        for method, function in inspect.getmembers(
            value, lambda one: inspect.isroutine(one) or isinstance(one, property)
        ):
            if not method.startswith("_") and inspect.getdoc(function):
                signature = "" if isinstance(function, property) else write_signature(function)
                yield ""
                yield f"- `{method}{signature}`: {escape(' '.join(inspect.getdoc(function).split()))}"


def write_signature(value: object) -> str:
    """Return the signature without the names of modules, so that it does not depend on how types are printed."""
    return re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Z])", "", str(inspect.signature(value))).replace("'", "")


def read_constant_doc(module: ModuleType, name: str) -> str:
    """Return the string that follows the assignment of a constant in its module."""
    body = ast.parse(inspect.getsource(module)).body
    for statement, after in pairwise(body):
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        named = any(isinstance(target, ast.Name) and target.id == name for target in targets)
        if named and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            return inspect.cleandoc(after.value.value)
    raise ValueError(f"{module.__name__}.{name} has no docstring")


def escape(text: str) -> str:
    """Escape what Markdown would read as markup, outside of code."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([*<|])", r"\\\1", part) for part in parts)


if __name__ == "__main__":
    PAGE.write_text(compose_page(), encoding="utf-8")
