"""Properties of the synthetic corpus in each of its languages."""

import hashlib
import os
import subprocess
import sys
from collections import Counter, defaultdict
from random import Random

import pytest

from isogloss.common.annotation import Annotation
from isogloss.common.errors import UserError
from isogloss.corpora.audit import audit
from isogloss.corpora.base import Found
from isogloss.corpora.synthetic import synthetic
from isogloss.corpora.synthetic.sheets import list_languages, read_sheet

SIZES = {"train": 2000, "validation": 150, "test": 150}
LANGUAGES = list_languages()


@pytest.fixture(scope="module")
def corpora():
    return {language: synthetic.load(SIZES, language, Annotation("ner")).splits for language in LANGUAGES}


def find_mentions(sentence):
    """Return (start, end, type) of each mention of an IOB2 sentence."""
    starts = [place for place, tag in enumerate(sentence.tags) if tag.startswith("B-")]
    mentions = []
    for start in starts:
        end = start + 1
        while end < len(sentence.tags) and sentence.tags[end].startswith("I-"):
            end += 1
        mentions.append((start, end, sentence.tags[start][2:]))
    return mentions


def list_mentions(sentences):
    return [(s.tokens[start:end], kind) for s in sentences for start, end, kind in find_mentions(s)]


def score_lookup(train, test):
    """Return the F1 of a lookup of the longest training mentions, from left to right, with their commonest type."""
    types = defaultdict(Counter)
    for tokens, kind in list_mentions(train):
        types[tokens][kind] += 1
    longest = max(map(len, types))
    found = right = gold = 0
    for sentence in test:
        truth, place = set(find_mentions(sentence)), 0
        gold += len(truth)
        while place < len(sentence.tokens):
            for end in range(min(place + longest, len(sentence.tokens)), place, -1):
                tokens = sentence.tokens[place:end]
                if tokens in types:
                    found += 1
                    right += (place, end, types[tokens].most_common(1)[0][0]) in truth
                    place = end - 1
                    break
            place += 1
    return 2 * right / (found + gold)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sizes_ids_and_schema(language, corpora):
    for split, sentences in corpora[language].items():
        assert len(sentences) == SIZES[split]
        assert [s.id for s in sentences] == [f"{language}-{split}-{n}" for n in range(SIZES[split])]
        for s in sentences:
            assert s.language == language and len(s.tokens) == len(s.tags) and 5 <= len(s.tokens) <= 20
            assert set(s.tags) <= {"O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG"}
            assert all(token and " " not in token and "{" not in token for token in s.tokens)
            before = ("O", *s.tags)
            assert all(last[1:] == tag[1:] for last, tag in zip(before, s.tags, strict=False) if tag[0] == "I")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_comes_twice_in_any_split(language, corpora):
    tokens = [s.tokens for sentences in corpora[language].values() for s in sentences]
    assert len(set(tokens)) == 2300


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_least_half_of_the_test_mentions_never_occur_in_training(language, corpora):
    seen = set(list_mentions(corpora[language]["train"]))
    test = list_mentions(corpora[language]["test"])
    assert 0.35 <= sum(mention in seen for mention in test) / len(test) <= 0.45
    assert 0.30 <= len(set(test) & seen) / len(set(test)) <= 0.45


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_least_a_quarter_of_the_test_patterns_never_occur_in_training(language):
    patterns = synthetic.divide_patterns(language, read_sheet(language).patterns)
    own = {split: set(patterns[split]) - set().union(*(patterns[s] for s in SIZES if s != split)) for split in SIZES}
    assert {split: len(found) for split, found in patterns.items()} == {"train": 24, "validation": 17, "test": 17}
    assert {split: len(found) for split, found in own.items()} == {"train": 12, "validation": 5, "test": 5}
    assert set().union(*patterns.values()) == set(read_sheet(language).patterns)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("n", [600, 2000])
