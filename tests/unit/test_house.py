"""The order of the house: linters, the direction of imports, environments in step, file sizes."""

import ast
import inspect
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest
import yaml
from studies import PROJECT

from isogloss.cli import VERBS
from isogloss.cli.verb import Verb
from isogloss.families import FAMILIES

BIN = Path(sys.executable).parent
# What no import statement names: modules imported by a name that is made, and what transformers needs to train.
UNNAMED = {"data": {"faker"}, "models": {"accelerate"}, "analysis": set()}


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check"],
        ["ruff", "format", "--check"],
        ["snakefmt", "--check", "Snakefile", "workflow/Snakefile", "workflow/rules"],
        ["lint-imports", "--no-cache"],
        ["snakemake", "--lint"],
    ],
    ids=" ".join,
)
def test_a_linter_has_nothing_to_say(command):
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_tracked_file_is_over_a_megabyte():
    if not (PROJECT / ".git").exists():
        pytest.skip("not a clone")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    files = [PROJECT / name for name in listed.split("\0") if name]
    assert len(files) > 100
    assert [path.name for path in files if path.is_file() and path.stat().st_size > 2**20] == []


def read_environment(name: str) -> dict[str, str]:
    """Return what pip installs into an environment: package -> requirement."""
    listed = yaml.safe_load((PROJECT / "envs" / f"{name}.yaml").read_text(encoding="utf-8"))["dependencies"]
    return _name_requirements(next(entry["pip"] for entry in listed if isinstance(entry, dict)))


@cache
def read_project() -> dict[str, str]:
    """Return what the project requires: package -> requirement."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return _name_requirements(project["dependencies"])


def _name_requirements(requirements: list[str]) -> dict[str, str]:
    return {re.match(r"[\w.-]+", requirement)[0].lower(): requirement for requirement in requirements}


@pytest.mark.parametrize("name", ["analysis", "data", "models"])
def test_an_environment_has_the_project_s_pins(name):
    pins = read_environment(name)
    assert pins.items() <= read_project().items()


@pytest.mark.parametrize("name", ["analysis", "data", "models"])
def test_an_environment_has_what_its_jobs_import(name):
    rules = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "workflow" / "rules").glob("*.smk"))
    jobs = re.findall(r'envs/(\w+)\.yaml".*?python -m isogloss ([a-z-]+)', rules, re.DOTALL)
    verbs = {verb.name: verb for verb in VERBS}
    assert {verb for _, verb in jobs} == verbs.keys() - {"check", "plan"}
    imported = set(UNNAMED[name])
    for environment, verb in jobs:
        if environment == name:
            imported |= list_imports(verbs[verb])
    packages = packages_distributions()
    needed = {package.lower() for module in imported for package in packages[module]}
    missing = (needed & read_project().keys()) - read_environment(name).keys()
    assert missing == set()
    assert len(needed) >= 5


@cache
def build_graph() -> grimp.ImportGraph:
    """Return which module of the library imports which, of its own and of others."""
    return grimp.build_graph("isogloss", include_external_packages=True)


def list_imports(verb: Verb) -> set[str]:
    """Return the foreign modules that a verb's call imports, however far down."""
    graph = build_graph()
    function = ast.parse(inspect.getsource(verb.call))
    rooms = {part.module for part in ast.walk(function) if isinstance(part, ast.ImportFrom)}
    if "isogloss.runs.transfer" in rooms:
        rooms |= {family.module for family in FAMILIES.own.values()}
    found = {module for room in rooms for module in _list_above(graph, room)}
    return {module for module in found if module not in sys.stdlib_module_names}


def _list_above(graph: grimp.ImportGraph, room: str) -> set[str]:
    if not room.startswith("isogloss"):
        return {room.split(".")[0]}
    return {module for module in graph.find_upstream_modules(room) if not module.startswith("isogloss")}
