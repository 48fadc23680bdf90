"""Errors in a study, with the real snakemake and `isogloss check`: one line, status 2, and no job is started."""

import re
from pathlib import Path

import pytest
from studies import Workspace, make_study

SENTENCE = "{}\tB-PER\nmet\tO\nBob{}\tB-PER\n\n"


def write_corpus(folder: Path, sentences: int = 12) -> None:
    """Write a local corpus in English and Finnish with a number of training sentences, two of them identical."""
    for language in ("en", "fi"):
        for split, count in (("train", sentences), ("dev", 2), ("test", 2)):
            path = folder / language / f"{split}.tsv"
            path.parent.mkdir(parents=True, exist_ok=True)
            numbers = [max(number, 1) for number in range(count)] if split == "train" else range(count)
            path.write_text("".join(SENTENCE.format(split, number) for number in numbers), encoding="utf-8")


def make_local_study(languages=("en", "fi"), **grid) -> dict:
    return make_study(
        languages=list(languages),
        tasks={"ner": {"kind": "ner", "corpus": {"local": "corpus"}}},
        transfer={"sources": ["each"], "n": 10, "shots": [0, 5], **grid},
    )


def assert_refused(workspace: Workspace, *words: str) -> None:
    """Assert that planning and checking report the same one-line error, which contains all the words."""
    planned = workspace.snakemake()
    assert planned.status == 2
    assert planned.jobs == {}
    (line,) = planned.complaints
    assert [word for word in words if word not in line] == []
    assert "Traceback" not in planned.text and "Error in" not in planned.text
    assert list(workspace.folder.rglob("*.log")) == list(workspace.folder.glob(".snakemake/log/*.log"))
    assert list(workspace.folder.rglob("*.parquet")) == []
    checked = workspace.isogloss("check", "study.yaml")
    assert (checked.status, checked.text) == (2, f"{line}\n")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"languages": ["en", "xx"]}, "isogloss: config: languages: unknown language 'xx'"),
        ({"lanugages": ["en"]}, "isogloss: config: unknown key 'lanugages'; did you mean 'languages'?"),
        (
            {"languages": ["en", "fr"]},
            "isogloss: corpus synthetic: no sentence patterns for language 'fr'; use some of ar bn de",
        ),
        (
            {"transfer": {"sources": ["each"], "n": 61, "shots": [0]}},
            "isogloss: config: tasks.ner: transfer.n: training sentences after the audit: de has 60 of 61, en has "
            "60 of 61, fi has 60 of 61; set n to 60 or less, or n: max",
        ),
        (
            {"tasks": {"ner": {"kind": "nre", "corpus": {"synthetic": {}}}}},
            "isogloss: config: tasks.ner.kind: unknown task 'nre'; did you mean 'ner'?",
        ),
    ],
)
def test_a_name_or_a_number_that_cannot_be_is_refused(workspace, changes, line):
    workspace.write(make_study(**changes))
    assert_refused(workspace, line)


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        # 12 sentences, of which the audit removes one duplicate.
        (
            {"n": 12},
            ["config: tasks.ner: transfer.n: ", "en has 11 of 12, fi has 11 of 12; set n to 11 or less, or n: max"],
        ),
        (
            {"shots": [0, 13], "targets": ["fi"]},
            ["transfer.shots: training sentences after the audit: fi has 11 of 13; set shots to 11 or less"],
        ),
    ],
)
def test_more_sentences_than_the_audit_leaves_are_refused_with_both_numbers(workspace, grid, words):
    write_corpus(workspace.folder / "corpus")
    workspace.write(make_local_study(**grid))
    assert_refused(workspace, *words)


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("fi/train.tsv", b"", ["corpus/fi/train.tsv: contains no usable examples; add examples to it"]),
        ("fi/train.tsv", b"Anna\tB-PER\nbroken\n", ["corpus/fi/train.tsv:2: found 1 column(s) in 'broken'"]),
        (
            "fi/dev.tsv",
            b"Anna\tB-PER\n\nOslo\tB-GPE\n",
            ["corpus/fi/dev.tsv:3: 1 words have tags", "'GPE' 1; write `map: {GPE: O}` under the task"],
        ),
        ("en/test.tsv", b"Anna\tB-PER\nna\xefve\tO\n", ["corpus/en/test.tsv:2: byte 0xef is not UTF-8"]),
        (
            "en/test.tsv",
            None,
            ["corpus/en: no test split, found dev.tsv, train.tsv (train, validation); add test.tsv", "`test_corpora`"],
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_line(workspace, file, content, words):
    write_corpus(workspace.folder / "corpus")
    path = workspace.folder / "corpus" / file
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    workspace.write(make_local_study())
    assert_refused(workspace, *words)


def test_a_mended_file_is_read_again_and_an_unchanged_one_is_not(workspace):
    write_corpus(workspace.folder / "corpus")
    workspace.write(make_local_study())
    assert workspace.plan()["corpus"] == 2
    cache = workspace.folder / "results/small/.checked.json"
    assert re.findall(r'"train": (\d+)', cache.read_text(encoding="utf-8")) == ["11", "11"]
    first = cache.stat().st_mtime_ns
    workspace.plan()
    assert cache.stat().st_mtime_ns == first
    write_corpus(workspace.folder / "corpus", sentences=9)
    assert_refused(workspace, "en has 8 of 10, fi has 8 of 10; set n to 8 or less, or n: max")


def test_what_only_the_corpus_job_can_know_it_refuses_before_anything_is_written(workspace):
    recipe = '{"kind": "ner", "corpus": {"synthetic": {"train": 60, "validation": 10, "test": 10}}}'
    refused = workspace.isogloss(
        "corpus", "--recipe", recipe, "--language", "sw", "--need", "10000", "--out", "corpora/sw"
    )
    assert refused.status == 2
    assert refused.text.count("\n") == 1
    assert re.match(
        r"isogloss: sw: 10000 training sentences are needed by a run, but \d+ are left after the audit; ", refused.text
    )
    assert list(workspace.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            ("n: 30", "n: 30\n  n: 31"),
            "the key 'n' is repeated (first in line ",
        ),
        (
            ("n: 30", "n: 030"),
            "YAML reads 030 as a number in octal; write it without the leading 0",
        ),
        (("n: 30", "n: 30.0"), "isogloss: config: transfer.n: 30.0 is not a whole number or a list; write 30"),
        (("n: 30", "n: .inf"), "isogloss: config: transfer.n: inf is not a finite number; write a number"),
        (("- fi", "- no"), 'isogloss: config: languages[2]: false is not a language code; write "no" in quotes for'),
        (("study: small", "study: !!python/name:os.system"), "isogloss: study.yaml:1: the tag !!python/name:os.system"),
        (("study: small", 'study: "small\\n"'), "isogloss: config: study: 'small\\n' contains a line break; write it"),
        (("languages:", "languages: &all\n- *all"), "isogloss: study.yaml:3: the alias *all is inside its own anchor"),
        (("local: corpus", f"local: {'a' * 300}"), "cannot be read (File name too long); correct this path in the"),
    ],
)
def test_what_snakemake_reads_otherwise_than_it_is_written_is_refused(workspace, change, line):
    write_corpus(workspace.folder / "corpus")
    workspace.write(make_local_study(n=30, languages=["de", "en", "fi"]))
    path = workspace.folder / "study.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(change[0]) == 1
    path.write_text(text.replace(*change), encoding="utf-8")
    assert_refused(workspace, line)


