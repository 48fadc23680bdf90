"""Questions in the forms of SQuAD: answers that are found, corrected or left out, and fields of another form."""

import json

import pytest
from reading import read, refuse

from isogloss.corpora.readers.questions import find_answer

PASSAGE = "Ada met Bob in Oslo"
OSLO = {"text": "Oslo", "answer_start": 15}
GOOD = {"id": "q1", "question": "Where?", "answers": [OSLO]}
ONE = (PASSAGE, "Where?", ("Oslo",), (15,))


def squad(*questions: dict, context: str = PASSAGE) -> str:
    paragraph = {"context": context, "qas": list(questions)}
    return json.dumps({"version": "1.1", "data": [{"title": "t", "paragraphs": [paragraph]}]})


def ask(text: object, start: object, name: str = "q2") -> dict:
    return {"id": name, "question": "Who?", "answers": [{"text": text, "answer_start": start}]}


def read_questions(folder, content: str, name: str = "train.json"):
    questions, changes = read(folder, content, "qa", name=name)
    return [(one.context, one.question, one.answers, one.starts) for one in questions], changes


def make_flat(**changes: object) -> dict:
    flat = {"context": PASSAGE, "question": "Where?", "answers": {"text": ["Oslo"], "answer_start": [15]}}
    return {"id": "q1", **flat, **changes}


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (squad(GOOD), "train.json"),
        (json.dumps(json.loads(squad(GOOD)), indent=1), "train.json"),
        (json.dumps(json.loads(squad(GOOD))["data"]), "train.json"),  # a list of articles
        ("\ufeff" + squad(GOOD), "train.txt"),
        (json.dumps(make_flat()) + "\n\n", "train.jsonl"),
        (json.dumps([make_flat()]), "train.json"),
        (json.dumps({"data": [make_flat()]}), "train.json"),
        (json.dumps([make_flat(answers=[OSLO])]), "train.json"),
        (json.dumps([make_flat(answers={"text": "Oslo", "answer_start": 15})]), "train.json"),
        (json.dumps([make_flat(answers={"text": ["Oslo"], "answer_start": ["15"]})]), "train.json"),
    ],
)
def test_ways_to_write_the_same_question(tmp_path, content, name):
    assert read_questions(tmp_path, content, name) == ([ONE], {})


def test_questions_are_read_with_all_their_answers(tmp_path):
    asked = {**GOOD, "answers": [OSLO, {"text": "in Oslo", "answer_start": 12}]}
    ((_, _, answers, starts),), _ = read_questions(tmp_path, squad(asked))
    assert (answers, starts) == (("Oslo", "in Oslo"), (15, 12))


@pytest.mark.parametrize(
    ("question", "changes"),
    [
        ({"id": "q2", "question": "Who?", "answers": [], "is_impossible": True}, {"questions without an answer": 1}),
        (ask("", 0), {"questions without an answer": 1}),
        (ask(" ", 3), {"questions without an answer": 1}),
        (ask(None, 0), {"questions without an answer": 1}),
        (ask("Rome", 3), {"questions without an answer": 1, "answers not in their passage": 1}),
        ({**GOOD, "question": " "}, {"questions without text": 1}),
    ],
)
def test_questions_without_an_answer_or_text_are_dropped_and_counted(tmp_path, question, changes):
    assert read_questions(tmp_path, squad(GOOD, question)) == ([ONE], changes)


@pytest.mark.parametrize(
    ("answer", "changes"),
    [
        ({"text": "Oslo", "answer_start": 3}, {"answers whose position was corrected": 1}),
        ({"text": "Oslo", "answer_start": -1}, {"answers whose position was corrected": 1}),
        ({"text": "Oslo", "answer_start": 10**30}, {"answers whose position was corrected": 1}),
        ({"text": "Oslo", "answer_start": None}, {"answers without a position": 1}),
        ({"text": "Oslo"}, {"answers without a position": 1}),
    ],
)
def test_a_wrong_position_is_corrected_and_counted(tmp_path, answer, changes):
    assert read_questions(tmp_path, squad({**GOOD, "answers": [answer]})) == ([ONE], changes)


@pytest.mark.parametrize("answers", ["Oslo", ["Oslo"]])
def test_answers_without_positions_are_found_in_the_passage(tmp_path, answers):
    assert read_questions(tmp_path, json.dumps([make_flat(answers=answers)])) == (
        [ONE],
        {"answers without a position": 1},
    )


@pytest.mark.parametrize(("start", "place"), [(0, 0), (8, 8), (7, 8), (-1, 0), (99, 8), (None, 0)])
def test_an_answer_is_found_where_it_is_said_to_start_or_nearest_to_it(start, place):
    assert find_answer("Oslo or Oslo", "Oslo", start) == place


@pytest.mark.parametrize(("encoding", "size"), [("utf-8", 1), ("utf-16-le", 2)])
def test_positions_in_bytes_or_in_units_of_utf_16_are_understood(encoding, size):
    context = "😀 é Oslo, Oslo or Oslo"
    for place in (4, 10, 18):
        start = len(context[:place].encode(encoding)) // size
        assert find_answer(context, "Oslo", start) == place


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (squad(ask("Bob", "ten")), ": question q2: answer_start is 'ten', not a whole number"),
        (squad(ask("Bob", float("inf"))), ": question q2: answer_start is 'inf', not a whole number"),
        (squad(ask(7, 0)), ": question q2: an answer is '7', not text"),
        (squad(ask("Bob", "ten", "i" * 500)), f": question {'i' * 60}: answer_start"),
        (squad(ask("Bob", "ten", "a\nb")), ": question a b: answer_start"),
        (squad(GOOD, context="Oslo \ud800"), ": question q1: contains U+D800, which is no character of a text"),
        (squad(GOOD, context="Oslo \0"), ": question q1: contains U+0000, which is no character of a text"),
        (json.dumps([make_flat(context=7)]), ": question q1: the passage or the question is not text"),
        (json.dumps([make_flat(answers=None)]), ": question q1: `answers` is not a list of objects"),
        (
            json.dumps([make_flat(answers={"text": ["a", "b"], "answer_start": [0]})]),
            ": question q1: `answers` has 2 te",
        ),
        (squad(ask("Rome", 0)), ": contains no usable examples (answers not in their passage 1, questions without an"),
    ],
)
def test_fields_of_another_form_are_refused_with_the_id_of_the_question(tmp_path, content, found):
    assert refuse(tmp_path, content, "qa", name="train.json").startswith(f"train.json{found}")
