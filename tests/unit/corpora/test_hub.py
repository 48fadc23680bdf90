"""Corpora of the hub: files of each layout on a loopback hub become audited splits; errors are reported."""

import json

import pytest
from loopback_hub import Fault, Hub, make_rows, point_to, serve, write_jsonl, write_parquet

from isogloss.common import hub as library
from isogloss.common.annotation import Annotation
from isogloss.common.errors import UserError
from isogloss.common.examples import SPLITS, TaggedSentence, read_examples
from isogloss.common.hub import is_pinned
from isogloss.common.languages import LANGUAGES
from isogloss.corpora import CORPORA
from isogloss.corpora import hub as corpus
from isogloss.corpora.build import build_corpus, build_test_corpus, download_corpus
from isogloss.corpora.layouts import ENTITY_TAGS, LAYOUTS, choose_revision

DATED = (*ENTITY_TAGS, "B-DATE", "I-DATE")
SIZES = {"train": 6, "validation": 3, "test": 4}
PINS = {name: layout.revision or "5" * 40 for name, layout in LAYOUTS.items()}


def make_files(language: str, paths: str, names=ENTITY_TAGS, **rows) -> dict[str, bytes]:
    """Return the three splits of a language as files with the split in the path; the extension decides the format."""
    write = write_parquet if paths.endswith(".parquet") else write_jsonl
    return {paths.format(split): write(make_rows(language, split, SIZES[split], **rows), names) for split in SPLITS}


@pytest.fixture
def hub(tmp_path, monkeypatch):
    dated = ("B-DATE", "I-DATE", "B-LOC")
    repositories = {
        "unimelb-nlp/wikiann": make_files("sw", "sw/{}/0000.parquet") | make_files("yo", "yo/{}/0000.parquet"),
        "google/xtreme": make_files("sw", "PAN-X.sw/{}-00000-of-00001.parquet"),
        "masakhane/masakhaner2": make_files("sw", "swa/masakhaner2-{}.parquet", DATED, tags=dated),
        "universalner/universal_ner": make_files("en", "en_ewt/{}.jsonl"),
    }
    served = Hub({f"datasets/{name}": {PINS[name]: files} for name, files in repositories.items()})
    monkeypatch.setattr(library.time, "sleep", lambda seconds: None)
    with serve(served) as running:
        point_to(monkeypatch, running.endpoint, tmp_path)
        yield running


def name_corpus(dataset: str, **options) -> dict:
    return {"hub": {"dataset": dataset, "revision": PINS[dataset], **options}}


def fetch(out, dataset="unimelb-nlp/wikiann", language="sw", splits=SPLITS, **options) -> None:
    download_corpus(name_corpus(dataset, **options), language, splits, out, "ner")


def refuse(out, *words: str, **arguments) -> None:
    """Assert that a download raises a one-line UserError with these words, and leaves no files."""
    with pytest.raises(UserError) as refused:
        fetch(out, **arguments)
    line = str(refused.value)
    assert "\n" not in line
    assert [word for word in words if word not in line] == []
    assert not out.exists() or list(out.iterdir()) == []


@pytest.mark.parametrize(
    ("dataset", "language"),
    [
        ("unimelb-nlp/wikiann", "sw"),
        ("google/xtreme", "sw"),
        ("masakhane/masakhaner2", "sw"),
        ("universalner/universal_ner", "en"),
    ],
)
def test_a_corpus_of_each_layout_becomes_audited_splits(hub, tmp_path, dataset, language):
    out, built = tmp_path / "down" / language, tmp_path / "built"
    fetch(out, dataset, language)
    assert {path.name for path in out.iterdir()} == {
        "train.parquet",
        "validation.parquet",
        "test.parquet",
        "source.json",
    }
    build_corpus(name_corpus(dataset), language, Annotation("ner"), built, folder=out)
    splits = {split: read_examples(built / f"{split}.parquet", TaggedSentence) for split in SPLITS}
    assert {split: len(sentences) for split, sentences in splits.items()} == SIZES
    dated = dataset == "masakhane/masakhaner2"
    assert splits["test"][3] == TaggedSentence(
        id=f"{language}-test-3",
        language=language,
        tokens=(f"Ada{language}3", "mettest", "Oslo"),
        tags=("O", "O", "B-LOC") if dated else ("B-PER", "O", "B-LOC"),
    )
    audit = json.loads((built / "audit.json").read_text(encoding="utf-8"))
    assert audit["source"]["repository"] == dataset
    assert audit["source"]["revision"] == PINS[dataset]
    assert audit["source"]["commit"] == PINS[dataset]
    assert len(audit["source"]["files"]) == 3
    assert audit["source"]["labels"] == list(DATED if dated else ENTITY_TAGS)
    assert audit["changes"] == ({split: {"entities of type 'DATE'": SIZES[split]} for split in SPLITS} if dated else {})
    assert audit["entities"]["test"] == ({"LOC": 4} if dated else {"LOC": 4, "PER": 4})


