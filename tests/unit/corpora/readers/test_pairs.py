"""Labels of sentence pairs in other words or numbers, pairs that are left out, and messages on labels."""

import json

import pytest
from reading import read, refuse

from isogloss.common.examples import SentencePair

HEADER = "premise\thypothesis\tlabel\n"
WORDS = {"contradictory": "contradiction"}
NUMBERS = {"0": "entailment", "1": "neutral", "2": "contradiction"}
LETTERS = {"e": "entailment", "n": "neutral", "c": "contradiction"}


def test_pairs_are_examples_with_ids_in_their_order(tmp_path):
    pairs, changes = read(tmp_path, HEADER + "A\tB\tneutral\nC\tD\tentailment\n", "nli")
    assert pairs == [
        SentencePair("sw-train-0", "sw", "A", "B", "neutral"),
        SentencePair("sw-train-1", "sw", "C", "D", "entailment"),
    ]
    assert changes == {}


@pytest.mark.parametrize(
    ("labels", "mapped", "expected", "changes"),
    [
        ("contradictory entailment", WORDS, "contradiction entailment", {}),
        ("2 0 1", NUMBERS, "contradiction entailment neutral", {}),
        ("c n e", LETTERS, "contradiction neutral entailment", {}),
        ("- neutral -", {}, "neutral", {"pairs without label": 2}),
        ("-1 neutral", {}, "neutral", {"pairs without label": 1}),
        ("entailment neutral", {"neutral": "O"}, "entailment", {"pairs that `map` leaves out": 1}),
    ],
)
def test_map_renames_labels_and_pairs_without_a_label_are_dropped_and_counted(
    tmp_path, labels, mapped, expected, changes
):
    rows = "".join(f"A\tB\t{label}\n" for label in labels.split())
    pairs, counted = read(tmp_path, HEADER + rows, "nli", map=mapped)
    assert " ".join(pair.label for pair in pairs) == expected
    assert counted == changes


def test_labels_of_a_task_replace_the_usual_three(tmp_path):
    pairs, _ = read(tmp_path, HEADER + "A\tB\tnot_entailment\n", "nli", labels=("entailment", "not_entailment"))
    assert pairs[0].label == "not_entailment"


def test_pairs_without_text_are_dropped_and_counted(tmp_path):
    texts = [("A", None), (" ", "B"), ("A", ""), ("A", "B")]
    rows = [{"premise": premise, "hypothesis": hypothesis, "label": "neutral"} for premise, hypothesis in texts]
    content = "".join(json.dumps(row) + "\n" for row in rows)
    pairs, changes = read(tmp_path, content, "nli")
    assert len(pairs) == 1 and changes == {"pairs without text": 3}


THREE = "pairs have labels other than entailment neutral contradiction:"


@pytest.mark.parametrize(
    ("labels", "found", "advice"),
    [
        ("neutral maybe", f":3: 1 {THREE} 'maybe' 1", "`map: {maybe: O}` under the task"),
        ("contradictory", f":2: 1 {THREE} 'contradictory' 1", "`map: {contradictory: contradiction}` under the task"),
        ("e c n e", f":2: 4 {THREE} 'e' 2,", "{e: entailment, c: contradiction, n: neutral}` under the task"),
        (
            "0 1 2",
            f":2: 3 {THREE} '0' 1,",
            "{0: entailment, 1: neutral, 2: contradiction}` under the task, if this is what",
        ),
        ("no yes", f":2: 2 {THREE} 'no' 1,", '`map: {"no": O, "yes": O}` under the task'),
        ("Neutral", f":2: 1 {THREE} 'Neutral' 1", "`map: {Neutral: neutral}` under the task"),
        ("x" * 500, f":2: 1 {THREE} 'xxx", "correct these lines, or remove them"),
        (" ".join(f"label{n}" for n in range(50)), f":2: 50 {THREE} 'label0' 1", "label1: O, "),
    ],
)
def test_labels_that_a_task_lacks_are_listed_with_counts_first_line_and_what_to_write(tmp_path, labels, found, advice):
    message = refuse(tmp_path, HEADER + "".join(f"A\tB\t{label}\n" for label in labels.split()), "nli")
    assert message.startswith(f"train.tsv{found}") and advice in message


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ('{"premise": 3, "hypothesis": "B", "label": "neutral"}', ":1: premise or hypothesis is not text"),
        ('{"premise": "A", "hypothesis": "B", "label": ["neutral"]}', f":1: 1 {THREE} \"['neutral']\" 1"),
        (
            '{"premise": "A\\ud800", "hypothesis": "B", "label": "neutral"}',
            ":1: contains U+D800, which is no character",
        ),
    ],
)
def test_fields_of_another_form_are_refused(tmp_path, entry, found):
    assert refuse(tmp_path, entry + "\n", "nli").startswith(f"train.tsv{found}")
