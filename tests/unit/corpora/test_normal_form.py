"""One normal form for all text: what changes, what is counted, and duplicates that only other forms hide."""

import unicodedata

import pytest
from reading import write

from isogloss.common.annotation import Annotation
from isogloss.common.examples import Question, SentencePair, TaggedSentence, read_examples
from isogloss.common.files import read_json
from isogloss.corpora import local
from isogloss.corpora.base import Loaded
from isogloss.corpora.build import build_corpus
from isogloss.corpora.normal_form import fold_content, normalise_example, normalise_loaded

COMPOSED, DECOMPOSED = "ọ̀rọ̀ é", unicodedata.normalize("NFD", "ọ̀rọ̀ é")


def test_words_and_texts_change_and_labels_and_ids_stay():
    tagged = TaggedSentence("e\u0301-1", "yo", (DECOMPOSED, "x"), ("B-e\u0301", "O"))
    changed = normalise_example(tagged, "NFC")
    assert changed == TaggedSentence("e\u0301-1", "yo", (unicodedata.normalize("NFC", DECOMPOSED), "x"), tagged.tags)
    pair = SentencePair("a", "yo", DECOMPOSED, "x", "e\u0301")
    assert normalise_example(pair, "NFC").premise == unicodedata.normalize("NFC", DECOMPOSED)
    assert normalise_example(pair, "NFC").label == "e\u0301"
    assert normalise_example(pair, "none") is pair
    assert normalise_example(changed, "NFC") is changed
    assert normalise_example(changed, "NFD").tokens[0] == DECOMPOSED


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
def test_positions_of_answers_follow_their_passage(form):
    context = "e\u0301 \ufb01 Os\u0301lo, Oslo é"
    for answer in ("Os\u0301lo", "Oslo"):
        question = Question("q", "yo", context, "e\u0301 ?", (answer,), (context.index(answer),))
        changed = normalise_example(question, form)
        ((start,), (text,)) = changed.starts, changed.answers
        assert changed.context == unicodedata.normalize(form, context)
        assert changed.context.startswith(text, start) and text == unicodedata.normalize(form, answer)


def test_a_question_stays_if_its_answer_begins_within_a_character_of_the_normal_form():
    question = Question("q", "yo", "e\u0301 x", "?", ("\u0301 x",), (1,))
    assert normalise_example(question, "NFC") is question


def test_examples_that_change_are_counted_by_split():
    loaded = Loaded({"train": [TaggedSentence("a", "yo", (DECOMPOSED,), ("O",))] * 3, "test": []}, {"train": {"x": 1}})
    assert normalise_loaded(loaded, "NFC").changes == {"train": {"x": 1, "examples changed to NFC": 3}}
    assert normalise_loaded(loaded, "none") == loaded


def write_corpus(folder) -> dict:
    write(folder / "yo" / "train.tsv", f"{DECOMPOSED.split()[0]}\tO\n\nb\tO\n")
    write(folder / "yo" / "dev.tsv", "c\tO\n")
    write(folder / "yo" / "test.tsv", f"{unicodedata.normalize('NFC', COMPOSED.split()[0])}\tB-LOC\n")
    return {"local": str(folder)}


@pytest.mark.parametrize("form", ["NFC", "NFD", "none"])
def test_a_leak_is_found_whatever_the_forms_of_the_two_texts(tmp_path, form):
    annotation = Annotation("ner", normal_form=form)
    build_corpus(write_corpus(tmp_path / "data"), "yo", annotation, tmp_path / "out")
    report = read_json(tmp_path / "out" / "audit.json")
    assert report["removed_from_train"] == {"found_in_validation_or_test": 1, "repeats": 0}
    assert report["duplicates"]["test_in_train"] == 1
    changed = {"NFC": "train", "NFD": "test"}.get(form)
    assert report["changes"] == ({changed: {f"examples changed to {form}": 1}} if changed else {})
    assert [one.tokens for one in read_examples(tmp_path / "out" / "train.parquet")] == [("b",)]


def test_check_counts_what_the_normal_form_changes(tmp_path):
    options = write_corpus(tmp_path / "data")["local"]
    found = local.check(options, ["yo"], Annotation("ner"))["yo"]
    assert found.train == 1
    assert "yo: train: examples changed to NFC: 1" in found.notes


def test_content_is_compared_in_one_form():
    assert fold_content((DECOMPOSED, "x")) == fold_content((COMPOSED, "x"))
    assert fold_content((DECOMPOSED, "x")) != fold_content((DECOMPOSED + " x",))
