"""Convert rows of hub datasets to examples: the columns of each kind of task, and the rows that are dropped.

An unknown label is an error. Rows that cannot be used (an unlabelled pair, a question whose answers are not in its
passage) are dropped and counted by reason.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.examples import ENTITY_TYPES, Question, SentencePair, TaggedSentence
from isogloss.corpora.readers.layouts import Layout
from isogloss.corpora.readers.sentences import convert_to_iob2
from isogloss.corpora.readers.squad import find_answer

VALIDATION_SHARE = 0.1
"""Share of the groups (passages) of a training split used for validation if the dataset has no validation split."""

Fields = dict[str, Any]


def read_rows(path: Path, layout: Layout, language: str, where: str) -> Iterator[tuple[int, Fields]]:
    """Yield the row number and the columns of each row of one file that is in the language."""
    from datasets import load_dataset
    from datasets.exceptions import DatasetGenerationError
    from datasets.utils import disable_progress_bars

    disable_progress_bars()
    form = "parquet" if path.suffix == ".parquet" else "json"
    columns = COLUMNS[layout.kind]
    with tempfile.TemporaryDirectory() as cache:
        try:
            rows = load_dataset(form, data_files=[str(path)], split="train", cache_dir=cache, keep_in_memory=True)
        except (DatasetGenerationError, OSError, ValueError) as error:
            reason = " ".join(str(error.__cause__ or error).split())[:160]
            raise UserError(f"{where}: cannot be read as {form} ({reason}); choose another revision") from error
        missing = [column for column in columns if column not in rows.column_names]
        if missing:
            raise UserError(
                f"{where}: no column {missing[0]!r}, only {', '.join(rows.column_names)}; choose another revision"
            )
        _refuse_other_tags(rows.features[columns[-1]], layout, where)
        prefix = layout.prefixes.get(language, "")
        for number, row in enumerate(rows):
            if not prefix or str(row["id"]).startswith(prefix):
                yield number, row


def _refuse_other_tags(feature: Any, layout: Layout, where: str) -> None:
    """Raise UserError if a file names its labels and the names differ from those of the layout."""
    names = getattr(getattr(feature, "feature", feature), "names", None)
    if names is not None and tuple(names) != layout.tags:
        raise UserError(
            f"{where}: the file has the tags {' '.join(names)}, not {' '.join(layout.tags)}; choose another revision"
        )


def parse_rows(
    rows: Iterable[tuple[int, Fields]], layout: Layout, language: str, split: str, first: int, where: str
) -> tuple[list[Any], Counter[str]]:
    """Return the examples of rows, numbered from `first`, and the number of dropped items by reason."""
    examples: list[Any] = []
    dropped: Counter[str] = Counter()
    known = {**dict(enumerate(layout.tags)), **{tag: tag for tag in layout.tags}}
    for number, row in rows:
        name = f"{language}-{split}-{first + len(examples)}"
        example = PARSERS[layout.kind](row, known, name, language, dropped, f"{where}: row {number}")
        if example is not None:
            examples.append(example)
    return examples, dropped


def _parse_sentence(
    row: Fields, known: Mapping[Any, str], name: str, language: str, dropped: Counter[str], where: str
) -> TaggedSentence | None:
    tokens, found = row["tokens"], row["ner_tags"]
    wrong = [tag for tag in found if tag not in known]
    if wrong:
        raise UserError(f"{where}: unknown tag {wrong[0]!r}; choose another revision")
    if len(tokens) != len(found):
        raise UserError(f"{where}: has {len(tokens)} tokens and {len(found)} tags; choose another revision")
    if not tokens:
        return None
    tags = [known[tag] for tag in found]
    # Entities of types outside the NER schema (DATE in MasakhaNER) are tagged O.
    begun = [tag[2:] for tag in convert_to_iob2(tags) if tag.startswith("B-")]
    dropped.update(kind for kind in begun if kind not in ENTITY_TYPES)
    kept = [tag if tag[2:] in ENTITY_TYPES else "O" for tag in tags]
    return TaggedSentence(name, language, tuple(tokens), convert_to_iob2(kept))


def _parse_pair(
    row: Fields, known: Mapping[Any, str], name: str, language: str, dropped: Counter[str], where: str
) -> SentencePair | None:
    premise, hypothesis, label = (row[column] for column in COLUMNS["nli"])
    if label in (-1, None):
        dropped["without label"] += 1
        return None
    if label not in known:
        raise UserError(f"{where}: unknown label {label!r}; choose another revision")
    if not (premise or "").strip() or not (hypothesis or "").strip():
        dropped["without text"] += 1
        return None
    return SentencePair(name, language, premise, hypothesis, known[label])


def _parse_question(
    row: Fields, known: Mapping[Any, str], name: str, language: str, dropped: Counter[str], where: str
) -> Question | None:
    context, given = row["context"], row["answers"]
    if not isinstance(given, Mapping) or not {"text", "answer_start"} <= set(given):
        raise UserError(f"{where}: `answers` does not have the lists text and answer_start; choose another revision")
    placed = []
    for text, start in zip(given["text"], given["answer_start"], strict=True):
        place = find_answer(context, text, start)
        if place is None:
            dropped["answers not in their passage"] += 1
        else:
            dropped["answers moved to where they stand"] += place != start
            placed.append((text, place))
    if not placed:
        dropped["questions without an answer"] += 1
        return None
    answers, starts = zip(*placed, strict=True)
    return Question(name, language, context, row["question"], answers, starts)


COLUMNS = {
    "ner": ("tokens", "ner_tags"),
    "nli": ("premise", "hypothesis", "label"),
    "qa": ("id", "context", "question", "answers"),
}
PARSERS: dict[str, Callable[..., Any]] = {"ner": _parse_sentence, "nli": _parse_pair, "qa": _parse_question}


def cut_validation(train: Sequence[Any], split: str) -> list[Any]:
    """Return the part of a training split that is used for `split`, which is train or validation.

    Each group is entirely in one part, so no passage is in both. The groups are drawn from their sorted texts, so the
    draw is the same in every process.
    """
    groups = sorted({example.group for example in train})
    count = max(1, round(VALIDATION_SHARE * len(groups)))
    drawn = set(Random("validation").sample(groups, count))
    return [example for example in train if (example.group in drawn) == (split == "validation")]
