"""Read questions from a JSON file in SQuAD 1.1 format, which TyDiQA-GoldP, XQuAD and MLQA also use."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.examples import Question
from isogloss.corpora.readers.utf8 import read_text

FORM = '{"data": [{"paragraphs": [{"context", "qas": [{"id", "question", "answers": [{"text", "answer_start"}]}]}]}]}'
_JSON = re.compile(r'\s*\{\s*"\w+"\s*:')


def recognise_questions(text: str) -> bool:
    """Return whether a file begins with a JSON object that has a key."""
    return _JSON.match(text) is not None


def read_questions(path: Path, language: str, split: str) -> list[Question]:
    """Return the questions of one file in its order, with ids `{language}-{split}-{number}`, numbered from 0.

    Raises UserError, with the file and the id of the question, if a question has no answer or if an answer is not in
    its context at the given position.
    """
    questions = []
    for context, asked in _list_asked(path):
        answers = asked["answers"]
        where = f"{path}: question {asked.get('id', len(questions))}"
        if not answers:
            raise UserError(f"{where}: no answer, but SQuAD 1.1 requires one; add an answer, or remove the question")
        for answer in answers:
            _check_answer(context, answer["text"], answer["answer_start"], where)
        questions.append(
            Question(
                id=f"{language}-{split}-{len(questions)}",
                language=language,
                context=context,
                question=asked["question"],
                answers=tuple(answer["text"] for answer in answers),
                starts=tuple(answer["answer_start"] for answer in answers),
            )
        )
    if not questions:
        raise UserError(f"{path}: contains no questions; add questions to it, or leave {language} out of `languages`")
    return questions


def find_answer(context: str, text: str, start: int) -> int | None:
    """Return the character position of an answer in its context: `start` if the answer is there, else the nearest
    occurrence; None if the context does not contain the answer."""
    if not text:
        return None
    if start >= 0 and context.startswith(text, start):
        return start
    places = [place for place in range(len(context)) if context.startswith(text, place)]
    return min(places, key=lambda place: abs(place - start), default=None)


def _check_answer(context: str, text: str, start: int, where: str) -> None:
    found = find_answer(context, text, start)
    if found is None:
        raise UserError(
            f"{where}: answer {text[:60]!r} does not occur in the context; correct it, or remove the question"
        )
    if found != start:
        raise UserError(
            f"{where}: answer {text[:60]!r} is not at answer_start {start}, but at {found}; "
            "correct answer_start, counted in characters from 0"
        )


def _list_asked(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (passage, question) after checking that all fields exist and have the right type."""
    try:
        content = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise UserError(
            f"{path}:{error.lineno}: not valid JSON ({error.msg}); write one JSON object in SQuAD 1.1 format, {FORM}"
        ) from None
    try:
        for article in content["data"]:
            for paragraph in article["paragraphs"]:
                for asked in paragraph["qas"]:
                    texts = [paragraph["context"], asked["question"], *(one["text"] for one in asked["answers"])]
                    starts = [one["answer_start"] for one in asked["answers"]]
                    if not all(isinstance(text, str) for text in texts) or not all(type(one) is int for one in starts):
                        raise TypeError(
                            f"question {asked.get('id')}: a text is not a string or an answer_start is not an integer"
                        )
                    yield paragraph["context"], asked
    except (KeyError, TypeError, AttributeError) as error:
        reason = f"no {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
        raise UserError(f"{path}: not in SQuAD 1.1 format ({reason}); write {FORM}") from None
