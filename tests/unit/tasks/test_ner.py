"""Entities, mentions and the registry of tasks."""

import subprocess
import sys

import pytest
from seqeval.metrics.sequence_labeling import get_entities

from isogloss.common.errors import UserError
from isogloss.common.examples import TaggedSentence
from isogloss.tasks import TASKS, find_task
from isogloss.tasks.base import hide_special_tokens
from isogloss.tasks.entities import Entity, memorise_mentions, read_entities


def test_seven_tags_in_a_fixed_order():
    ner = find_task("ner")
    assert ner.labels == ("O", "B-LOC", "I-LOC", "B-ORG", "I-ORG", "B-PER", "I-PER")
    assert ner.formats["sentinel"].labels == ner.tagging.labels == ner.labels
    assert list(ner.formats) == ["sentinel", "spans"]


@pytest.mark.parametrize(
    ("tags", "entities"),
    [
        ("", []),
        ("O O", []),
        ("B-PER I-PER O B-LOC", [("PER", 0, 2), ("LOC", 3, 4)]),
        ("I-PER I-PER O I-LOC", [("PER", 0, 2), ("LOC", 3, 4)]),
        ("B-PER B-PER I-LOC", [("PER", 0, 1), ("PER", 1, 2), ("LOC", 2, 3)]),
        ("I-ORG B-ORG I-ORG I-ORG", [("ORG", 0, 1), ("ORG", 1, 4)]),
    ],
)
def test_entities_as_conlleval_reads_them(tags, entities):
    assert read_entities(tags.split()) == [Entity(*entity) for entity in entities]
    # seqeval returns the position of the last token, not of the token after it
    assert get_entities(tags.split()) == [(kind, start, end - 1) for kind, start, end in entities]


def test_mentions_are_casefolded_and_joined_by_one_space():
    sentences = [
        TaggedSentence("a", "de", ("STRASSE", "Straße", "Rom"), ("B-LOC", "I-LOC", "B-PER")),
        TaggedSentence("b", "de", ("rom", "ROM", "."), ("B-PER", "B-LOC", "O")),
    ]
    assert memorise_mentions(sentences) == {("strasse strasse", "LOC"), ("rom", "PER"), ("rom", "LOC")}


def test_unknown_kind_is_refused_in_one_line():
    with pytest.raises(UserError, match=r"unknown kind of task 'parsing'; set `kind` to one of .*ner") as error:
        find_task("parsing")
    assert "\n" not in str(error.value)


def test_a_toy_task_is_one_line_in_the_registry(monkeypatch):
    monkeypatch.setitem(TASKS.own, "toy", TASKS["ner"])
    assert find_task("toy") is TASKS["ner"]


def test_special_tokens_are_hidden_and_plain_brackets_are_not():
    assert hide_special_tokens("<extra_id_3> </s> <pad>") == "‹extra_id_3> ‹/s> ‹pad>"
    assert hide_special_tokens("a < b <- c > d <>") == "a < b ‹- c > d <>"


def test_tasks_import_nothing_heavy():
    code = "import sys, isogloss.tasks; print({'numpy', 'seqeval', 'torch', 'pyarrow'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
