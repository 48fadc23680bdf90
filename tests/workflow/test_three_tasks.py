"""A study of NER, NLI and QA together: the plan of each task, and errors."""

import json
import re
from pathlib import Path

import pytest
from studies import ENDS, Workspace, make_study

from isogloss.planning.plan import count_jobs
from isogloss.study.check import check_study
from isogloss.study.reading.yaml_file import read_config

WORDS = ("bread", "books", "maps", "tea", "boats", "shoes", "lamps", "coats")
SIZES = {"train": 12, "dev": 3, "test": 4}


def write_pairs(folder: Path, languages: list[str]) -> None:
    """Write sentence pairs with three hypotheses per premise."""
    for language in languages:
        for split, count in SIZES.items():
            rows = [
                f"{language} {split} {WORDS[n % 8]} {n}\t{label} {WORDS[n % 8]}\t{label}\n"
                for n in range(count)
                for label in ("entailment", "neutral", "contradiction")
            ]
            path = folder / language / f"{split}.tsv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(["premise\thypothesis\tlabel\n", *rows]), encoding="utf-8")


def write_questions(folder: Path, languages: list[str], splits: tuple[str, ...] = ("train", "dev", "test")) -> None:
    """Write questions, one per passage."""
    for language in languages:
        for split in splits:
            paragraphs = []
            for number in range(SIZES[split]):
                context = f"{language} {split} {number} sells {WORDS[number % 8]}"
                answer = {"text": WORDS[number % 8], "answer_start": context.rindex(" ") + 1}
                asked = {"id": f"{language}-{number}", "question": "What ?", "answers": [answer]}
                paragraphs.append({"context": context, "qas": [asked]})
            path = folder / language / f"{split}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}), encoding="utf-8")


@pytest.fixture
def three(workspace) -> Workspace:
    """Return a study of four languages: NER has all, NLI has two, QA has two and a third one only for testing."""
    write_pairs(workspace.folder / "pairs", ["de", "en"])
    write_questions(workspace.folder / "questions", ["en", "fi"])
    write_questions(workspace.folder / "parallel", ["de", "en"], ("test",))
    tasks = {
        "ner": {"kind": "ner", "corpus": {"synthetic": {"train": 60, "validation": 10, "test": 20}}},
        "nli": {"kind": "nli", "corpus": {"local": "pairs"}},
        "qa": {"kind": "qa", "corpus": {"local": "questions"}, "test_corpora": {"xquad": {"local": "parallel"}}},
    }
    workspace.write(
        make_study(
            languages=["de", "en", "fi", "sw"],
            tasks=tasks,
            models={"tiny": {"build": "tiny-mt5", "languages": ["de", "en"], "steps": 1, "vocabulary": 600}},
            training={"tiny": {"epochs": 1, "adaptation_steps": {5: 1}}},
            transfer={"sources": ["each", "none"], "n": 10, "shots": [0, 5]},
        )
    )
    return workspace


def test_each_task_is_planned_among_the_languages_that_it_has(three, monkeypatch):
    planned = three.snakemake("--dry-run")
    assert planned.status == 0, planned.text
    assert planned.complaints == [
        "isogloss: tasks.nli: 2 of 4 languages left out because its corpus does not contain them: fi sw",
        "isogloss: tasks.qa: 2 of 4 languages left out because its corpus does not contain them: de sw",
    ]
    made = {
        "corpus": 4 + 2 + 2,
        "test_corpus": 2,
        "audit": 3,
        "build_model": 1,
        "finetune": 4 + 2 + 2,
        "transfer": 16 + 4 + (4 + 2),  # of QA: its own two languages, and both sources tested on German
        "adapt": (12 + 4) + (2 + 2) + (2 + 2),
        "overlap": 3,
        "subword_overlap": 3,
        "few_shot": 3,
        **ENDS,
    }
    assert {rule: planned.jobs[rule] for rule in made} == made
    monkeypatch.chdir(three.folder)
    assert count_jobs(*check_study(read_config("study.yaml"), Path())[:2]) == planned.jobs
    checked = three.isogloss("check", "study.yaml")
    assert checked.text.splitlines() == [
        "study.yaml: 50 runs",
        "tasks.ner: 12 ordered pairs",
        "tasks.nli: 2 ordered pairs; 2 of 4 languages left out because its corpus does not contain them: fi sw",
        "tasks.qa: 2 ordered pairs; 2 more with targets that only a test corpus contains; 2 of 4 languages left out "
        "because its corpus does not contain them: de sw",
        "tasks.qa.test_corpora.xquad: 2 of 4 languages",
    ]


def test_a_job_asks_for_memory_by_the_length_of_its_task_s_inputs(three):
    outcome = three.snakemake("--dry-run")
    asked = {
        (re.search("task=([a-z]+)", block["wildcards"])[1], re.search(r"mem_mb=(\d+)", block["resources"])[1])
        for rule in ("finetune", "transfer", "adapt")
        for block in outcome.list_blocks(rule)
    }
    assert asked == {("ner", "1800"), ("nli", "3000"), ("qa", "7000")}


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        (
            "pairs/en/dev.tsv",
            "premise\thypothesis\tlabel\na\tb\tno\n",
            "dev.tsv:2: 1 pairs have labels other than entailment neutral contradiction: 'no' 1; write `map: ",
        ),
        (
            "pairs/en/dev.tsv",
            "Oslo\tB-LOC\n",
            "pairs/en/dev.tsv:1: no column 'premise', only Oslo, B-LOC; write `columns: ",
        ),
        (
            "questions/fi/test.json",
            '{"data": [{"paragraphs": [{"context": "c", "qas": [{"id": "q3", "question": "q", "answers":'
            ' [{"text": "d", "answer_start": 0}]}]}]}]}',
            "questions/fi/test.json: contains no usable examples (answers not in their passage 1, questions without",
        ),
        ("questions/fi/test.json", "premise\thypothesis\tlabel\n", "looks like a file for kind nli, not qa; correct"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_one_line_before_anything_runs(three, file, content, words):
    (three.folder / file).write_text(content, encoding="utf-8")
    refused = three.snakemake()
    assert (refused.status, refused.jobs) == (2, {})
    (line,) = refused.complaints
    assert words in line
    assert three.isogloss("check", "study.yaml").text == f"{line}\n"
