"""Corpora of sentence pairs and questions: the user's files, the audit, and real samples if they are available."""

import json
from pathlib import Path

import pytest
from studies import SAMPLES

from isogloss.common.annotation import Annotation
from isogloss.common.errors import UserError
from isogloss.common.examples import Question, SentencePair, read_examples, write_examples
from isogloss.common.files import read_json
from isogloss.corpora import CORPORA, local
from isogloss.corpora.audit import audit, audit_languages, audit_test
from isogloss.corpora.build import build_corpus, build_test_corpus
from isogloss.corpora.sampling import draw_source
from isogloss.corpora.synthetic.synthetic import load
from isogloss.runs.record import count_budget

HEADER = "premise\thypothesis\tlabel\n"
PAIRS = HEADER + 'He said "no.\tHe spoke.\tentailment\nHe said "no.\tHe slept.\tcontradiction\n'


def ask(name: str, context: str, answer: str, start: int | None = None) -> dict:
    start = context.find(answer) if start is None else start
    asked = {"id": name, "question": "Where ?", "answers": [{"text": answer, "answer_start": start}]}
    return {"context": context, "qas": [asked]}


def squad(*paragraphs: dict) -> str:
    return json.dumps({"version": "1.1", "data": [{"title": "t", "paragraphs": list(paragraphs)}]}, indent=1)


def write(folder: Path, suffix: str, **files: str) -> str:
    """Write the splits of a Swahili corpus; a split that is not given has one example of its own."""
    for split in ("train", "dev", "test"):
        other = squad(ask("a", f"{split} is in Oslo", "Oslo")) if suffix == "json" else f"{HEADER}{split}\tx\tneutral\n"
        path = folder / "sw" / f"{split}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files.get(split, other), encoding="utf-8")
    return str(folder)


def test_sentence_pairs_are_read_as_they_stand(tmp_path):
    turned = "id\tlabel\thypothesis\tpremise\r\n7\tneutral\t\u200bh \t p'\r\n\r\n"
    splits = local.load(write(tmp_path, "tsv", train=PAIRS, dev=turned), "sw", Annotation("nli")).splits
    assert splits["train"][1] == SentencePair("sw-train-1", "sw", 'He said "no.', "He slept.", "contradiction")
    assert splits["validation"] == [SentencePair("sw-validation-0", "sw", "p'", "\u200bh", "neutral")]
    assert CORPORA["local"].check(str(tmp_path), ["sw"], Annotation("nli"))["sw"].train == 2


def test_questions_are_read_with_all_their_answers(tmp_path):
    asked = ask("q", "Ada met Bob in Oslo .", "Oslo")
    asked["qas"][0]["answers"].append({"text": "in Oslo", "answer_start": 12})
    splits = local.load(write(tmp_path, "json", train=squad(asked)), "sw", Annotation("qa")).splits
    (question,) = splits["train"]
    assert (question.answers, question.starts, question.id) == (("Oslo", "in Oslo"), (15, 12), "sw-train-0")
    assert question.context[15:19] == "Oslo"
    assert CORPORA["local"].check(str(tmp_path), ["sw"], Annotation("qa"))["sw"].train == 1


def test_the_synthetic_corpus_is_for_ner_only():
    options = {"train": 10, "validation": 5, "test": 5}
    for ask_it in (CORPORA["synthetic"].check, lambda *given: load(options, "sw", Annotation("nli"))):
        with pytest.raises(
            UserError, match="corpus synthetic: does not support tasks of kind 'nli', only ner; use a local or a hub"
        ):
            ask_it(options, ["sw"], Annotation("nli"))


def pair(split: str, premise: str, hypothesis: str, label: str = "neutral") -> SentencePair:
    return SentencePair(f"en-{split}-{premise}-{hypothesis}", "en", premise, hypothesis, label)


@pytest.fixture
def pairs() -> dict[str, list[SentencePair]]:
    return {
        "train": [
            pair("train", "a", "1"),
            pair("train", "a", "1", "entailment"),
            pair("train", "a", "2"),
            pair("train", "v", "2"),
            pair("train", "t", "9"),
        ],
        "validation": [pair("validation", "v", "1"), pair("validation", "t", "1")],
        "test": [pair("test", "t", "1"), pair("test", "u", "1", "entailment"), pair("test", "u", "1")],
    }


def test_no_premise_is_in_two_splits_after_the_audit(pairs):
    cleaned, report = audit(pairs)
    assert [one.content for one in cleaned["train"]] == [("a", "1"), ("a", "2")]
    assert [one.content for one in cleaned["validation"]] == [("v", "1")]
    assert cleaned["test"] == pairs["test"]
    premises = [{one.premise for one in cleaned[split]} for split in ("train", "validation", "test")]
    assert sum(map(len, premises)) == len(set.union(*premises)) == 4
    assert report["sentences"]["train"] == {"before": 5, "after": 2}
    assert report["duplicates"] == {
        "within": {"train": 1, "validation": 0, "test": 1},
        "validation_in_train": 0,
        "test_in_train": 0,
        "test_in_validation": 1,
    }
    assert report["removed_from_train"] == {"found_in_validation_or_test": 2, "repeats": 1}
    assert report["removed_from_validation"] == 1
    assert report["labels"]["test"] == {"entailment": 1, "neutral": 2}
    assert report["premises"] == {"train": 1, "validation": 1, "test": 2}
    assert report["lengths"]["train"] == {"min": 2, "median": 2, "mean": 2, "max": 2}
    pairs["validation"] = pairs["validation"][1:]
    with pytest.raises(UserError, match=r"en: the audit removes all 1 validation sentences .* also occur in test"):
        audit(pairs)


