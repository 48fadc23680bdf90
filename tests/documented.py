"""What CONTRIBUTING.md and docs/developing/examples show: files, lines of studies, commands and what these give.

A block that follows a line such as "`isogloss_examples/casing.py`:" is the content of that file. A file that several
pages show, such as pyproject.toml, is the blocks of all pages, one after the other.
"""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from studies import PROJECT, Workspace

FIRST = "CONTRIBUTING.md"
KINDS = ("task", "family", "corpus", "feature", "adaptation", "statistic", "figure")
"""The pages whose files are modules of one package."""
PAGES = (FIRST, *(f"docs/developing/examples/{kind}.md" for kind in (*KINDS, "language", "executor")))
RESULTS = ("results/", "analysis/", "submitted.txt", "workflow/isogloss/study/")
"""Beginnings of names of files that commands write; a page shows all of such a file or a part."""
_BLOCK = re.compile(r"(?:^`([^`\n]+)`[^\n]*:\n\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of a page. file: the name of the file whose content it is, or "". language: behind the first ```."""

    file: str
    language: str
    text: str


def find_page(kind: str) -> Path:
    """Return the page of a kind, such as `task`."""
    return PROJECT / f"docs/developing/examples/{kind}.md"


def read_blocks(page: Path) -> list[Block]:
    """Return the blocks of a page, in order."""
    return [Block(*groups) for groups in _BLOCK.findall(page.read_text(encoding="utf-8"))]


def list_files() -> dict[str, str]:
    """Return the content of each file that the pages show, by name; not those that a command writes or that change."""
    files: dict[str, str] = {}
    for page in PAGES:
        shown = {block.file: block for block in read_blocks(PROJECT / page) if block.file}
        for name, block in shown.items():
            if name.startswith(RESULTS) or name == "study.yaml" or block.language == "diff":
                continue
            if name.endswith(".toml"):
                files[name] = "\n".join(filter(None, [files.get(name), block.text]))
            else:
                assert files.setdefault(name, block.text) == block.text, (
                    f"{page}: another {name} than that of a page before"
                )
    return files


def read_study(*kinds: str) -> dict[str, Any]:
    """Return the study of CONTRIBUTING.md with the lines that the pages of some kinds add or replace."""
    study: dict[str, Any] = {}
    for page in (PROJECT / FIRST, *map(find_page, kinds)):
        (block,) = (block for block in read_blocks(page) if block.file == "study.yaml")
        for key, value in yaml.safe_load(block.text).items():
            study[key] = {**study.get(key, {}), **value} if isinstance(value, dict) else value
    return study


def list_commands(page: Path) -> list[list[str]]:
    """Return the words of each command of a page."""
    shown = [block.text for block in read_blocks(page) if block.language == "sh" and not block.file]
    return [shlex.split(line, comments=True) for text in shown for line in text.replace("\\\n", " ").splitlines()]


def list_shown(page: Path) -> dict[str, list[str]]:
    """Return the lines that a page shows of each file that a command writes, by its name."""
    return {
        block.file: [line.strip() for line in block.text.splitlines()]
        for block in read_blocks(page)
        if block.file.startswith(RESULTS)
    }


def build(workspace: Workspace) -> None:
    """Write the files of all pages into a folder, install the package into its `site`, and make the data."""
    for name, text in list_files().items():
        path = workspace.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--target", "site", "."]
    install = [sys.executable, "-m", "pip", "install", *options]
    subprocess.run(install, cwd=workspace.folder, check=True)
    subprocess.run([sys.executable, "make_data.py"], cwd=workspace.folder, check=True)


def give_path(*folders: Path) -> str:
    """Return a PYTHONPATH with some folders first."""
    return os.pathsep.join([*map(str, folders), *filter(None, [os.environ.get("PYTHONPATH")])])