def test_a_test_corpus_is_its_test_split_alone_and_says_what_training_knows(hub, tmp_path):
    fetch(tmp_path / "own" / "sw")
    build_corpus(
        name_corpus("unimelb-nlp/wikiann"), "sw", Annotation("ner"), tmp_path / "task", folder=tmp_path / "own" / "sw"
    )
    hub.requests.clear()
    fetch(tmp_path / "gold" / "sw", "masakhane/masakhaner2", splits=("test",))
    assert hub.list_downloads() == ["swa/masakhaner2-test.parquet"]
    build_test_corpus(
        name_corpus("masakhane/masakhaner2"),
        "sw",
        Annotation("ner"),
        tmp_path / "task" / "train.parquet",
        tmp_path / "tests",
        folder=tmp_path / "gold" / "sw",
    )
    assert {path.name for path in (tmp_path / "tests").iterdir()} == {"test.parquet", "audit.json"}
    audit = json.loads((tmp_path / "tests" / "audit.json").read_text(encoding="utf-8"))
    assert audit["sentences"] == {"test": 4}
    assert audit["duplicates"] == {"within": {"test": 0}, "test_in_train": 0}
    assert audit["changes"] == {"test": {"entities of type 'DATE'": 4}}


def test_a_download_that_broke_off_leaves_nothing_and_the_next_fetches_only_the_rest(hub, tmp_path):
    hub.faults = [Fault("sw/test/0000.parquet", cut=100)]
    refuse(tmp_path / "sw", "the download of dataset ", " is incomplete", "rerun the same command")
    hub.faults, hub.requests = [], []
    fetch(tmp_path / "sw")
    assert hub.list_downloads() == ["sw/test/0000.parquet"]
    hub.requests.clear()
    fetch(tmp_path / "again" / "sw")
    assert hub.list_downloads() == []


def test_a_language_is_refused_by_the_table_of_layouts_while_planning():
    options = {"dataset": "masakhane/masakhaner2", "revision": "main"}
    assert corpus.covers(options, ["ar", "sw", "yo", "de"]) == ["sw", "yo"]
    assert corpus.check(options, ["sw"], Annotation("ner")) == {}
    message = (
        r"masakhane/masakhaner2 does not have language 'ar', only bbj bm ee fon ha ig lg luo mos ny pcm rw sn sw tn tw "
        "wo xh yo zu; leave ar out of `languages`"
    )
    with pytest.raises(UserError, match=message):
        corpus.check(options, ["sw", "ar"], Annotation("ner"))
    with pytest.raises(UserError, match=r"unknown dataset 'lab/ner'; describe it, `hub: {dataset: lab/ner, rev"):
        corpus.check({"dataset": "lab/ner"}, ["sw"], Annotation("ner"))
    with pytest.raises(UserError, match=r"dataset 'lab/masakhaner'; did you mean masakhane/masakhaner\?"):
        corpus.check({"dataset": "lab/masakhaner"}, ["sw"], Annotation("ner"))


def test_a_language_that_the_repository_does_not_have_after_all(hub, tmp_path):
    refuse(
        tmp_path / "fi",
        f"unimelb-nlp/wikiann at {PINS['unimelb-nlp/wikiann']} has no train split of fi (fi/*train*) in a form that",
        "leave fi out of `languages`",
        language="fi",
    )


def test_a_branch_that_moved_between_two_languages_is_refused_with_both_commits(hub, tmp_path):
    old = PINS["unimelb-nlp/wikiann"]
    commits = hub.repositories["datasets/unimelb-nlp/wikiann"]
    fetch(tmp_path / "sw", revision=f"main@{old[:8]}")
    commits["7" * 40] = commits[old]
    refuse(
        tmp_path / "yo",
        f"main of dataset unimelb-nlp/wikiann moved from {old[:8]} to {'7' * 40}",
        language="yo",
        revision=f"main@{old[:8]}",
    )
    fetch(tmp_path / "yo", language="yo", revision=old)
    assert json.loads((tmp_path / "yo" / "source.json").read_text(encoding="utf-8"))["commit"] == old


def test_a_revision_that_may_move_is_never_downloaded(hub, tmp_path):
    line = "'main' of unimelb-nlp/wikiann may move; set a full commit hash, or main@COMMIT"
    refuse(tmp_path / "sw", line, revision="main")
    assert hub.requests == []


