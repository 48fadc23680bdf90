"""Extractive question answering: the definition of the task. docs/reference/qa.md defines its format and its scores.

The input has the format of mT5 (google-research/multilingual-t5): `question: Q context: C`. The target is the first
gold answer. The answer is generated greedily and compared with every gold answer, as in SQuAD.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from isogloss.common.examples import Question
from isogloss.tasks.base import Extraction, Format, Piece, Task, forget, hide_special_tokens
from isogloss.tasks.squad import match_exactly, match_words, normalise_answer, take_best

LONGEST_ANSWER = 64
"""Maximum number of generated subword tokens. 99 in 100 of the inspected TyDiQA answers have fewer than 350 characters.
The generated beginning of a longer answer still has words in common with it."""


@dataclass(frozen=True)
class Answer:
    """The answer of a model to one question.

    text: the answer, which may be empty. cut: whether the passage was truncated at its end. pieces: number of inputs
    into which the passage was split.
    """

    text: str
    cut: bool = False
    pieces: int = 1


def encode_question(question: Question) -> tuple[Piece, ...]:
    """Return the single piece of a question, with its first answer as the target."""
    asked, context = show_question(question)
    return (Piece(f"question: {asked} context: {context}", hide_special_tokens(question.answers[0])),)


def show_question(question: Question) -> tuple[str, str]:
    """Return question and passage, without strings that a tokenizer could read as special tokens.

    Each character is replaced by one character, so that positions in the passage do not change.
    """
    return hide_special_tokens(question.question), hide_special_tokens(question.context)


def decode_answer(question: Question, outputs: Sequence[str], cut: int = 0) -> Answer:
    """Return the generated answer."""
    (text,) = outputs
    text = text.strip()
    return Answer(text if "‹" in question.context else text.replace("‹", "<"), cut > 0)


def read_span(question: Question) -> tuple[int, int]:
    """Return the span of the first answer: the positions of its first character and of the character after its last."""
    return question.starts[0], question.starts[0] + len(question.answers[0])


def decode_span(question: Question, span: tuple[int, int] | None, pieces: int) -> Answer:
    """Return the answer at a span of the passage; an empty answer if there is no span."""
    return Answer(question.context[slice(*span)] if span else "", pieces=pieces)


def score_qa(
    questions: Sequence[Question], predictions: Sequence[Answer], seen: frozenset = frozenset()
) -> dict[str, dict[str, float | int | None]]:
    """Score answers. Returns {"scores": name -> 0..1 or None, "support": name -> count}.

    f1 and exact_match are those of SQuAD: for each question, the best value over its gold answers; then the mean over
    questions. None without questions.
    """
    pairs = list(zip(questions, predictions, strict=True))
    f1 = [take_best(match_words, one.text, question.answers) for question, one in pairs]
    exact = [take_best(match_exactly, one.text, question.answers) for question, one in pairs]
    scores = {name: sum(all_) / len(all_) if all_ else None for name, all_ in (("f1", f1), ("exact_match", exact))}
    support = {
        "questions": len(questions),
        "words": sum(len(question.words) for question in questions),
        "answers": sum(len(question.answers) for question in questions),
        "empty": sum(not normalise_answer(one.text) for one in predictions),
        "outside": sum(one.text not in question.context for question, one in pairs),
        "cut_inputs": sum(one.cut for one in predictions),
        "split_passages": sum(one.pieces > 1 for one in predictions),
    }
    return {"scores": scores, "support": support}


def count_shares(questions: Sequence[Question], predictions: Sequence[Answer]) -> list[tuple[float, float, float]]:
    """Return (F1, 1, 1) for each question. 2 F1 / (1 + 1), each summed, is the mean F1."""
    return [
        (take_best(match_words, one.text, question.answers), 1.0, 1.0)
        for question, one in zip(questions, predictions, strict=True)
    ]


ANSWER = Format("answer", "text", (), encode_question, decode_answer, longest=LONGEST_ANSWER)

QA = Task(
    kind="qa",
    example=Question,
    metric="f1",
    labels=(),
    memory=7000,
    formats={ANSWER.name: ANSWER},
    memorise=forget,
    score=score_qa,
    extraction=Extraction(show_question, read_span, decode_span),
    count=count_shares,
    columns={
        "context": ("context", "passage", "passage_text", "paragraph"),
        "question": ("question", "question_text"),
        "answers": ("answers", "answer"),
    },
    parser="isogloss.corpora.readers.questions:parse_questions",
)
