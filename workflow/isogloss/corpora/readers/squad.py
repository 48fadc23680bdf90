"""Questions of a user's: a JSON file of the form of SQuAD 1.1, as TyDiQA-GoldP, XQuAD and MLQA have it, too."""

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
    """Whether a file begins as JSON with a key."""
    return _JSON.match(text) is not None


def read_questions(path: Path, language: str, split: str) -> list[Question]:
    """Read one file: its questions, named `{language}-{split}-{number}` from 0, in the order of the file.

    A UserError names the file, and the id of a question that has no answer, or one that does not stand in its context
    where it is said to.
    """
    questions = []
    for context, asked in _list_asked(path):
        answers = asked["answers"]
        where = f"{path}: question {asked.get('id', len(questions))}"
        if not answers:
            raise UserError(f"{where}: has no answer: remove it (SQuAD 1.1 has none without)")
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
        raise UserError(f"{path}: holds no question: fill it, or leave the language out")
    return questions


def find_answer(context: str, text: str, start: int) -> int | None:
    """Return the place of an answer in its context: where it is said to start, or else the nearest; None if it is
    nowhere."""
    if not text:
        return None
    if start >= 0 and context.startswith(text, start):
        return start
    places = [place for place in range(len(context)) if context.startswith(text, place)]
    return min(places, key=lambda place: abs(place - start), default=None)


def _check_answer(context: str, text: str, start: int, where: str) -> None:
    found = find_answer(context, text, start)
    if found is None:
        raise UserError(f"{where}: its answer {text[:60]!r} is not in its context: correct it or remove the question")
    if found != start:
        raise UserError(
            f"{where}: its answer {text[:60]!r} does not start at answer_start {start}, but at {found}: correct it"
        )


def _list_asked(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each question with its passage, once their fields are known to be there and of the right type."""
    try:
        content = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise UserError(
            f"{path}:{error.lineno}: is not JSON ({error.msg}): a qa file has the form of SQuAD 1.1, {FORM}"
        ) from None
    try:
        for article in content["data"]:
            for paragraph in article["paragraphs"]:
                for asked in paragraph["qas"]:
                    texts = [paragraph["context"], asked["question"], *(one["text"] for one in asked["answers"])]
                    starts = [one["answer_start"] for one in asked["answers"]]
                    if not all(isinstance(text, str) for text in texts) or not all(type(one) is int for one in starts):
                        raise TypeError(f"question {asked.get('id')}: a text is no text or a place no number")
                    yield paragraph["context"], asked
    except (KeyError, TypeError, AttributeError) as error:
        reason = f"no {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
        raise UserError(f"{path}: is not of the form of SQuAD 1.1 ({reason}): write {FORM}") from None
