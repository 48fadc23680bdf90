"""Lists of words and tags in JSON: numbered tags, the usual order of numbers, and lists of another form."""

import json

import pytest
from reading import read, read_tagged, refuse

USUAL = "sentences with numbered tags, read as O B-PER I-PER B-ORG I-ORG B-LOC I-LOC"


def write_tags(*rows: list) -> str:
    made = [{"tokens": [f"w{n}" for n in range(len(tags))], "ner_tags": tags} for tags in rows]
    return "".join(json.dumps(row) + "\n" for row in made)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (([1, 2, 0, 5], [3, 4]), [("w0 w1 w2 w3", "B-PER I-PER O B-LOC"), ("w0 w1", "B-ORG I-ORG")]),
        ((["O"], [1, 2]), [("w0", "O"), ("w0 w1", "B-PER I-PER")]),
    ],
)
def test_numbers_are_read_in_the_usual_order_and_this_is_counted(tmp_path, rows, expected):
    assert read_tagged(tmp_path, write_tags(*rows)) == expected
    assert read(tmp_path, write_tags(*rows))[1] == {USUAL: 2}


@pytest.mark.parametrize(
    ("rows", "labels"),
    [
        (([0, 9],), ("LOC", "ORG", "PER")),  # more numbers than usual tags
        (([2, 1, 0],), ("LOC", "ORG", "PER")),  # an I- that continues nothing
        (([1, 0],), ("PER", "DATE")),  # labels of the task without ORG
    ],
)
def test_numbers_in_another_order_are_refused_with_the_map_to_write(tmp_path, rows, labels):
    message = refuse(tmp_path, write_tags(*rows), labels=labels)
    assert "write `map: {0: O, 1: B-..., 2: I-...}` under the task, with the tag that each number means" in message


def test_map_gives_the_tag_of_each_number(tmp_path):
    content = write_tags([2, 1, 0], [9])
    mapped = {"0": "O", "1": "I-PER", "2": "B-PER", "9": "B-LOC"}
    sentences, changes = read(tmp_path, content, map=mapped)
    assert [one.tags for one in sentences] == [("B-PER", "I-PER", "O"), ("B-LOC",)]
    assert changes == {"words tagged '0'": 1}


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"tokens": None, "tags": []}, ":1: words and tags are not lists"),
        ({"tokens": "a b", "tags": "O O"}, ":1: words and tags are not lists"),
        ({"tokens": ["a"], "tags": ["O", "O"]}, ":1: has 1 words and 2 tags; give each word one tag"),
        ({"tokens": ["a", None], "tags": ["O", "O"]}, ":1: a word is empty or is not text"),
        ({"tokens": ["a", " "], "tags": ["O", "O"]}, ":1: a word is empty or is not text"),
        ({"tokens": ["a"], "tags": [True]}, ":1: a tag is neither text nor a number"),
        ({"tokens": ["a"], "tags": [1.0]}, ":1: a tag is neither text nor a number"),
        ({"tokens": ["a"], "tags": [["O"]]}, ":1: a tag is neither text nor a number"),
        ({"tokens": ["a", "\ud800"], "tags": ["O", "O"]}, ":1: contains U+D800, which is no character of a text"),
        ({"tokens": ["a\0"], "tags": ["O"]}, ":1: contains U+0000, which is no character of a text"),
        ({"tokens": ["a"], "tags": [-1]}, ":1: 1 words have tags other than LOC ORG PER: '-1' 1"),
        ({"tokens": [], "tags": []}, ": contains no usable examples"),
    ],
)
def test_lists_of_another_form_are_refused_with_their_line(tmp_path, row, found):
    assert refuse(tmp_path, json.dumps(row) + "\n", name="train.jsonl").startswith(f"train.jsonl{found}")


def test_a_table_with_a_word_in_each_row_is_refused_with_the_form_to_write(tmp_path):
    content = "Sentence,Word,Tag\n1,Mo,B-PER\n,x,O\n"
    message = refuse(tmp_path, content, name="train.csv")
    assert message.startswith("train.csv:2: words and tags are not lists") and "a word, a TAB and a tag" in message


def test_words_that_have_no_label_are_dropped_and_counted_in_part_of_speech_tagging(tmp_path):
    content = json.dumps({"tokens": ["del", "de", "el"], "upos": ["_", "ADP", "DET"]}) + "\n"
    sentences, changes = read(tmp_path, content, "pos", name="train.jsonl")
    assert sentences[0].tokens == ("de", "el") and sentences[0].tags == ("ADP", "DET")
    assert changes == {"words without a label": 1}


@pytest.mark.parametrize(
    ("content", "found", "advice"),
    [
        ("de\tNN\nel\tDET\n", ":1: 1 words have tags other than ADJ ADP ADV AUX ...: 'NN' 1", "`map: {NN: ...}` under"),
        ("de\tadp\nel\tdet\n", ":1: 2 words have tags", "`map: {adp: ADP, det: DET}` under the task"),
        ('{"tokens": ["a"], "upos": [7]}\n', ":1: 1 words have tags", "`map: {7: ...}` under the task"),
        ("1 a a NN\n2 b b VB\n", ":1: column 3 of 4 has no tag of the task, only such as 'a'", "or `map` their names"),
    ],
)
def test_parts_of_speech_under_other_names_are_refused_with_the_map_to_write(tmp_path, content, found, advice):
    message = refuse(tmp_path, content, "pos")
    assert message.startswith(f"train.tsv{found}") and advice in message


def test_parts_of_speech_are_renamed_by_map(tmp_path):
    mapped = {"NN": "NOUN", "VBZ": "VERB"}
    assert read_tagged(tmp_path, "a\tNN\nb\tVBZ\n", kind="pos", map=mapped) == [("a b", "NOUN VERB")]
    header = "# global.columns = ID FORM UPOS\n1\ta\tNOUN\n"
    assert read_tagged(tmp_path, header, kind="pos") == [("a", "NOUN")]
