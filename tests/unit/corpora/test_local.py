"""The corpus of the user's own folder: its splits, what a check finds and notes, and errors before the first job."""

import os

import pytest
from reading import write

from isogloss.common.annotation import Annotation
from isogloss.common.errors import UserError
from isogloss.common.files import read_json
from isogloss.corpora import local
from isogloss.corpora.base import Found

GOOD = "Nairobi\tB-LOC\n.\tO\n"
NER = Annotation("ner")


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a valid corpus of Swahili: sw/{train,dev,test}.tsv."""
    for split in ("dev", "test"):
        write(tmp_path / "sw" / f"{split}.tsv", f"{split}\tO\n{GOOD}")
    write(tmp_path / "sw" / "train.tsv", "Rais\tO\n\n" + GOOD)
    return tmp_path


def test_loads_three_splits_with_ids(folder):
    write(folder / "sw" / "train.tsv", GOOD + "\n" + GOOD)
    loaded = local.load(str(folder), "sw", NER)
    splits = loaded.splits
    assert list(splits) == ["train", "validation", "test"]
    assert [s.id for s in splits["train"]] == ["sw-train-0", "sw-train-1"]
    assert [s.id for s in splits["validation"]] == ["sw-validation-0"]
    assert splits["test"][0].tokens == ("test", "Nairobi", ".") and splits["test"][0].tags == ("O", "B-LOC", "O")
    assert splits["test"][0].language == "sw"
    assert loaded.changes == {}


@pytest.mark.parametrize("name", ["dev.tsv", "validation.tsv", "dev.txt", "validation.conll", "dev", "validation"])
def test_validation_may_be_called_dev_with_any_ending(folder, name):
    (folder / "sw" / "dev.tsv").rename(folder / "sw" / name)
    assert [path.name for path in local.files(str(folder), "sw")] == ["train.tsv", name, "test.tsv"]
    assert len(local.load(str(folder), "sw", NER).splits["validation"]) == 1


def test_options_of_a_corpus_say_how_its_files_are_read(folder):
    write(folder / "sw" / "gold.tsv", "% x y\nO\tM\u00fcnchen\n".encode("latin-1"))
    (folder / "sw" / "test.tsv").unlink()
    for split in ("train", "dev"):
        write(folder / "sw" / f"{split}.tsv", f"O\t{split}\n")
    options = {
        "path": str(folder),
        "columns": {"tokens": 2, "tags": 1},
        "comment": "%",
        "encoding": "latin-1",
        "split_names": {"test": "gold"},
    }
    loaded = local.load(options, "sw", NER)
    assert loaded.splits["test"][0].tokens == ("M\u00fcnchen",)
    assert loaded.changes == {"test": {"comment lines": 1}}
    assert local.check(options, ["sw"], NER)["sw"].train == 1


def test_changes_of_all_parts_of_a_split_are_added_up(folder):
    (folder / "sw" / "train.tsv").unlink()
    for number in (0, 1):
        content = f"word{number}\tB-DATE\n# a comment\n".replace("\n#", "\n\n#")
        write(folder / "sw" / f"train-0000{number}-of-00002.tsv", content)
    loaded = local.load(str(folder), "sw", Annotation("ner", map={"DATE": "O"}))
    assert [one.tokens[0] for one in loaded.splits["train"]] == ["word0", "word1"]
    assert loaded.changes == {"train": {"entities of type 'DATE'": 2, "comment lines": 2}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD + "\nword\n", r"train\.tsv:4: found 1 column\(s\) in 'word'"),
        (
            "a\tO\nb\tB-MISC\n",
            r"train\.tsv:2: 1 words have tags other than LOC ORG PER: 'MISC' 1; write `map: {MISC: O}",
        ),
        ("", r"train\.tsv: contains no usable examples"),
        (b"a\tO\n\nb\tO\nM\xfcnchen\tB-LOC\n", r"train\.tsv:4: byte 0xfc is not UTF-8"),
    ],
)
def test_bad_files_are_refused_by_check_and_by_load_with_file_and_line(folder, content, message):
    write(folder / "sw" / "train.tsv", content)
    for refuse in (lambda: local.check(str(folder), ["sw"], NER), lambda: local.load(str(folder), "sw", NER)):
        with pytest.raises(UserError, match=message) as caught:
            refuse()
        assert "\n" not in str(caught.value)


def test_missing_folder_language_and_split(folder):
    with pytest.raises(UserError, match=r"no folder .*nowhere"):
        local.check(str(folder / "nowhere"), ["sw"], NER)
    with pytest.raises(UserError, match=r"no folder .*fi for language 'fi', only sw; create it with the files of fi"):
        local.check(str(folder), ["sw", "fi"], NER)
    (folder / "sw" / "test.tsv").rename(folder / "sw" / "gold.tsv")
    message = (
        r"sw: no test split, found dev\.tsv, gold\.tsv, train\.tsv .*; add test\.tsv, name it in `split_names`, or "
    )
    with pytest.raises(UserError, match=message + "test sw on another corpus under `test_corpora`"):
        local.check(str(folder), ["sw"], NER)


def test_a_file_that_may_be_the_missing_validation_split_has_to_be_named_or_removed(folder):
    (folder / "sw" / "dev.tsv").rename(folder / "sw" / "tune.tsv")
    message = (
        r"no validation split, found test\.tsv, train\.tsv, tune\.tsv; name the file in .*{validation: tune\.tsv}}`"
    )
    with pytest.raises(UserError, match=message):
        local.check(str(folder), ["sw"], NER)
    named = {"path": str(folder), "split_names": {"validation": "tune"}}
    assert local.check(named, ["sw"], NER)["sw"].train == 2


def test_validation_is_cut_from_training_if_a_folder_has_none(folder):
    (folder / "sw" / "dev.tsv").unlink()
    write(folder / "sw" / "train.tsv", "\n".join(f"w{number}\tO\n" for number in range(20)))
    loaded = local.load(str(folder), "sw", NER)
    splits = {split: {one.tokens for one in examples} for split, examples in loaded.splits.items()}
    assert (len(splits["train"]), len(splits["validation"])) == (18, 2)
    assert len(splits["train"] | splits["validation"]) == 20
    assert loaded.changes["validation"] == {"examples cut from training": 2}
    assert local.load(str(folder), "sw", NER) == loaded
    write(folder / "sw" / "train.tsv", "w\tO\n\nw\tO\n")
    with pytest.raises(UserError, match="sw: no validation split, and training has only one text to cut from"):
        local.load(str(folder), "sw", NER)


def test_a_folder_with_a_test_split_is_that_of_a_target(folder):
    write(folder / "fi" / "test.tsv", "Oulu\tB-LOC\n")
    write(folder / "de" / "test.tsv", "Kiel\tB-LOC\n")
    write(folder / "de" / "dev.tsv", "this cannot be read\n")  # and is not: nobody chooses anything by it
    assert local.tests_only(str(folder), ["sw", "fi", "de"]) == ["fi", "de"]
    assert local.check(str(folder), ["sw", "fi", "de"], NER) == {"sw": Found(2), "fi": Found(0), "de": Found(0)}
    loaded = local.load(str(folder), "de", NER)
    assert {split: len(examples) for split, examples in loaded.splits.items()} == {
        "train": 0,
        "validation": 0,
        "test": 1,
    }
    assert [path.name for path in local.files(str(folder), "de")] == ["test.tsv"]


@pytest.mark.parametrize("empty", ["train", "validation", "test"])
def test_notes_say_that_a_split_has_no_entity(folder, empty):
    name = "dev" if empty == "validation" else empty
    write(folder / "sw" / f"{name}.tsv", "a\tO\n\nb\tO\n")
    effect = "; this target has no score" if empty == "test" else ""
    assert local.check(str(folder), ["sw"], NER)["sw"].notes == (f"sw: {empty}: no entity in 2 sentences{effect}",)


def test_notes_say_that_blank_lines_may_be_missing(folder):
    write(folder / "sw" / "train.tsv", GOOD + "x\tO\n" * 600)
    (note,) = local.check(str(folder), ["sw"], NER)["sw"].notes
    assert note == "sw: train: one sentence of 602 words; blank lines may be missing between sentences"


def test_notes_say_that_splits_or_languages_share_their_text(folder):
    write(folder / "sw" / "dev.tsv", (folder / "sw" / "test.tsv").read_bytes())
    for split in ("train", "dev", "test"):
        write(folder / "fi" / f"{split}.tsv", f"{split}\tB-LOC\n")
        write(folder / "de" / f"{split}.tsv", f"{split}\tB-LOC\n")
    found = local.check(str(folder), ["sw", "fi", "de"], NER)
    assert found["sw"].notes == ("sw: 1 of 1 test examples are also in validation",)
    assert found["fi"].notes == ()
    assert found["de"].notes == ("de: the test sentences are the same as those of fi",)


def test_notes_count_what_was_left_out(folder):
    write(folder / "sw" / "test.tsv", "# a comment\nOslo\tB-LOC\n\nMai\tB-DATE\n")
    found = local.check(str(folder), ["sw"], Annotation("ner", map={"DATE": "O"}))
    assert found["sw"].notes == ("sw: test: entities of type 'DATE': 1",)  # nobody has to act on comment lines


def test_other_kinds_of_task_are_refused(folder):
    with pytest.raises(UserError, match="does not support tasks of kind 'parsing', only ner nli pos qa"):
        local.load(str(folder), "sw", Annotation("parsing"))


def test_check_tells_what_the_audit_leaves_in_training(folder):
    write(folder / "sw" / "dev.tsv", GOOD)
    write(folder / "sw" / "train.tsv", "\n".join([GOOD, "a\tO\n", "a\tO\n", "b\tO\n"]))
    assert local.check(str(folder), ["sw"], NER)["sw"].train == 2


def test_check_reads_a_language_again_only_when_size_or_time_of_a_file_changed(folder, tmp_path, monkeypatch):
    for split in ("train", "dev", "test"):
        write(folder / "sw" / f"{split}.tsv", f"{split}\tO\n")
        write(folder / "fi" / f"{split}.tsv", f"{split}\tO\n")
    cache, languages_read = tmp_path / "cache" / "checked.json", []
    original = local.load
    monkeypatch.setattr(local, "load", lambda *args: languages_read.append(args[1]) or original(*args))

    def check():
        languages_read.clear()
        found = local.check(str(folder), ["sw", "fi"], NER, cache)
        assert {language: one.train for language, one in found.items()} == {"sw": 1, "fi": 1}
        return list(languages_read)

    assert check() == ["sw", "fi"]
    written = cache.stat().st_mtime_ns
    assert check() == []
    assert cache.stat().st_mtime_ns == written
    write(folder / "sw" / "dev.tsv", GOOD)
    assert check() == ["sw"]
    os.utime(folder / "fi" / "test.tsv", ns=(1, 1))
    assert check() == ["fi"]
    assert check() == []
    cache.write_text("{half")
    assert check() == ["sw", "fi"]


def test_studies_that_share_a_cache_keep_each_other_s_numbers(tmp_path):
    for name in ("one", "two"):
        for split in ("train", "dev", "test"):
            write(tmp_path / name / "sw" / f"{split}.tsv", f"{split}\tO\n")
        local.check(str(tmp_path / name), ["sw"], NER, tmp_path / "checked.json")
    known = sorted(" ".join(key.split(" ")[:2]) for key in read_json(tmp_path / "checked.json"))
    assert known == [f"ner {tmp_path / name / 'sw'}" for name in ("one", "two")]


def test_the_cache_keeps_results_of_each_way_to_read_apart(folder, tmp_path):
    write(folder / "sw" / "train.tsv", "a\tB-DATE\n\nb\tO\n\na\u0301\tO\n\n\u00e1\tO\n")
    cache = tmp_path / "checked.json"
    dropped = local.check(str(folder), ["sw"], Annotation("ner", map={"DATE": "O"}), cache)["sw"]
    kept = local.check(str(folder), ["sw"], Annotation("ner", labels=("LOC", "DATE")), cache)["sw"]
    assert "sw: train: entities of type 'DATE': 1" in dropped.notes
    assert not any("DATE" in note for note in kept.notes)
    with pytest.raises(UserError, match="have tags other than LOC ORG PER: 'DATE' 1"):
        local.check(str(folder), ["sw"], NER, cache)
    with pytest.raises(UserError, match="`columns` names column 3"):
        local.check(
            {"path": str(folder), "columns": {"tokens": 1, "tags": 3}},
            ["sw"],
            Annotation("ner", map={"DATE": "O"}),
            cache,
        )
    assert len(read_json(cache)) == 2


def test_a_file_that_failed_is_not_remembered_as_good(folder, tmp_path):
    write(folder / "sw" / "test.tsv", "a\tX\n")
    for _ in range(2):
        with pytest.raises(UserError, match=r"test\.tsv:1: 1 words have tags other than LOC ORG PER: 'X' 1"):
            local.check(str(folder), ["sw"], NER, tmp_path / "checked.json")