def test_looking_up_training_mentions_stays_below_f1_of_0_6(language, n, corpora):
    train = Random(0).sample(corpora[language]["train"], n)
    assert 0.4 < score_lookup(train, corpora[language]["test"]) < 0.6


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_have_several_mentions_and_long_ones_are_common(language, corpora):
    test = corpora[language]["test"]
    mentions = list_mentions(test)
    kinds = Counter(kind for _, kind in mentions)
    assert len(mentions) / len(test) > 1.6
    assert sum(len(tokens) > 1 for tokens, _ in mentions) / len(mentions) > 0.4
    assert min(kinds["PER"], kinds["LOC"], kinds["ORG"]) >= 40
    assert any(not find_mentions(s) for s in corpora[language]["train"])


@pytest.mark.slow
def test_another_process_with_another_hash_seed_makes_the_same_sentences():
    program = (
        "import hashlib; from isogloss.common.annotation import Annotation;"
        "from isogloss.corpora.synthetic import synthetic;"
        "made = [synthetic.load({'train': 50, 'validation': 10, 'test': 10}, language, Annotation('ner'))"
        " for language in ('ar', 'de')]; print(hashlib.sha256(repr(made).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    small = {"train": 50, "validation": 10, "test": 10}
    here = [synthetic.load(small, language, Annotation("ner")) for language in ("ar", "de")]
    assert digests == {hashlib.sha256(repr(here).encode()).hexdigest()}


def test_smaller_corpora_are_the_beginning_of_larger_ones(corpora):
    small = synthetic.load({"train": 100, "validation": 20, "test": 150}, "sw", Annotation("ner")).splits
    assert small["test"] == corpora["sw"]["test"]
    assert small["validation"] == corpora["sw"]["validation"][:20]
    # The size of validation affects train only if train would repeat a sentence of validation, which is rare.
    same = sum(a == b for a, b in zip(small["train"], corpora["sw"]["train"], strict=False))
    assert same >= 99


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_delivers_the_largest_sizes(language):
    made = synthetic.load(synthetic.LIMITS, language, Annotation("ner")).splits
    assert {split: len(sentences) for split, sentences in made.items()} == {
        "train": 5000,
        "validation": 500,
        "test": 500,
    }


def test_a_pattern_that_runs_dry_is_told_with_what_could_be_made(monkeypatch):
    dry = dict.fromkeys(SIZES, ("{CITY} is a town .",))
    monkeypatch.setattr(synthetic, "divide_patterns", lambda language, patterns: dry)
    message = r"150 test sentences of en are requested, but only 101 different ones can be generated; lower test to 101"
    with pytest.raises(UserError, match=message):
        synthetic.load(SIZES, "en", Annotation("ner"))


def test_check_tells_how_many_training_sentences_there_will_be(corpora):
    assert synthetic.check(SIZES, ["sw", "fi"], Annotation("ner")) == {"sw": Found(2000), "fi": Found(2000)}
    assert all(len(audit(splits)[0]["train"]) == 2000 for splits in corpora.values())


@pytest.mark.parametrize(
    ("options", "languages", "message"),
    [
        (SIZES, ["sw", "fr"], "no sentence patterns for language 'fr'; use some of ar bn de en"),
        ({**SIZES, "train": 5001}, ["sw"], "train is 5001; set it to a number of sentences from 1 to 5000"),
        ({**SIZES, "test": 501}, ["sw"], "test is 501; set it to a number of sentences from 1 to 500"),
        ({**SIZES, "validation": 0}, ["sw"], "validation is 0"),
        ({**SIZES, "train": "many"}, ["sw"], "train is 'many'"),
        ({**SIZES, "train": True}, ["sw"], "train is True"),
        ({"train": 10, "test": 10}, ["sw"], "set the sizes of train, validation, test and nothing else"),
        ({**SIZES, "dev": 3}, ["sw"], "nothing else"),
        (2000, ["sw"], "nothing else"),
    ],
)
def test_what_it_cannot_deliver_is_refused_while_planning(options, languages, message):
    with pytest.raises(UserError, match=message) as caught:
        synthetic.check(options, languages, Annotation("ner"))
    assert "\n" not in str(caught.value)


def test_it_has_no_other_kind_of_task_reads_no_file_and_says_what_it_is():
    with pytest.raises(UserError, match="does not support tasks of kind 'nli', only ner"):
        synthetic.load(SIZES, "en", Annotation("nli"))
    assert synthetic.files(SIZES, "en") == []
    assert "synthetic demonstration corpus" in synthetic.NOTICE and synthetic.NOTICE.count(". ") == 0
