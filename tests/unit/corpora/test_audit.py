"""The audit: counts, removed examples and errors."""

import pytest

from isogloss.common.errors import UserError
from isogloss.common.examples import TaggedSentence, write_examples
from isogloss.corpora.audit import audit, audit_languages


def make(texts, language="sw", split="train"):
    """Return sentences with the given texts; capitalised words are tagged B-LOC."""
    return [
        TaggedSentence(
            f"{language}-{split}-{number}",
            language,
            tuple(text.split()),
            tuple("B-LOC" if word[0].isupper() else "O" for word in text.split()),
        )
        for number, text in enumerate(texts)
    ]


@pytest.fixture
def splits():
    return {
        "train": make(["a", "b b", "a", "Rome x y", "c", "c", "d", "a"]),
        "validation": make(["c", "v", "v"], split="validation"),
        "test": make(["d", "t", "v", "Rome Oslo"], split="test"),
    }


def test_training_loses_repeats_and_held_out_sentences_and_nothing_else_changes(splits):
    cleaned, _ = audit(splits)
    assert [s.id for s in cleaned["train"]] == ["sw-train-0", "sw-train-1", "sw-train-3"]
    assert cleaned["validation"] == splits["validation"]
    assert cleaned["test"] == splits["test"]


def test_the_report_counts_duplicates_and_what_was_removed(splits):
    _, report = audit(splits)
    assert report["sentences"] == {
        "train": {"before": 8, "after": 3},
        "validation": {"before": 3, "after": 3},
        "test": {"before": 4, "after": 4},
    }
    assert report["duplicates"] == {
        "within": {"train": 3, "validation": 1, "test": 0},
        "validation_in_train": 1,
        "test_in_train": 1,
        "test_in_validation": 1,
    }
    assert report["removed_from_train"] == {"found_in_validation_or_test": 3, "repeats": 2}


def test_the_report_describes_the_cleaned_splits(splits):
    _, report = audit(splits)
    assert report["labels"]["train"] == {"B-LOC": 1, "O": 5}
    assert report["entities"] == {"train": {"LOC": 1}, "validation": {}, "test": {"LOC": 2}}
    assert report["lengths"]["train"] == {"min": 1, "median": 2, "mean": 2, "max": 3}
    assert report["lengths"]["test"] == {"min": 1, "median": 1.0, "mean": 1.25, "max": 2}


def test_other_tags_do_not_make_another_sentence(splits):
    splits["train"].append(TaggedSentence("sw-train-8", "sw", ("a",), ("B-PER",)))
    assert len(audit(splits)[0]["train"]) == 3


def test_order_of_words_and_their_borders_matter(splits):
    splits["train"] += [TaggedSentence("x", "sw", ("bb",), ("O",)), TaggedSentence("y", "sw", ("t", "t"), ("O", "O"))]
    assert [s.id for s in audit(splits)[0]["train"]][-2:] == ["x", "y"]


def test_a_corpus_of_which_nothing_is_left_is_refused():
    splits = {"train": make(["a"]), "validation": make(["b"]), "test": make(["a"])}
    message = "sw: the audit removes all 1 training sentences .* also occur in validation or test; make splits"
    with pytest.raises(UserError, match=message):
        audit(splits)


@pytest.fixture
def folders(tmp_path):
    train = {"sw": ["a", "b", "c"], "id": ["a", "x"], "fi": ["p", "q", "r", "t"]}
    test = {"sw": ["x", "y"], "id": ["a", "b", "a"], "fi": ["a"]}
    for language in train:
        write_examples(tmp_path / language / "train.parquet", make(train[language], language), TaggedSentence)
        write_examples(tmp_path / language / "test.parquet", make(test[language], language), TaggedSentence)
    return {language: tmp_path / language for language in train}


def test_duplicates_across_languages_are_counted_for_every_ordered_pair(folders):
    need = {language: {"source": 2, "shots": 2} for language in folders}
    assert audit_languages(folders) == audit_languages(folders, need)
    assert audit_languages(folders) == {
        "train": {"fi": 4, "id": 2, "sw": 3},
        "test_in_train": {"fi": {"id": 0, "sw": 0}, "id": {"fi": 1, "sw": 1}, "sw": {"fi": 1, "id": 3}},
    }


@pytest.mark.parametrize(
    ("role", "number", "message"),
    [
        (
            "source",
            3,
            "id: 3 training sentences are needed as source, but 2 are left after the audit; lower transfer.n",
        ),
        ("shots", 4, "id: 4 training sentences are needed as shots, but 2 are left after the audit; lower transfer.n"),
    ],
)
def test_needs_above_what_is_left_are_refused_with_language_and_both_numbers(folders, role, number, message):
    need = {language: {"source": 1, "shots": 0} for language in folders}
    need["id"][role] = number
    with pytest.raises(UserError, match=message):
        audit_languages(folders, need)
