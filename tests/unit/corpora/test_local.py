"""Reading the user's own files; errors are one line with the file and the line number."""

import os
from pathlib import Path

import pytest

from isogloss.common.annotation import Annotation
from isogloss.common.errors import UserError
from isogloss.common.files import read_json
from isogloss.corpora import local
from isogloss.corpora.readers.sentences import convert_to_iob2, read_sentences

GOOD = "Nairobi\tB-LOC\n.\tO\n"


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a valid corpus of Swahili: sw/{train,dev,test}.tsv."""
    for split in ("dev", "test"):
        write(tmp_path / "sw" / f"{split}.tsv", GOOD)
    write(tmp_path / "sw" / "train.tsv", "Rais\tO\n\n" + GOOD)
    return tmp_path


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def read(tmp_path, content, language="sw"):
    """Return (tokens, tags) of each sentence in a file with this content."""
    write(tmp_path / "file", content)
    return [(s.tokens, s.tags) for s in read_sentences(tmp_path / "file", language, "train")]


def test_loads_three_splits_with_ids(folder):
    write(folder / "sw" / "train.tsv", GOOD + "\n" + GOOD)
    splits = local.load(str(folder), "sw", Annotation("ner"))
    assert list(splits) == ["train", "validation", "test"]
    assert [s.id for s in splits["train"]] == ["sw-train-0", "sw-train-1"]
    assert [s.id for s in splits["validation"]] == ["sw-validation-0"]
    assert splits["test"][0].tokens == ("Nairobi", ".") and splits["test"][0].tags == ("B-LOC", "O")
    assert splits["test"][0].language == "sw"


@pytest.mark.parametrize("name", ["dev.tsv", "validation.tsv", "dev.txt", "validation.conll", "dev", "validation"])
def test_validation_may_be_called_dev_with_any_ending(folder, name):
    (folder / "sw" / "dev.tsv").rename(folder / "sw" / name)
    assert [path.name for path in local.files(str(folder), "sw")] == ["train.tsv", name, "test.tsv"]
    assert len(local.load(str(folder), "sw", Annotation("ner"))["validation"]) == 1


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("I-PER I-PER O I-LOC", "B-PER I-PER O B-LOC"),  # IOB1
        ("I-PER B-PER I-PER", "B-PER B-PER I-PER"),  # IOB1: B only between adjacent entities
        ("I-PER I-LOC I-LOC", "B-PER B-LOC I-LOC"),
        ("B-PER I-PER O B-LOC", "B-PER I-PER O B-LOC"),  # IOB2
        ("B-PER I-ORG", "B-PER B-ORG"),
        ("O O", "O O"),
    ],
)
def test_iob1_and_iob2_leave_as_iob2(tags, expected):
    assert convert_to_iob2(tags.split()) == tuple(expected.split())


def test_an_entity_does_not_go_on_across_sentences(tmp_path):
    assert read(tmp_path, "a\tI-PER\n\nb\tI-PER\n") == [(("a",), ("B-PER",)), (("b",), ("B-PER",))]


@pytest.mark.parametrize(
    "content",
    [
        "a\tB-PER\nb\tI-PER\n\nc\tO\n",
        "a B-PER\nb I-PER\n\nc O\n",
        "a   B-PER\nb I-PER \n \t\nc O",
        "a\tB-PER\r\nb\tI-PER\r\n\r\nc\tO\r\n",
        "\ufeffa\tB-PER\nb\tI-PER\n\n\n\nc\tO\n\n\n",
        "-DOCSTART- -X- O O\n\na\tB-PER\nb\tI-PER\n\n-DOCSTART-\tO\n\nc\tO\n",
        "a\tB-PER\nb\tI-PER\n-DOCSTART-\nc\tO\n",
        "sw:a\tB-PER\nsw:b\tI-PER\n\nsw:c\tO\n",
    ],
)
def test_ways_to_write_the_same_two_sentences(tmp_path, content):
    assert read(tmp_path, content) == [(("a", "b"), ("B-PER", "I-PER")), (("c",), ("O",))]


@pytest.mark.parametrize("separator", ["\t", " "])
@pytest.mark.parametrize(
    "token", ["a\u00a0b", "\u200b", "\u00a0", "a\u2028b", "নরোন্\u200cহা", "x\u3000y", "a\x0bb", "a\x85b"]
)
def test_only_tab_and_ascii_space_part_columns_and_only_newline_parts_lines(tmp_path, token, separator):
    assert read(tmp_path, f"{token}{separator}O\nb{separator}O\n") == [((token, "b"), ("O", "O"))]


def test_a_tab_wins_over_spaces(tmp_path):
    assert read(tmp_path, "New York\tB-LOC\n") == [(("New York",), ("B-LOC",))]


def test_prefixes_go_up_to_the_first_colon_only(tmp_path):
    assert read(tmp_path, "sw:10:30\tO\nsw::\tO\n") == [(("10:30", ":"), ("O", "O"))]


@pytest.mark.parametrize("content", ["sw:a\tO\nb\tO\n", "en:a\tO\nen:b\tO\n", "a\tO\nsw:\tO\n"])
def test_real_tokens_that_look_like_a_prefix_stay(tmp_path, content):
    tokens = tuple(line.split("\t")[0] for line in content.splitlines())
    assert read(tmp_path, content) == [(tokens, ("O", "O"))]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD + "\nword\n", r"train\.tsv:4: found 1 column\(s\) in 'word'"),
        ("a b c O\n", r"train\.tsv:1: found 4 column\(s\)"),
        ("a\tNN\tO\n", r"train\.tsv:1: found 3 column\(s\)"),
        ("ok\tO\n\tO\n", r"train\.tsv:2: found 2 column\(s\)"),
        ("ok\tO\n\u00a0\n", r"train\.tsv:2: found 1 column\(s\)"),
        ("a\tO\nb\tB-MISC\n", r"train\.tsv:2: unknown tag 'B-MISC'; use one of O B-LOC I-LOC"),
        ("a\tS-PER\n", r"train\.tsv:1: unknown tag 'S-PER'"),
        ("a\tb-per\n", r"train\.tsv:1: unknown tag 'b-per'"),
        ("a\t\n", r"train\.tsv:1: unknown tag ''"),
        ("", r"train\.tsv: contains no sentences"),
        ("\n \n\t\n", r"train\.tsv: contains no sentences"),
        ("-DOCSTART-\n", r"train\.tsv: contains no sentences"),
        (b"a\tO\n\nb\tO\nM\xfcnchen\tB-LOC\n", r"train\.tsv:4: byte 0xfc is not UTF-8"),
        ("a\tO\n".encode("utf-16"), r"train\.tsv:1: byte 0xff is not UTF-8"),
        ("sw:a\tO\nsw:\tO\n", r"train\.tsv:2: no token after the language prefix 'sw:'"),
    ],
)
def test_bad_files_are_refused_by_check_and_by_load_with_file_and_line(folder, content, message):
    write(folder / "sw" / "train.tsv", content)
    for refuse in (
        lambda: local.check(str(folder), ["sw"], Annotation("ner")),
        lambda: local.load(str(folder), "sw", Annotation("ner")),
    ):
        with pytest.raises(UserError, match=message) as caught:
            refuse()
        assert "\n" not in str(caught.value)


def test_missing_folder_language_and_split(folder):
    with pytest.raises(UserError, match=r"no folder .*nowhere"):
        local.check(str(folder / "nowhere"), ["sw"], Annotation("ner"))
    with pytest.raises(UserError, match=r"no folder .*fi for language 'fi'"):
        local.check(str(folder), ["sw", "fi"], Annotation("ner"))
    (folder / "sw" / "dev.tsv").unlink()
    message = r"sw: no validation split, found test\.tsv, train\.tsv; add dev\.tsv or validation\.tsv"
    with pytest.raises(UserError, match=message):
        local.check(str(folder), ["sw"], Annotation("ner"))


def test_a_split_that_is_there_twice_is_refused(folder):
    write(folder / "sw" / "train.txt", GOOD)
    with pytest.raises(UserError, match=r"several files for the train split; keep one of train\.tsv train\.txt"):
        local.check(str(folder), ["sw"], Annotation("ner"))


def test_other_kinds_of_task_are_refused(folder):
    with pytest.raises(UserError, match="does not support tasks of kind 'parsing', only ner nli qa"):
        local.load(str(folder), "sw", Annotation("parsing"))


def test_check_tells_what_the_audit_leaves_in_training(folder):
    write(folder / "sw" / "train.tsv", "\n".join([GOOD, "a\tO\n", "a\tO\n", "b\tO\n"]))
    assert local.check(str(folder), ["sw"], Annotation("ner")) == {"sw": 2}


def test_check_reads_a_language_again_only_when_size_or_time_of_a_file_changed(folder, tmp_path, monkeypatch):
    for split in ("train", "dev", "test"):
        write(folder / "sw" / f"{split}.tsv", f"{split}\tO\n")
        write(folder / "fi" / f"{split}.tsv", f"{split}\tO\n")
    cache, languages_read = tmp_path / "cache" / "checked.json", []
    original = local.load
    monkeypatch.setattr(local, "load", lambda *args: languages_read.append(args[1]) or original(*args))

    def check():
        languages_read.clear()
        assert local.check(str(folder), ["sw", "fi"], Annotation("ner"), cache) == {"sw": 1, "fi": 1}
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
        local.check(str(tmp_path / name), ["sw"], Annotation("ner"), tmp_path / "checked.json")
    assert sorted(read_json(tmp_path / "checked.json")) == [f"ner {tmp_path / name / 'sw'}" for name in ("one", "two")]


def test_a_file_that_failed_is_not_remembered_as_good(folder, tmp_path):
    write(folder / "sw" / "test.tsv", "a\tX\n")
    for _ in range(2):
        with pytest.raises(UserError, match=r"test\.tsv:1: unknown tag 'X'"):
            local.check(str(folder), ["sw"], Annotation("ner"), tmp_path / "checked.json")
