"""Rules for the code: linters, file sizes, imports, tests that mirror the library, consistent environments."""

import ast
import inspect
import re
import subprocess
import sys
import tomllib
from collections import Counter
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest
import yaml
from studies import PROJECT

from isogloss.cli import VERBS
from isogloss.cli.verb import Verb
from isogloss.families import FAMILIES
from isogloss.figures.contents import FIGURES

LIBRARY = PROJECT / "workflow" / "isogloss"
TESTS = PROJECT / "tests"
BIN = Path(sys.executable).parent
# Modules that no import statement names: those imported by a computed name, and what transformers needs for training.
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


def count_lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_a_file_is_read_at_a_sitting():
    library, tests = [*LIBRARY.rglob("*.py")], [*TESTS.rglob("*.py")]
    assert len(library) > 100 and len(tests) > 100
    assert {str(path.relative_to(PROJECT)): count_lines(path) for path in library if count_lines(path) > 300} == {}
    assert {str(path.relative_to(PROJECT)): count_lines(path) for path in tests if count_lines(path) > 400} == {}


def test_a_folder_of_the_library_has_twelve_python_files_at_most():
    files = Counter(str(path.parent.relative_to(LIBRARY)) for path in LIBRARY.rglob("*.py"))
    assert len(files) > 20
    assert {folder: count for folder, count in files.items() if count > 12} == {}


def test_importing_a_module_goes_at_most_eleven_modules_deep():
    """Check the longest chain of imports at the top of modules, which one import statement triggers; there is no cycle.

    Imports inside functions are left out. Otherwise the depth of a package would include the modules that start the
    command that calls it (__main__, cli and a file of cli).
    """
    graph = build_graph()
    modules = [module for module in graph.modules if module.split(".")[0] == "isogloss"]
    heads = {module: list_heads(graph, module) for module in modules}
    chains = {}
    for module in TopologicalSorter(heads).static_order():
        below = [chains[imported] for imported in heads[module]]
        chains[module] = [module, *max(below, key=len, default=[])]
    longest = max(chains.values(), key=len)
    assert 5 < len(longest) <= 11, " -> ".join(longest)


def list_heads(graph: grimp.ImportGraph, module: str) -> set[str]:
    """Return the library's modules that a module imports outside its functions."""
    lines = {statement.lineno for statement in ast.parse(find_file(module).read_text(encoding="utf-8")).body}
    return {
        imported
        for imported in graph.find_modules_directly_imported_by(module)
        if imported.split(".")[0] == "isogloss"
        and any(one["line_number"] in lines for one in graph.get_import_details(importer=module, imported=imported))
    }


def find_file(module: str) -> Path:
    path = LIBRARY.parent.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def test_a_test_stands_in_the_folder_of_the_module_that_it_is_named_after():
    """test_MODULE.py, or test_MODULE_TOPIC.py for another file; tests/unit itself is for tests of several packages."""
    files = [path.relative_to(TESTS / "unit") for path in (TESTS / "unit").glob("*/**/test_*.py")]
    assert len(files) > 80
    homeless = []
    for path in files:
        words = path.stem.removeprefix("test_").split("_")
        names = {"_".join(words[:count]) for count in range(1, len(words) + 1)}
        folder = LIBRARY / path.parent
        if not any((folder / f"{name}.py").is_file() or name == folder.name for name in names):
            homeless.append(str(path))
    assert homeless == []


def test_no_test_module_imports_another():
    files = [*TESTS.rglob("test_*.py")]
    found = []
    for path in files:
        for part in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(part, ast.Import | ast.ImportFrom):
                names = [getattr(part, "module", None) or "", *(alias.name for alias in part.names)]
                modules = {name.rpartition(".")[2] for name in names}
                found += [f"{path.name}:{part.lineno}" for module in modules & {other.stem for other in files}]
    assert len(files) > 90
    assert found == []


def read_environment(name: str) -> dict[str, str]:
    """Return the pip requirements of an environment: package -> requirement."""
    listed = yaml.safe_load((PROJECT / "envs" / f"{name}.yaml").read_text(encoding="utf-8"))["dependencies"]
    return _name_requirements(next(entry["pip"] for entry in listed if isinstance(entry, dict)))


@cache
def read_project() -> dict[str, str]:
    """Return the requirements of the project: package -> requirement."""
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
    assert {verb for _, verb in jobs} == verbs.keys() - {"check", "plan", "status", "verify", "report"}
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
    """Return the import graph of the library, including external packages."""
    return grimp.build_graph("isogloss", include_external_packages=True)


def list_imports(verb: Verb) -> set[str]:
    """Return the external modules that a command's call imports, directly or indirectly."""
    graph = build_graph()
    function = ast.parse(inspect.getsource(verb.call))
    modules = {part.module for part in ast.walk(function) if isinstance(part, ast.ImportFrom)}
    if "isogloss.runs.transfer" in modules:
        modules |= {family.module for family in FAMILIES.own.values()}
    if "isogloss.figures.gallery" in modules:
        modules |= {figure.draw.partition(":")[0] for figure in FIGURES.own.values()}
    found = {module for module in modules for module in _list_above(graph, module)}
    return {module for module in found if module not in sys.stdlib_module_names}


def _list_above(graph: grimp.ImportGraph, module: str) -> set[str]:
    if not module.startswith("isogloss"):
        return {module.split(".")[0]}
    return {module for module in graph.find_upstream_modules(module) if not module.startswith("isogloss")}
