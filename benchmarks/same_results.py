"""Check whether two commits give the same results: run studies with the code of each and compare the output files.

    .venv/bin/python benchmarks/same_results.py BEFORE [AFTER] [--studies default joint ...] [--numbers] [--keep FOLDER]

AFTER is HEAD by default. The files are compared byte for byte: every table and page of analysis/, the features, the
audits of the corpora, the language model statistics and the predictions of every run. Records are not compared, because
they contain times. The exit status is 1 if any file differs.
"""

import argparse
import csv
import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).parents[1]
PATTERNS = (
    "analysis/*.csv",
    "analysis/*.md",
    "features/**/*.csv",
    "corpora/**/audit.json",
    "language_model/**/*.json",
    "transfer/**/predictions.jsonl.gz",
)
SENTENCES = {"note", "reason", "notice"}
"""Columns and fields that contain sentences."""
WORDS = ("bread", "books", "maps", "tea", "boats", "shoes", "lamps", "coats")
SIZES = {"train": 40, "dev": 6, "test": 12}
TINY = {"build": "tiny-mt5", "languages": ["de", "en", "fi"], "steps": 30, "vocabulary": 700}
NER = {"kind": "ner", "corpus": {"synthetic": {"train": 80, "validation": 10, "test": 30}}}


def make_study(**parts: Any) -> dict[str, Any]:
    """Return a study of four languages that runs in about a minute; `parts` replaces some of its keys."""
    return {
        "study": "small",
        "languages": ["de", "en", "fi", "sw"],
        "tasks": {"ner": NER},
        "models": {"crf": {"family": "crf"}},
        "transfer": {"sources": ["each", "none"], "n": 40, "shots": [0, 5, 10]},
        "training": {"crf": {"max_iterations": 15}},
        "analysis": {"permutations": 99},
        **parts,
    }


def make_joint() -> dict[str, Any]:
    """Return a study with joint and sequential adaptation."""
    grid = {"sources": ["nearest-1", "nearest-2", "all-others"], "n": 40, "shots": [0, 10], "seeds": [1, 2]}
    return make_study(
        models={"tiny": TINY},
        transfer={**grid, "adaptation": ["sequential", "joint"]},
        training={"tiny": {"epochs": 2, "adaptation_steps": {10: 4}}},
    )


def make_several() -> dict[str, Any]:
    """Return a study with several sources and both budgets."""
    sources = ["each", "none", "all-others", "nearest-2", "random-2"]
    grid = {"sources": sources, "n": 40, "budgets": ["equal-total", "equal-per-source"], "shots": [0, 5]}
    return make_study(transfer={**grid, "seeds": [1, 2]})


def make_self_supervised() -> dict[str, Any]:
    """Return a study with variants, which are models pre-trained on the text of sets of languages."""
    budget = {"strategies": ["none", "in-language", "nearest-1", "all"], "tokens": 8192}
    return make_study(
        models={"tiny": {**TINY, "steps": 0, "pretraining": budget}},
        transfer={"sources": ["none", "nearest-1"], "n": 40, "shots": [0, 5]},
        training={"tiny": {"epochs": 1, "adaptation_steps": {5: 2}}},
        keep_adapted=False,
    )


def make_three_tasks() -> dict[str, Any]:
    """Return a study with NER, NLI and QA, in which NLI and QA are not available in all languages."""
    tasks = {
        "ner": NER,
        "nli": {"kind": "nli", "corpus": {"local": "pairs"}},
        "qa": {"kind": "qa", "corpus": {"local": "questions"}, "test_corpora": {"xquad": {"local": "parallel"}}},
    }
    return make_study(
        tasks=tasks,
        models={"tiny": {**TINY, "steps": 1}},
        transfer={"sources": ["each", "none"], "n": 10, "shots": [0, 5]},
        training={"tiny": {"epochs": 1, "adaptation_steps": {5: 1}}},
    )


def make_statistics() -> dict[str, Any]:
    """Return a study with language model statistics, a declared hypothesis, and three model families."""
    primary = {"task": "ner", "model": "tiny", "shots": 0, "feature": "syntax"}
    return make_study(
        models={"crf": {"family": "crf"}, "lstm": {"family": "bilstm-crf"}, "tiny": TINY},
        transfer={"sources": ["each"], "n": 40, "shots": [0]},
        training={"tiny": {"epochs": 1}, "lstm": {"epochs": 1}},
        analysis={"permutations": 99, "language_model": True, "primary": primary},
    )


STUDIES = {
    "joint": make_joint,
    "several-sources": make_several,
    "self-supervised": make_self_supervised,
    "three-tasks": make_three_tasks,
    "statistics": make_statistics,
    "default": lambda: yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8")),
}


def write_data(folder: Path) -> None:
    """Write the sentence pairs and questions for the study with three tasks."""
    for name, languages in {"pairs": ["de", "en"], "questions": ["en", "fi"], "parallel": ["de", "en"]}.items():
        for language in languages:
            for split in ["test"] if name == "parallel" else SIZES:
                path = folder / name / language / split
                path.parent.mkdir(parents=True, exist_ok=True)
                if name == "pairs":
                    path.with_suffix(".tsv").write_text(_write_pairs(language, split), encoding="utf-8")
                else:
                    path.with_suffix(".json").write_text(_write_questions(language, split), encoding="utf-8")


