"""Names of the folders of languages and of the files of splits."""

import pytest
from reading import write

from isogloss.common.errors import UserError
from isogloss.corpora.folders import find_folder, list_splits
from isogloss.corpora.forms.records import Reading


def make(folder, *names: str):
    for name in names:
        write(folder / name, "x O\n")
    return folder


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("sw", "sw"),
        ("swa", "sw"),
        ("yor", "yo"),
        ("zh_Hant", "zh-Hant"),
        ("pcm", "pcm"),
        ("am", "am"),
        ("pt_BR", "pt-BR"),
    ],
)
def test_the_folder_of_a_language_may_have_another_of_its_codes(tmp_path, name, language):
    make(tmp_path, f"{name}/train.tsv", "results/x.txt", "de/train.tsv")
    assert find_folder(tmp_path, language) == tmp_path / name
    assert find_folder(tmp_path, "fr") is None
    assert find_folder(tmp_path / "nowhere", language) is None


def test_two_folders_of_one_language_are_refused_unless_one_has_its_code(tmp_path):
    make(tmp_path, "eng/x", "en_/x", "swa/x", "sw/x")
    assert find_folder(tmp_path, "sw") == tmp_path / "sw"
    make(tmp_path, "ENG/x")
    with pytest.raises(UserError, match="the folders ENG and eng are both of language en; keep one of them"):
        find_folder(tmp_path, "en")


@pytest.mark.parametrize(
    "names",
    [
        ("train.tsv", "dev.tsv", "test.tsv"),
        ("train", "validation", "test"),
        ("train.txt", "valid.txt", "test.txt"),
        ("train.conll", "val.conll", "test.conll"),
        ("train.bio", "devel.bio", "test.bio"),
        ("train.jsonl", "validation.jsonl", "test.jsonl"),
        ("training.csv", "development.csv", "testing.csv"),
        ("train.tsv.gz", "dev.tsv.gz", "test.tsv.gz"),
        ("en_ewt-ud-train.iob2", "en_ewt-ud-dev.iob2", "en_ewt-ud-test.iob2"),
        ("de_train.conll", "de_dev.conll", "de_test.conll"),
        ("train_preprocess.txt", "valid_preprocess.txt", "test_preprocess.txt"),
        ("KorNER_v1.0_train.json", "KorNER_v1.0_dev.json", "KorNER_v1.0_test.json"),
        ("train-00000-of-00001.parquet", "validation-00000-of-00001.parquet", "test-00000-of-00001.parquet"),
    ],
)
def test_names_that_are_common_are_recognised(tmp_path, names):
    folder = make(tmp_path, *names, "README.md", "LICENSE", ".train.tsv.swp", "trainer.py", "train.log")
    found = list_splits(folder, Reading())
    assert {split: [path.name for path in paths] for split, paths in found.items()} == {
        "train": [names[0]],
        "validation": [names[1]],
        "test": [names[2]],
    }


def test_parts_of_a_split_are_read_in_order(tmp_path):
    names = [f"train-0000{number}-of-00003.parquet" for number in (2, 0, 1)]
    found = list_splits(make(tmp_path, *names), Reading())
    assert [path.name for path in found["train"]] == sorted(names)


def test_a_split_that_is_there_twice_is_refused(tmp_path):
    folder = make(tmp_path, "train.tsv", "train.txt")
    message = (
        r"several files for the train split: train\.tsv train\.txt; keep one, or write `split_names: {train: train"
    )
    with pytest.raises(UserError, match=message):
        list_splits(folder, Reading())
    chosen = list_splits(folder, Reading(split_names={"train": "train.txt"}))
    assert [path.name for path in chosen["train"]] == ["train.txt"]


def test_a_file_called_like_the_split_is_taken_before_one_with_its_word_in_its_name(tmp_path):
    found = list_splits(make(tmp_path, "test.tsv", "test-hard.tsv"), Reading())
    assert [path.name for path in found["test"]] == ["test.tsv"]


@pytest.mark.parametrize("name", ["gold.conll", "gold"])
def test_split_names_name_a_file_with_or_without_its_ending(tmp_path, name):
    folder = make(tmp_path, "gold.conll", "silver.conll")
    assert list_splits(folder, Reading(split_names={"test": name})) == {"test": [folder / "gold.conll"]}
    message = r"no file 'bronze', which `split_names` names for test, only gold\.conll, silver\.conll; correct the name"
    with pytest.raises(UserError, match=message):
        list_splits(folder, Reading(split_names={"test": "bronze"}))