@pytest.mark.parametrize(
    ("dataset", "revision", "line"),
    [
        (
            "google/xtreme",
            "refs/convert/parquet",
            "'refs/convert/parquet' of google/xtreme may move; set a full commit hash, or refs/convert/parquet@COMMIT "
            "with at least its first 7 digits; "
            "https://huggingface.co/datasets/google/xtreme/commits/refs%2Fconvert%2Fparquet lists the commits",
        ),
        (
            "universalner/universal_ner",
            None,
            "no commit with the files of universalner/universal_ner is known; set a full commit hash, or "
            "main@COMMIT with at least its first 7 digits; "
            "https://huggingface.co/datasets/universalner/universal_ner/commits/main lists the commits",
        ),
    ],
)
def test_a_revision_has_to_be_a_commit_and_where_it_is_found_is_told(dataset, revision, line):
    with pytest.raises(UserError) as refused:
        choose_revision(dataset, revision)
    assert str(refused.value) == line
    assert choose_revision(dataset, "main@1234567") == "main@1234567"


def test_a_pinned_commit_that_is_gone_is_refused(hub, tmp_path):
    refuse(tmp_path / "sw", f"has no revision {'8' * 40!r}", "may have been moved or deleted", revision="8" * 40)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PAR1 and no more", ["sw/test/0000.parquet: cannot be read as parquet"]),
        (
            write_parquet(make_rows("sw", "test", 2), ("O", "B-LOC", "B-PER")),
            ["the file has the tags O B-LOC B-PER, not O B-PER"],
        ),
    ],
)
def test_a_file_that_is_not_what_the_layout_says(hub, tmp_path, content, words):
    hub.repositories["datasets/unimelb-nlp/wikiann"][PINS["unimelb-nlp/wikiann"]]["sw/test/0000.parquet"] = content
    refuse(tmp_path / "sw", *words, "choose another revision")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"tokens": ["a"], "pos": [0]}', [":1: no column 'tags', only tokens, pos; write `columns: {tags: ...}`"]),
        ('{"tokens": [', [":1: not valid JSON"]),
        ('{"tokens": ["a"], "ner_tags": [0]}\nno JSON', [":2: not valid JSON"]),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_the_download(hub, tmp_path, line, words):
    files = hub.repositories["datasets/universalner/universal_ner"]["5" * 40]
    files["en_ewt/test.jsonl"] = f"{line}\n".encode()
    refuse(tmp_path / "en", "en_ewt/test.jsonl", *words, dataset="universalner/universal_ner", language="en")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"tokens": ["a"], "ner_tags": [9]}', "has the tag number 9, but only 7 labels are known; correct `labels`"),
        ('{"tokens": ["a"], "ner_tags": [0, 0]}', "has 1 words and 2 tags; give each word one tag"),
        ('{"tokens": ["a"], "ner_tags": null}', "words and tags are not lists"),
    ],
)
def test_a_row_that_is_not_what_the_layout_says_is_refused_by_the_corpus_job(hub, tmp_path, line, words):
    files = hub.repositories["datasets/universalner/universal_ner"]["5" * 40]
    files["en_ewt/test.jsonl"] = f"{line}\n".encode()
    fetch(tmp_path / "en", "universalner/universal_ner", "en")
    name = name_corpus("universalner/universal_ner")
    with pytest.raises(UserError, match=f"universalner/universal_ner: test of en: entry 1: {words}"):
        build_corpus(name, "en", Annotation("ner"), tmp_path / "built", folder=tmp_path / "en")
    assert not (tmp_path / "built").exists()


def test_the_layouts_name_languages_of_the_table_and_commits_in_full():
    for name, layout in LAYOUTS.items():
        assert all(code in LANGUAGES for code in layout.folders), name
        assert is_pinned(layout.revision) or not layout.revision, name
        assert layout.kind != "ner" or layout.labels[: len(ENTITY_TAGS)] in ((), ENTITY_TAGS)
    unknown = {name for name, layout in LAYOUTS.items() if not layout.revision}
    assert unknown == {
        "universalner/universal_ner",
        "BramVanroy/universal_ner",
        "masakhane/masakhaner",
        "universal-dependencies/universal_dependencies",
    }
    assert len(LAYOUTS["masakhane/masakhaner2"].folders) == 20
    assert len(LAYOUTS["google/xtreme"].folders) == 40
    assert len(LAYOUTS["unimelb-nlp/wikiann"].folders) == 56
    assert CORPORA["hub"].download
