"""Records with a passage, a question and answers -> questions."""

from collections.abc import Mapping
from typing import Any

from isogloss.common.annotation import Annotation
from isogloss.common.errors import UserError
from isogloss.common.examples import Question
from isogloss.corpora.forms.records import Record, Records
from isogloss.corpora.forms.text import refuse_no_text


def parse_questions(records: Records, annotation: Annotation, language: str, split: str) -> list[Question]:
    """Return the questions of a file that have an answer in their passage.

    A wrong position of an answer is corrected. Questions without an answer or without text, and answers that are not in
    their passage, are left out. `records.counts` counts each. Raises UserError, with the id of the question, for fields
    of another form and for characters that are no text.
    """
    questions = []
    for row in records.rows:
        where = f"{records.name}: question {_name_question(row)}"
        context, asked = row.fields["context"], row.fields["question"]
        if not isinstance(context, str) or not isinstance(asked, str):
            raise UserError(f"{where}: the passage or the question is not text; correct it")
        refuse_no_text(context + asked, where)
        placed = _place_answers(row, records, context, where)
        if not asked.strip():
            records.counts["questions without text"] += 1
        elif not placed:
            records.counts["questions without an answer"] += 1
        else:
            answers, starts = zip(*placed, strict=True)
            name = f"{language}-{split}-{len(questions)}"
            questions.append(Question(name, language, context, asked, answers, starts))
    return questions


def _name_question(row: Record) -> str:
    """Return the id of a question, on one line and not too long, or its number in the file."""
    named = row.fields.get("id")
    return str(row.lines[0]) if named is None else " ".join(str(named).split())[:60]


def _place_answers(row: Record, records: Records, context: str, where: str) -> list[tuple[str, int]]:
    """Return (text, position) of each answer that is in the passage."""
    placed = []
    for text, start in _list_answers(row.fields["answers"], where):
        place = find_answer(context, text, start)
        if place is None:
            records.counts["answers not in their passage"] += bool(text.strip())
        else:
            what = "whose position was corrected" if start is not None else "without a position"
            records.counts[f"answers {what}"] += place != start
            placed.append((text, place))
    return placed


def _list_answers(given: Any, where: str) -> list[tuple[str, int | None]]:
    """Return (text, start) of answers: a list of objects, or an object with the lists `text` and `answer_start`."""
    if isinstance(given, Mapping) and {"text", "answer_start"} <= set(given):
        texts, starts = ([one] if not isinstance(one, list) else one for one in (given["text"], given["answer_start"]))
        if len(texts) != len(starts):
            raise UserError(
                f"{where}: `answers` has {len(texts)} texts and {len(starts)} numbers in answer_start; give each text "
                "one number"
            )
        pairs = list(zip(texts, starts, strict=True))
    elif isinstance(given, str) and given.strip()[:1] not in ("[", "{"):
        pairs = [(given, None)]
    elif isinstance(given, list) and all(isinstance(one, str) for one in given):
        pairs = [(one, None) for one in given]
    elif isinstance(given, list) and all(isinstance(one, Mapping) and "text" in one for one in given):
        pairs = [(one["text"], one.get("answer_start")) for one in given]
    else:
        raise UserError(
            f"{where}: `answers` is not a list of objects with text and answer_start; write it in this form"
        )
    return [(_need_text(text, where), _read_start(start, where)) for text, start in pairs]


def _need_text(text: Any, where: str) -> str:
    if text is not None and not isinstance(text, str):
        raise UserError(f"{where}: an answer is {str(text)[:40]!r}, not text; put it in quotes")
    return text or ""


def _read_start(start: Any, where: str) -> int | None:
    """Return the position of an answer; None if the file does not say where the answer is."""
    if start is None:
        return None
    try:
        return int(start)
    except (TypeError, ValueError, OverflowError):
        raise UserError(f"{where}: answer_start is {str(start)[:40]!r}, not a whole number; correct it") from None


def find_answer(context: str, text: str, start: int | None) -> int | None:
    """Return the character position of an answer in its passage, or None if the passage does not contain it.

    This is `start` if the answer is there, counted in characters, else in bytes of UTF-8 or in units of UTF-16; else
    the occurrence nearest to `start`, and the first one if `start` is None.
    """
    if not text.strip():
        return None
    start = -1 if start is None else start
    if start >= 0:
        if context.startswith(text, start):
            return start
        for encoding, size in (("utf-8", 1), ("utf-16-le", 2)):
            place = len(context.encode(encoding)[: start * size].decode(encoding, errors="ignore"))
            if context.startswith(text, place) and len(context[:place].encode(encoding)) == start * size:
                return place
    places = [place for place in range(len(context)) if context.startswith(text, place)]
    return min(places, key=lambda place: abs(place - start), default=None)
