"""Examples of each kind of task: their attributes, and that they can be read back from a file unchanged."""

import sys
from dataclasses import dataclass
from types import ModuleType

import pytest

from isogloss.common.errors import UserError
from isogloss.common.examples import CLASSES, Question, SentencePair, TaggedSentence, read_examples, write_examples
from isogloss.tasks import TASKS

SENTENCE = TaggedSentence("sw-train-0", "sw", ("Rais", "wa", "Kenya"), ("O", "O", "B-LOC"))
PAIR = SentencePair("sw-train-0", "sw", "Rais wa Kenya", "Kenya ina rais", "entailment")
QUESTION = Question("sw-train-0", "sw", "Rais wa Kenya", "Wapi ?", ("Kenya", "wa Kenya"), (8, 5))


@pytest.mark.parametrize("example", [SENTENCE, PAIR, QUESTION], ids=lambda one: type(one).__name__)
def test_an_example_comes_back_from_its_file(example, tmp_path):
    kind = type(example)
    write_examples(tmp_path / "file", [example], kind)
    assert read_examples(tmp_path / "file") == read_examples(tmp_path / "file", kind) == [example]
    for other in CLASSES:
        if other is not kind:
            with pytest.raises(UserError, match=r"file: the columns are id, language, .*, not id, language, ") as error:
                read_examples(tmp_path / "file", other)
            assert "\n" not in str(error.value)


def test_a_file_of_no_kind_is_refused(tmp_path):
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table({"text": ["a"]}), tmp_path / "file")
    with pytest.raises(UserError, match="the columns are text, which no kind of task uses"):
        read_examples(tmp_path / "file")


def test_words_lines_and_what_makes_examples_the_same():
    assert (len(SENTENCE.words), len(PAIR.words), len(QUESTION.words)) == (3, 6, 5)
    assert SENTENCE.lines == ("Rais wa Kenya",)
    assert SENTENCE.content == SENTENCE.group == SENTENCE.tokens
    assert PAIR.lines == PAIR.content and PAIR.group == ("Rais wa Kenya",)
    assert QUESTION.group == (QUESTION.context,) and QUESTION.content == ("Wapi ?", QUESTION.context)


def test_every_kind_of_task_has_its_class():
    assert {task.example for task in TASKS.own.values()} == set(CLASSES)


@dataclass(frozen=True)
class Word:
    """An example class of another package."""

    id: str
    letters: tuple[str, ...]


def test_a_class_of_another_package_is_found_by_the_file(tmp_path, monkeypatch):
    module = ModuleType("toy_words")
    module.Word = Word
    monkeypatch.setitem(sys.modules, "toy_words", module)
    monkeypatch.setattr(Word, "__module__", "toy_words")
    words = [Word("a", ("x", "y")), Word("b", ())]
    write_examples(tmp_path / "words.parquet", words, Word)
    assert read_examples(tmp_path / "words.parquet") == read_examples(tmp_path / "words.parquet", Word) == words
