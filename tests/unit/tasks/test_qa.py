"""QA: its format and the scores of SQuAD 1.1."""

import random

import pytest
from torchmetrics.functional.text import squad

from isogloss.common.examples import Question
from isogloss.tasks import find_task
from isogloss.tasks.qa import LONGEST_ANSWER, Answer
from isogloss.tasks.squad import match_exactly, match_words, normalise_answer, take_best

QA = find_task("qa")
ANSWER = QA.formats["answer"]
WORDS = "a an the The AN cat Cat cat. dog, 'dog' 1.5 15 U.S. us - ... Theory анна Анна কে। ¿qué? café É"
VOCABULARY = [*WORDS.split(" "), ""]


def ask(context: str, *answers: str, question: str = "q") -> Question:
    return Question("x", "en", context, question, answers, tuple(context.find(answer) for answer in answers))


def score_officially(prediction: str, answers: list[str]) -> tuple[float, float]:
    """Return F1 and exact match (0..1) of the official evaluation script, as implemented in torchmetrics.

    torchmetrics follows the script of SQuAD 2.0, which differs from 1.1 only if an answer is empty after normalisation.
    """
    gold = {"id": "x", "answers": {"text": answers, "answer_start": [0] * len(answers)}}
    found = squad([{"id": "x", "prediction_text": prediction}], [gold])
    return found["f1"].item() / 100, found["exact_match"].item() / 100


def draw_answer(rng: random.Random) -> str:
    """Return some words, at least one of which remains in a normalised answer."""
    while not normalise_answer(text := " ".join(rng.choices(VOCABULARY, k=rng.randrange(0, 5)))):
        pass
    return text


def test_f1_and_exact_match_are_those_of_the_official_script_on_1000_random_cases():
    rng = random.Random(0)
    values = set()
    for _ in range(1000):
        prediction, *answers = texts = [draw_answer(rng) for _ in range(rng.randrange(2, 5))]
        f1, exact = score_officially(prediction, answers)
        assert take_best(match_words, prediction, answers) == pytest.approx(f1, abs=1e-6), texts
        assert take_best(match_exactly, prediction, answers) == exact, texts
        result = QA.score([ask(" ".join(texts), *answers)], [Answer(prediction)], frozenset())
        assert result["scores"] == pytest.approx({"f1": f1, "exact_match": exact}, abs=1e-6)
        ((count, *of),) = QA.count([ask("c", *answers)], [Answer(prediction)])
        assert (count, of) == (pytest.approx(f1, abs=1e-6), [1, 1])
        values.add(round(f1, 3))
    assert {0.0, 1.0} < values and len(values) > 8


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The  Cat, a DOG!", "cat dog"),
        ("U.S.", "us"),
        ("an-other", "another"),
        ("theory of the", "theory of"),
        ("রবীন্দ্রনাথ ঠাকুর।", "রবীন্দ্রনাথ ঠাকুর।"),  # the danda is not ASCII punctuation
        ("«Анна»", "«анна»"),
        ("the", ""),
    ],
)
def test_answers_are_normalised_as_squad_does(text, normal):
    assert normalise_answer(text) == normal


def test_known_values():
    assert match_words("the cat sat", "a cat") == pytest.approx(2 / 3)
    assert match_words("cat cat", "cat") == pytest.approx(2 / 3)
    assert (match_words("", "the"), match_exactly("", "the")) == (0.0, 1.0)  # as in the script
    assert take_best(match_exactly, "Oslo", ["Rome", "oslo."]) == 1.0


def test_a_question_is_mt5_s_input_and_its_first_answer_the_target():
    question = ask("In <b> Oslo since 1999", "Oslo", "Oslo since 1999", question="where <pad>?")
    (piece,) = ANSWER.encode(question)
    assert piece.text == "question: where ‹pad>? context: In ‹b> Oslo since 1999"
    assert piece.target == "Oslo"
    assert ANSWER.longest == LONGEST_ANSWER
    assert ANSWER.decode(question, [" ‹b> Oslo "], 1) == Answer("<b> Oslo", cut=True)
    quoted = ask("say ‹so> to them", "‹so>")
    assert ANSWER.decode(quoted, ["‹so>"], 0) == Answer("‹so>")


def test_an_encoder_gets_places_of_the_passage_as_it_stands():
    question = ask("In <b> Oslo since 1999", "Oslo", "1999")
    _, context = QA.extraction.texts(question)
    assert len(context) == len(question.context) and "<b>" not in context
    start, end = QA.extraction.gold(question)
    assert question.context[start:end] == "Oslo"
    assert QA.extraction.decode(question, (start, end), 3) == Answer("Oslo", pieces=3)
    assert QA.extraction.decode(question, None, 1) == Answer("")


def test_support_counts_what_was_asked_and_what_is_odd_of_the_answers():
    questions = [ask("Ada met Bob in Oslo", "Oslo", "in Oslo"), ask("two words", "two")]
    predictions = [Answer("Rome", cut=True), Answer("the", pieces=2)]
    assert QA.score(questions, predictions, frozenset()) == {
        "scores": {"f1": 0.0, "exact_match": 0.0},
        "support": {
            "questions": 2,
            "words": 5 + 1 + 2 + 1,
            "answers": 3,
            "empty": 1,
            "outside": 2,
            "cut_inputs": 1,
            "split_passages": 1,
        },
    }
    assert QA.score([], [], frozenset())["scores"] == {"f1": None, "exact_match": None}