def test_values_of_the_call_take_the_types_of_the_schema(workspace):
    workspace.write(make_study())
    given = (
        "languages=[de, en]",
        "keep_adapted=false",
        "training={crf: {max_iterations: 5}}",
        "analysis={cases: [de]}",
    )
    outcome = workspace.snakemake("--dry-run", "--printshellcmds", "--config", *given)
    assert outcome.status == 0, outcome.text
    assert outcome.jobs["corpus"] == 2
    assert '"max_iterations": 5' in outcome.text
    assert "--cases de" in outcome.text
    assert "checkpoint" not in outcome.text
    refused = workspace.snakemake("--dry-run", "--config", "analysis={permutations: many}")
    assert (refused.status, refused.jobs) == (2, {})
    assert refused.complaints == [
        "isogloss: config: analysis.permutations: 'many' is not a whole number; write a whole number"
    ]


def test_a_value_that_is_listed_twice_is_noted_once(workspace):
    workspace.write(make_study(transfer={"sources": ["each"], "n": 30, "shots": [0], "seeds": [1, 1]}))
    note = "isogloss: config: transfer.seeds: 1 is listed 2 times and used once"
    assert workspace.snakemake("--dry-run").complaints == [note]
    checked = workspace.isogloss("check", "study.yaml")
    assert (checked.status, checked.complaints) == (0, [note])
