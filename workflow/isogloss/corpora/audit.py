"""The audit of every corpus: count duplicates, remove them from training, describe the examples.

Two examples are duplicates if their content is identical, word for word, in NFC; labels are ignored. The group of an
example is its content in NER, its premise in NLI and its passage in QA. Training must not share a group with validation
or test.
"""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.examples import SPLITS, Question, SentencePair, TaggedSentence, read_examples
from isogloss.corpora.normal_form import Content, fold_content

Splits = dict[str, list[Any]]


def audit(splits: Splits) -> tuple[Splits, dict]:
    """Remove duplicates from training and describe the corpus of one language.

    Returns the cleaned splits and a report, whose fields are described in docs/using/corpora.md. Labels, answers and
    lengths in the report describe the cleaned splits.

    Examples whose group occurs in validation or test are removed from training. Of repeated training examples, only the
    first is kept. If groups are parts of examples (NLI, QA), examples whose group occurs in test are removed from
    validation. Test is not changed. Raises UserError if no examples are left in training or in validation.
    """
    groups = {split: {fold_content(example.group) for example in splits[split]} for split in SPLITS}
    cleaned, removed = dict(splits), {}
    if _has_parts(splits["test"]):
        cleaned["validation"] = [one for one in splits["validation"] if fold_content(one.group) not in groups["test"]]
        removed = {"removed_from_validation": len(splits["validation"]) - len(cleaned["validation"])}
    held_out = groups["validation"] | groups["test"]
    unleaked = [one for one in splits["train"] if fold_content(one.group) not in held_out]
    firsts: dict[Content, Any] = {}
    for example in unleaked:
        firsts.setdefault(fold_content(example.content), example)
    cleaned["train"] = train = list(firsts.values())
    for split, name in (("train", "training"), ("validation", "validation")):
        if splits[split] and not cleaned[split]:
            others = "validation or test" if split == "train" else "test"
            raise UserError(
                f"{_name_language(splits)}: the audit removes all {len(splits[split])} {name} sentences because they, "
                f"or their premises or passages, also occur in {others}; make splits that do not overlap"
            )
    seen_by = {split: _fold(splits[split]) for split in SPLITS}
    report = {
        "sentences": {split: {"before": len(splits[split]), "after": len(cleaned[split])} for split in SPLITS},
        "duplicates": {
            "within": {split: len(splits[split]) - len(seen_by[split]) for split in SPLITS},
            "validation_in_train": _count_found(splits["validation"], seen_by["train"]),
            "test_in_train": _count_found(splits["test"], seen_by["train"]),
            "test_in_validation": _count_found(splits["test"], seen_by["validation"]),
        },
        "removed_from_train": {
            "found_in_validation_or_test": len(splits["train"]) - len(unleaked),
            "repeats": len(unleaked) - len(train),
        },
        **removed,
        **describe_splits({split: cleaned[split] for split in SPLITS}),
    }
    return cleaned, report


def audit_test(test: Sequence[Any], train: Sequence[Any]) -> dict:
    """Describe a test corpus. train: the training examples in the same language, or an empty list.

    Returns the fields of `audit` that apply to a test set, and `test_in_train`, the number of test examples that occur
    in `train`. No example is removed.
    """
    known = _fold(train)
    return {
        "sentences": {"test": len(test)},
        "duplicates": {
            "within": {"test": len(test) - len(_fold(test))},
            "test_in_train": _count_found(test, known),
        },
        **describe_splits({"test": test}),
    }


def audit_languages(
    folders: Mapping[str, Path], need: Mapping[str, Mapping[str, int]] | None = None
) -> dict[str, dict]:
    """Count the examples that occur in the corpora of several languages of a task, after the audit.

    folders: language -> the folder that `build_corpus` wrote. need: language -> `source` and `shots`, the largest
    numbers of training examples that a run draws as source sentences and as shots.
    Returns `train` (language -> number of training examples) and `test_in_train` (source language -> target language ->
    number of test examples of the target that occur in the training split of the source).
    Raises UserError for the first language with too few training examples, with the numbers needed and available.
    """
    train = {language: _read_contents(folder, "train") for language, folder in sorted(folders.items())}
    test = {language: _read_contents(folder, "test") for language, folder in sorted(folders.items())}
    for language, wanted in sorted((need or {}).items()):
        for use, count in wanted.items():
            refuse_shortage(language, count, len(train[language]), f"as {use}")
    types = {language: set(contents) for language, contents in train.items()}
    return {
        "train": {language: len(contents) for language, contents in train.items()},
        "test_in_train": {
            source: {
                target: sum(content in types[source] for content in test[target]) for target in test if target != source
            }
            for source in train
        },
    }


