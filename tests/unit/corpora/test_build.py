"""The registry of corpora, and building a corpus from its config entry."""

import os
import subprocess
import sys
from types import ModuleType

import pytest
from studies import SAMPLES

from isogloss.common.annotation import Annotation
from isogloss.common.errors import UserError
from isogloss.common.examples import TaggedSentence, read_examples
from isogloss.common.files import read_json
from isogloss.corpora import CORPORA, Corpus, choose_corpus
from isogloss.corpora.base import Found, Loaded
from isogloss.corpora.build import build_corpus, build_test_corpus, download_corpus

PANX = SAMPLES / "panx"
LEFT_IN_TRAIN = {  # training sentences after the audit; 2,000 before it (sw: 1,000)
    "ar": 1925,
    "bn": 1030,
    "de": 1938,
    "en": 1993,
    "es": 1913,
    "fi": 1962,
    "hi": 1640,
    "id": 1596,
    "ru": 1943,
    "sw": 853,
}
SMALL = {"synthetic": {"train": 30, "validation": 10, "test": 20}}


def test_builds_three_parquet_files_and_an_audit(tmp_path):
    build_corpus(SMALL, "hi", Annotation("ner"), tmp_path / "hi")
    assert sorted(os.listdir(tmp_path / "hi")) == ["audit.json", "test.parquet", "train.parquet", "validation.parquet"]
    train = read_examples(tmp_path / "hi" / "train.parquet", TaggedSentence)
    assert len(train) == 30 and train[17].id == "hi-train-17"
    report = read_json(tmp_path / "hi" / "audit.json")
    assert report["sentences"]["test"] == {"before": 20, "after": 20}
    assert report["removed_from_train"] == {"found_in_validation_or_test": 0, "repeats": 0}
    assert list(report) == [
        *("language", "sentences", "duplicates", "removed_from_train", "labels", "entities", "lengths"),
        "changes",
    ]
    assert report["changes"] == {}


def test_building_twice_writes_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        build_corpus(SMALL, "bn", Annotation("ner"), tmp_path / name)
    for file in ("train.parquet", "test.parquet", "audit.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_a_need_above_what_the_audit_leaves_is_refused_and_nothing_is_written(tmp_path):
    build_corpus(SMALL, "sw", Annotation("ner"), tmp_path / "enough", need=30)
    with pytest.raises(UserError, match="sw: 31 training sentences are needed by a run, but 30 are left after the au"):
        build_corpus(SMALL, "sw", Annotation("ner"), tmp_path / "short", need=31)
    assert not (tmp_path / "short").exists()


@pytest.mark.skipif(not PANX.is_dir(), reason="the real samples are not available")
@pytest.mark.parametrize("language", sorted(LEFT_IN_TRAIN))
def test_real_panx_passes_and_the_audit_leaves_known_numbers(language, tmp_path):
    assert CORPORA["local"].check(str(PANX), [language], Annotation("ner"))[language].train == LEFT_IN_TRAIN[language]
    build_corpus({"local": str(PANX)}, language, Annotation("ner"), tmp_path)
    report = read_json(tmp_path / "audit.json")
    assert report["sentences"]["train"]["after"] == LEFT_IN_TRAIN[language]
    assert report["sentences"]["train"]["before"] == (1000 if language == "sw" else 2000)
    assert len(read_examples(tmp_path / "train.parquet", TaggedSentence)) == LEFT_IN_TRAIN[language]


def test_the_registry_has_three_corpora_and_one_of_them_is_a_demonstration():
    assert list(CORPORA) == ["synthetic", "local", "hub"]
    assert "demonstration" in CORPORA["synthetic"].notice
    assert CORPORA["local"].notice == CORPORA["hub"].notice == ""


@pytest.mark.skipif(not PANX.is_dir(), reason="the real samples are not available")
def test_a_local_folder_of_test_files_alone_is_a_test_corpus(tmp_path):
    (tmp_path / "gold" / "sw").mkdir(parents=True)
    (tmp_path / "gold" / "sw" / "test.tsv").write_bytes((PANX / "sw" / "test.tsv").read_bytes())
    gold = str(tmp_path / "gold")
    assert CORPORA["local"].covers(gold, ["de", "sw"]) == ["sw"]
    checked = CORPORA["local"].check(gold, ["sw"], Annotation("ner"), tmp_path / "cache.json", ("test",))
    assert checked == {"sw": Found(0)}
    build_corpus({"local": str(PANX)}, "sw", Annotation("ner"), tmp_path / "own")
    build_test_corpus({"local": gold}, "sw", Annotation("ner"), tmp_path / "own" / "train.parquet", tmp_path / "out")
    assert len(read_examples(tmp_path / "out" / "test.parquet", TaggedSentence)) == 400
    assert read_json(tmp_path / "out" / "audit.json")["duplicates"]["test_in_train"] == 0  # the audit removed them
    assert CORPORA["local"].tests_only(gold, ["sw"]) == ["sw"]
    assert CORPORA["local"].tests_only(str(PANX), ["sw"]) == []


def test_what_is_downloaded_has_to_be_there_and_nothing_else_can_be_downloaded(tmp_path):
    with pytest.raises(UserError, match="corpus hub: must be downloaded before it is built"):
        build_corpus({"hub": {"dataset": "google/xtreme"}}, "sw", Annotation("ner"), tmp_path)
    with pytest.raises(UserError, match="corpus local: this corpus is not downloaded; build it directly"):
        download_corpus({"local": "data/panx"}, "sw", ("test",), tmp_path, "ner")


def test_a_toy_corpus_is_one_entry_in_the_registry(tmp_path, monkeypatch):
    def load(options, language, annotation, splits):
        made = {split: [TaggedSentence(split, language, (split, options), ("O", "O"))] for split in options.split()}
        return Loaded(made, {"train": {"sentences without words": 3}})

    module = ModuleType("toy_corpus")
    module.load = load
    monkeypatch.setitem(sys.modules, "toy_corpus", module)
    toy = Corpus("toy_corpus:load", lambda options, languages, cache=None: None, lambda options, language: [])
    monkeypatch.setitem(CORPORA.own, "toy", toy)
    build_corpus({"toy": "train validation test"}, "sw", Annotation("ner"), tmp_path)
    assert read_examples(tmp_path / "train.parquet", TaggedSentence)[0].tokens[0] == "train"
    assert read_json(tmp_path / "audit.json")["changes"] == {"train": {"sentences without words": 3}}


@pytest.mark.parametrize(
    ("corpus", "message"),
    [
        ({"wiki": 1}, "unknown corpus 'wiki'; choose from synthetic local hub"),
        ({}, "expected exactly one corpus, found 0 in {}; name exactly one of synthetic local hub"),
        ({"local": "x", "synthetic": {}}, "found 2 in {'local': .*; name exactly one of synthetic local hub"),
    ],
)
def test_corpora_that_do_not_exist_are_refused(corpus, message):
    with pytest.raises(UserError, match=message):
        choose_corpus(corpus)


def test_importing_the_registry_imports_nothing_heavy():
    program = (
        "import sys, isogloss.corpora, isogloss.corpora.build, isogloss.corpora.sampling;"
        "heavy = {'yaml', 'babel', 'faker', 'pyarrow', 'pandas', 'numpy', 'torch', 'datasets', 'huggingface_hub'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
