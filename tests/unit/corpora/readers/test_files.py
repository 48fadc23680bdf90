"""Files of another kind of task than the study says."""

import json

import pytest
from reading import refuse

PAIRS = "premise\thypothesis\tlabel\nA\tB\tneutral\n"
WORDS = "Nairobi\tB-LOC\n.\tO\n"
SQUAD = json.dumps({"data": [{"paragraphs": [{"context": "b", "qas": [{"id": "1", "question": "q", "answers": []}]}]}]})


@pytest.mark.parametrize(
    ("kind", "name", "content", "found"),
    [
        ("ner", "train.tsv", PAIRS, ": looks like a file for kind nli, not ner; correct `kind`"),
        ("qa", "train.tsv", PAIRS, ": looks like a file for kind nli, not qa"),
        ("pos", "train.tsv", PAIRS, ": looks like a file for kind nli, not pos"),
        ("nli", "train.tsv", WORDS, ":1: no column 'premise', only Nairobi, B-LOC"),
        ("qa", "train.tsv", WORDS, ":1: no column 'context', only Nairobi, B-LOC"),
        ("qa", "train.json", WORDS, ":1: not valid JSON"),
        ("nli", "train.json", SQUAD, ": entry 1: no column 'premise', only id, question, answers, context"),
        ("ner", "train.json", SQUAD, ": entry 1: no column 'tokens', only id, question, answers, context"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path, kind, name, content, found):
    assert refuse(tmp_path, content, kind, name=name).startswith(f"{name}{found}")