def test_the_audit_of_questions_tells_of_passages_and_answers():
    def ask_of(split, context, question):
        return Question(split, "en", context, question, ("b c", "c"), (2, 4))

    splits = {
        "train": [ask_of("train", "a b c", "1"), ask_of("train", "t b c", "1"), ask_of("train", "a b c", "2")],
        "validation": [ask_of("validation", "v b c", "1")],
        "test": [ask_of("test", "t b c", "2")],
    }
    cleaned, report = audit(splits)
    assert [one.question for one in cleaned["train"]] == ["1", "2"]
    assert report["passages"] == {"train": 1, "validation": 1, "test": 1}
    assert report["answers"]["train"]["mean"] == 2
    assert report["answer_words"]["train"] == {"min": 1, "median": 1.5, "mean": 1.5, "max": 2}
    assert "labels" not in report
    assert audit_test(splits["test"], splits["train"])["duplicates"]["test_in_train"] == 0
    assert audit_test(splits["test"], [])["passages"] == {"test": 1}


def test_the_languages_of_a_task_are_compared_whatever_its_kind(tmp_path, pairs):
    for language in ("en", "de"):
        for split in ("train", "test"):
            write_examples(tmp_path / language / f"{split}.parquet", pairs[split], SentencePair)
    report = audit_languages({language: tmp_path / language for language in ("en", "de")})
    assert report["train"] == {"de": 5, "en": 5}
    assert report["test_in_train"] == {"de": {"en": 0}, "en": {"de": 0}}


def test_a_budget_counts_the_words_of_any_example(pairs):
    counted = count_budget(pairs["test"], {"steps": 3, "subword_tokens": {"en": 40}})
    assert counted == {"sentences": {"en": 3}, "words": {"en": 6}, "subword_tokens": {"en": 40}, "steps": 3}


def find_samples(name: str) -> str:
    if not (SAMPLES / name).is_dir():
        pytest.skip(f"no samples of {name} next to the project")
    return str(SAMPLES / name)


def test_real_xnli_passes_whole_in_its_seven_languages(tmp_path):
    folder = find_samples("xnli")
    studied = ["ar", "bn", "en", "fi", "id", "ru", "sw", "es", "de", "hi"]
    languages = CORPORA["local"].covers(folder, studied)
    assert languages == ["ar", "en", "ru", "sw", "es", "de", "hi"]
    found = CORPORA["local"].check(folder, languages, Annotation("nli"))
    assert {language: one.train for language, one in found.items()} == dict.fromkeys(languages, 1500)
    assert found["hi"].notes[0] == "hi: train: examples changed to NFC: 182"
    assert found["de"].notes == ()
    build_corpus({"local": folder}, "sw", Annotation("nli"), tmp_path, need=1500)
    report = read_json(tmp_path / "audit.json")
    assert report["sentences"]["test"] == {"before": 690, "after": 690}
    assert report["removed_from_train"] == {"found_in_validation_or_test": 0, "repeats": 0}
    assert report["removed_from_validation"] == 0
    assert report["labels"]["train"] == {"contradiction": 500, "entailment": 500, "neutral": 500}
    assert report["premises"] == {"train": 500, "validation": 100, "test": 230}
    train = read_examples(tmp_path / "train.parquet")
    few, more = (draw_source(train, n, task="nli", language="sw", seed=1) for n in (10, 40))
    assert more[:10] == few and len(set(more)) == 40


# Numbers of training questions before and after the audit, and of validation questions before and after the audit.
# They differ because some passages are in several splits.
LEFT_OF_TYDIQA = {
    "ar": (552, 509, 138, 131),
    "bn": (67, 62, 17, 17),
    "en": (264, 257, 66, 66),
    "fi": (469, 387, 117, 103),
    "id": (339, 321, 84, 77),
    "ru": (487, 470, 122, 120),
    "sw": (299, 208, 75, 62),
}


@pytest.mark.parametrize("language", sorted(LEFT_OF_TYDIQA))
def test_real_tydiqa_loses_passages_that_other_splits_have(language, tmp_path):
    folder = find_samples("tydiqa")
    train, train_left, validation, validation_left = LEFT_OF_TYDIQA[language]
    assert CORPORA["local"].check(folder, [language], Annotation("qa"))[language].train == train_left
    build_corpus({"local": folder}, language, Annotation("qa"), tmp_path / "qa")
    report = read_json(tmp_path / "qa" / "audit.json")
    assert report["sentences"]["train"] == {"before": train, "after": train_left}
    assert report["sentences"]["validation"] == {"before": validation, "after": validation_left}
    contexts = [
        {one.context for one in read_examples(tmp_path / "qa" / f"{split}.parquet")}
        for split in ("train", "validation", "test")
    ]
    assert sum(map(len, contexts)) == len(set.union(*contexts))
    build_test_corpus({"local": folder}, language, Annotation("qa"), None, tmp_path / "tested")
    assert read_json(tmp_path / "tested" / "audit.json")["duplicates"]["test_in_train"] == 0


def test_real_tydiqa_has_seven_of_the_ten_languages():
    studied = ["ar", "bn", "en", "fi", "id", "ru", "sw", "es", "de", "hi"]
    assert CORPORA["local"].covers(find_samples("tydiqa"), studied) == sorted(LEFT_OF_TYDIQA)
