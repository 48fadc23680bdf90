"""The documentation: its links, its terms, and what it says of the code's structure."""

import re
import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path

import pandas as pd
from studies import PROJECT

from isogloss import analysis
from isogloss.analysis import STATISTICS, Evidence, read_scores
from isogloss.cli import VERBS
from isogloss.common.registry import load_part
from isogloss.common.run import SCORE_KEY
from isogloss.features import FEATURES
from isogloss.features import STATISTICS as FEATURE_STATISTICS
from isogloss.features.typology import compute_coverage, compute_typology
from isogloss.runs.collect import COLUMNS as RUN_COLUMNS

LIBRARY = PROJECT / "workflow" / "isogloss"
DOCS = PROJECT / "docs"


def list_pages() -> list[Path]:
    """Return every page that a reader of the project may open, except the glossary."""
    pages = [PROJECT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return [*pages, *(page for page in DOCS.rglob("*.md") if page.name != "glossary.md")]


def strip_code(text: str) -> str:
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def list_anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", strip_code(page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_leads_to_a_file_and_a_heading():
    broken, count = [], 0
    for page in [*list_pages(), DOCS / "glossary.md"]:
        for target in re.findall(r"\]\(([^)\s]+)\)", strip_code(page.read_text(encoding="utf-8"))):
            if target.startswith("http"):
                continue
            count += 1
            name, _, anchor = target.partition("#")
            path = page.parent / name if name else page
            if not path.exists() or (anchor and anchor not in list_anchors(path)):
                broken.append(f"{page.relative_to(PROJECT)}: {target}")
    assert count > 60
    assert broken == []


def test_the_documentation_names_tests_that_exist():
    named = [
        (page.name, name)
        for page in list_pages()
        for written in re.findall(r"[\w/]*test_[\w{},]*\.py", page.read_text(encoding="utf-8"))
        for name in expand_braces(written)
    ]
    assert len(named) > 40
    folders = (PROJECT, PROJECT / "tests", PROJECT / "tests" / "unit")
    assert [one for one in named if not any((folder / one[1]).is_file() for folder in folders)] == []


def expand_braces(text: str) -> list[str]:
    """Return the expansion of `a_{b,c}.py` in a shell."""
    head, _, rest = text.partition("{")
    inner, _, tail = rest.partition("}")
    return [f"{head}{part}{tail}" for part in inner.split(",")] if rest else [text]


def test_the_readme_is_short():
    assert len((PROJECT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_commands_are_shown_with_their_environment():
    """A command comes after the line that activates .venv, names .venv/bin itself, or is make's."""
    verbs = "|".join(verb.name for verb in VERBS)
    command = re.compile(rf"^(?:    )?(?:python|pytest|snakemake|isogloss (?:{verbs})) .*", re.MULTILINE)
    checked, bare = 0, []
    for page in list_pages():
        text = page.read_text(encoding="utf-8")
        for found in command.finditer(text):
            checked += 1
            if ".venv/bin/activate" not in text[: found.start()]:
                bare.append(f"{page.relative_to(PROJECT)}: {found[0].strip()}")
    assert checked > 40
    assert bare == []


def read_rows(page: Path, heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading, without its head."""
    section = page.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    table = re.search(r"(?:^\|.*\n?)+", section, re.MULTILINE)[0].splitlines()
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in table[2:]]


def test_the_architecture_page_lists_every_package():
    listed = [row[0].strip("`") for row in read_rows(DOCS / "architecture.md", "Packages")]
    assert sorted(listed) == sorted(path.parent.name for path in LIBRARY.glob("*/__init__.py"))


def test_the_architecture_page_has_the_layers_that_the_linter_checks():
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    rows = [row[1] for row in read_rows(DOCS / "architecture.md", "Direction of imports")]
    assert [set(re.findall(r"`(\w+)`", row)) for row in rows] == [set(re.findall(r"\.(\w+)", one)) for one in layers]


@cache
def read_glossary() -> dict[str, list[str]]:
    """Return term -> the names by which tables, records and study files call it."""
    text = (DOCS / "glossary.md").read_text(encoding="utf-8").split("## Words that the project does not use")[0]
    rows = [row.split(" | ") for row in text.splitlines() if row.startswith("| ") and not row.startswith("| term ")]
    terms = [row[0].removeprefix("| ") for row in rows]
    assert len(terms) > 90
    assert sorted(terms) == sorted(set(terms)), "a term is defined twice"
    return {term: re.findall(r"`([^`]+)`", row[2]) for term, row in zip(terms, rows, strict=True)}


def test_a_name_belongs_to_one_term():
    names = [name for listed in read_glossary().values() for name in listed]
    assert len(names) > 200
    assert sorted(name for name in set(names) if names.count(name) > 1) == []


def test_the_glossary_has_every_column_of_every_table(tmp_path):
    codes = ["de", "en", "fi", "hi", "sw"]
    pairs = [(source, target) for source in codes for target in codes if source != target]
    scores = pd.DataFrame(pairs, columns=["source", "target"]).assign(score=0.5)
    scores.to_csv(tmp_path / "scores.csv", index=False)
    features = pd.DataFrame(pairs, columns=["source", "target"]).assign(syntax=range(len(pairs)))
    evidence = Evidence(read_scores(tmp_path / "scores.csv"), features, permutations=9, seed=0)
    tables = {name: load_part(one.tabulate)(evidence).columns for name, one in STATISTICS.own.items()}
    assert len(tables) == 17 and min(map(len, tables.values())) > 5
    columns = {column for names in tables.values() for column in names} | {*SCORE_KEY, "score", *RUN_COLUMNS}
    columns |= {*FEATURES.own, *FEATURE_STATISTICS, *compute_coverage(["en", "sw"]).columns}
    columns |= {*compute_typology(["en", "sw"]).columns}
    names = {name for listed in read_glossary().values() for name in listed}
    assert sorted(columns - names) == []


def test_the_reference_page_is_what_the_docstrings_say(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    page = import_module("make_reference").compose_page()
    assert (DOCS / "reference" / "functions.md").read_text(encoding="utf-8") == page
    assert len(re.findall(r"^### ", page, re.MULTILINE)) == len(analysis.__all__)


def test_the_reliability_page_lists_the_faults_that_are_tested(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    maker = import_module("make_reliability")
    assert (DOCS / "reliability.md").read_text(encoding="utf-8") == maker.compose_page()
    faults = [*maker.list_faults()]
    assert len(faults) >= 10
    assert all({*fault} == {*maker.COLUMNS} for fault in faults)


def list_texts() -> list[Path]:
    """Return the files with prose of ours: pages, code, rules, study files, captions."""
    folders = [PROJECT / name for name in ("workflow", "benchmarks", "studies", "profiles", "envs")]
    kinds = (".py", ".smk", ".yaml", ".rst", ".html")
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in kinds]
    return [*list_pages(), *(path for path in files if "patterns" not in path.parts), PROJECT / "config.yaml"]


def test_no_text_uses_the_words_that_the_glossary_replaces():
    rows = read_rows(DOCS / "glossary.md", "Words that the project does not use")
    pattern = re.compile(
        r"\b(" + "|".join(re.escape(row[0]).replace(r"\ ", r"\s+") for row in rows) + r")\b", re.IGNORECASE
    )
    files = list_texts()
    assert len(rows) >= 15 and len(files) > 250
    assert pattern.search("it is said by hand")
    found = [
        f"{path.relative_to(PROJECT)}: {match[0]}"
        for path in files
        for match in pattern.finditer(re.sub(r"\n\s*#?", "\n", path.read_text(encoding="utf-8")))
    ]
    assert found == []