def refuse_shortage(language: str, needed: int, left: int, use: str) -> None:
    """Raise UserError if the audit leaves fewer training sentences of a language than needed."""
    if needed > left:
        raise UserError(
            f"{language}: {needed} training sentences are needed {use}, but {left} are left after the audit; "
            f"lower transfer.n or transfer.shots, or leave {language} out of `languages`"
        )


def describe_splits(splits: Mapping[str, Sequence[Any]]) -> dict[str, dict[str, Any]]:
    """Return the description of each split in an audit: the lengths of the examples in words and, depending on the kind
    of task, counts of labels or of answers and passages."""
    kind = next(type(examples[0]) for examples in splits.values() if examples)
    counts = _COUNTS.get(kind, {})
    if kind is TaggedSentence and not any(_is_entity(tag) for one in chain(*splits.values()) for tag in one.tags):
        counts = {name: count for name, count in counts.items() if name != "entities"}  # labels of words
    counts = {**counts, "lengths": lambda examples: _describe_numbers(len(one.words) for one in examples)}
    return {name: {split: count(examples) for split, examples in splits.items()} for name, count in counts.items()}


def describe_oddities(splits: Mapping[str, Sequence[Any]], language: str) -> list[str]:
    """Return sentences on what is often a mistake: splits that share text, and words or labels that are missing."""
    notes = []
    test, others = splits["test"], splits.get("validation", ())
    shared = _count_found(test, _fold(others))
    if test and shared >= MUCH * len(test):
        notes.append(f"{language}: {shared} of {len(test)} test examples are also in validation")
    for split, examples in splits.items():
        if not isinstance(next(iter(examples), None), TaggedSentence):
            continue
        if len(examples) == 1 and len(examples[0].tokens) > LONG:
            words = len(examples[0].tokens)
            notes.append(
                f"{language}: {split}: one sentence of {words} words; blank lines may be missing between sentences"
            )
        if all(tag == OUTSIDE for one in examples for tag in one.tags):
            effect = "; this target has no score" if split == "test" else ""
            notes.append(f"{language}: {split}: no entity in {len(examples)} sentences{effect}")
    return notes


MUCH = 0.5
"""Share of the test examples that are also in validation from which on `describe_oddities` reports them."""
LONG = 500
"""Words of a single sentence from which on a file seems to have no blank lines between its sentences."""
OUTSIDE, _BEGIN = "O", "B-"


def _is_entity(tag: str) -> bool:
    return tag == OUTSIDE or tag.startswith(_BEGIN)


def _read_contents(folder: Path, split: str) -> list[Content]:
    return [fold_content(example.content) for example in read_examples(Path(folder) / f"{split}.parquet")]


def _name_language(splits: Splits) -> str:
    return next(example.language for split in SPLITS for example in splits[split])


def _has_parts(examples: Sequence[Any]) -> bool:
    """Return whether the group of an example is only a part of its content."""
    return any(example.group != example.content for example in examples)


def _count_found(examples: Sequence[Any], seen: set[Content]) -> int:
    return sum(fold_content(example.content) in seen for example in examples)


def _fold(examples: Sequence[Any]) -> set[Content]:
    return {fold_content(example.content) for example in examples}


def _count_sorted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def _describe_numbers(numbers: Iterable[int]) -> dict[str, float]:
    """Return the minimum, median, mean and maximum of some numbers; nothing of no numbers."""
    numbers = list(numbers)
    if not numbers:
        return {}
    return {
        "min": min(numbers),
        "median": statistics.median(numbers),
        "mean": round(statistics.mean(numbers), 3),
        "max": max(numbers),
    }


_COUNTS = {
    TaggedSentence: {
        "labels": lambda sentences: _count_sorted(tag for one in sentences for tag in one.tags),
        "entities": lambda sentences: _count_sorted(
            tag[2:] for one in sentences for tag in one.tags if tag.startswith(_BEGIN)
        ),
    },
    SentencePair: {
        "labels": lambda pairs: _count_sorted(one.label for one in pairs),
        "premises": lambda pairs: len({one.premise for one in pairs}),
    },
    Question: {
        "passages": lambda questions: len({one.context for one in questions}),
        "answers": lambda questions: _describe_numbers(len(one.answers) for one in questions),
        "answer_words": lambda questions: _describe_numbers(
            len(answer.split()) for one in questions for answer in one.answers
        ),
    },
}
"""Class of example -> field of the audit -> function that computes the field for one split."""