def _write_pairs(language: str, split: str) -> str:
    rows = [
        f"{language} {split} {WORDS[n % 8]} {n}\t{label} {WORDS[n % 8]}\t{label}"
        for n in range(SIZES[split])
        for label in ("entailment", "neutral", "contradiction")
    ]
    return "\n".join(["premise\thypothesis\tlabel", *rows, ""])


def _write_questions(language: str, split: str) -> str:
    paragraphs = []
    for number in range(SIZES[split]):
        context = f"{language} {split} {number} sells {WORDS[number % 8]}"
        answer = {"text": WORDS[number % 8], "answer_start": context.rindex(" ") + 1}
        asked = {"id": f"{language}-{number}", "question": "What ?", "answers": [answer]}
        paragraphs.append({"context": context, "qas": [asked]})
    return json.dumps({"data": [{"paragraphs": paragraphs}]})


def clone(commit: str, folder: Path) -> Path:
    """Return a clone of the project at a commit; create it if it does not exist."""
    if not folder.exists():
        subprocess.run(["git", "clone", "--quiet", PROJECT, folder], check=True)
    subprocess.run(["git", "checkout", "--quiet", commit], cwd=folder, check=True)
    return folder


def run_study(code: Path, name: str, folder: Path) -> Path:
    """Run a study with the code of a clone and return the folder of its results."""
    folder.mkdir(parents=True, exist_ok=True)
    write_data(folder)
    study = STUDIES[name]()
    (folder / "study.yaml").write_text(yaml.safe_dump(study, sort_keys=False), encoding="utf-8")
    root = f"results/{study['study']}"
    command = [sys.executable, "-m", "snakemake", "--snakefile", code / "Snakefile", "--directory", folder]
    command += ["--workflow-profile", code / "profiles/default", "--configfile", "study.yaml", "--cores", "2"]
    command += ["--quiet", "--", *(f"{root}/analysis/{page}.md" for page in ("summary", "multi_source"))]
    with (folder / "snakemake.log").open("w", encoding="utf-8") as log:
        environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
        done = subprocess.run([*map(str, command)], cwd=folder, env=environment, stdout=log, stderr=log, check=False)
    if done.returncode:
        sys.exit(f"{name}: the study failed with the code of {code}; see {folder / 'snakemake.log'}")
    return folder / root


def list_differences(before: Path, after: Path, numbers: bool = False) -> tuple[int, list[str]]:
    """Return the number of files before, and the names of files that differ or exist only on one side.

    numbers: compare no pages, and no columns of tables and fields of JSON files that contain sentences.
    """
    here, there = (dict(_list_files(root)) for root in (before, after))
    if numbers:
        here, there = ({name: path for name, path in files.items() if path.suffix != ".md"} for files in (here, there))
    read = _read_numbers if numbers else _read
    different = [name for name in sorted(here.keys() & there.keys()) if read(here[name]) != read(there[name])]
    lost = [f"{name} (only before)" for name in sorted(here.keys() - there.keys())]
    new = [f"{name} (only after)" for name in sorted(there.keys() - here.keys())]
    return len(here), different + lost + new


def _list_files(root: Path) -> Iterator[tuple[str, Path]]:
    for pattern in PATTERNS:
        for path in root.glob(pattern):
            yield path.relative_to(root).as_posix(), path


def _read(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content


def _read_numbers(path: Path) -> Any:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return [{key: cell for key, cell in row.items() if key not in SENTENCES} for row in csv.DictReader(file)]
    if path.suffix == ".json":
        content = json.loads(path.read_text(encoding="utf-8"))
        return {key: value for key, value in content.items() if key not in SENTENCES}
    return _read(path)


def main() -> None:
    """Run the studies with both commits and print the number of differing files for each study."""
    parser = argparse.ArgumentParser(description="Check whether two commits give the same results.")
    parser.add_argument("before")
    parser.add_argument("after", nargs="?", default="HEAD")
    parser.add_argument("--studies", nargs="+", choices=STUDIES, default=list(STUDIES))
    parser.add_argument("--numbers", action="store_true", help="do not compare sentences: pages, notes, reasons")
    parser.add_argument("--keep", type=Path, help="folder in which to keep the results for other comparisons")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as unused:
        place = (given.keep or Path(unused)).resolve()
        failed = False
        for name in given.studies:
            roots = []
            for commit in (given.before, given.after):
                asked = ["git", "rev-parse", "--short=12", commit]
                named = subprocess.run(asked, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.strip()
                roots.append(run_study(clone(named, place / "code" / named), name, place / named / name))
            count, different = list_differences(*roots, given.numbers)
            failed |= bool(different) or not count
            print(f"{name}: {count} files compared, {len(different)} differ", *different[:20], sep="\n  ", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
