"""The audit that every corpus passes: duplicates counted, training cleaned, examples described.

Two examples are duplicates when their content is the same, word for word; their labels do not matter. No example of
training may share its group with validation or test: its content in NER, its premise in NLI, its passage in QA.
"""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.examples import SPLITS, Question, SentencePair, TaggedSentence, read_examples

Splits = dict[str, list[Any]]
Content = tuple[str, ...]


def audit(splits: Splits) -> tuple[Splits, dict]:
    """Clean training of duplicates and describe the corpus of one language.

    Returns the splits and a report (docs/using/corpora.md has every field; labels, answers and lengths are of the cleaned
    splits). In training, examples whose group is found in validation or test are removed, and repeats but for the
    first; in validation, those whose group is in test, where a group is a part of an example. Test stays as it is. A
    UserError tells that nothing is left to train on, or to validate on.
    """
    groups = {split: {example.group for example in splits[split]} for split in SPLITS}
    cleaned, removed = dict(splits), {}
    if _has_parts(splits["test"]):
        cleaned["validation"] = [one for one in splits["validation"] if one.group not in groups["test"]]
        removed = {"removed_from_validation": len(splits["validation"]) - len(cleaned["validation"])}
    held_out = groups["validation"] | groups["test"]
    unleaked = [example for example in splits["train"] if example.group not in held_out]
    firsts: dict[Content, Any] = {}
    for example in unleaked:
        firsts.setdefault(example.content, example)
    cleaned["train"] = train = list(firsts.values())
    for split, name in (("train", "training"), ("validation", "validation")):
        if not cleaned[split]:
            others = "validation or test" if split == "train" else "test"
            raise UserError(
                f"{_name_language(splits)}: all {len(splits[split])} {name} sentences are found in {others}, so the "
                "audit leaves none: draw the splits anew"
            )
    seen_by = {split: {example.content for example in splits[split]} for split in SPLITS}
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
    """Describe a test set that stands for itself; `train` is what models are trained on in its language, if anything.

    Returns the fields of `audit` that a test set has, and `test_in_train`, the number of its examples that are found
    in `train`. Nothing is removed.
    """
    known = {example.content for example in train}
    return {
        "sentences": {"test": len(test)},
        "duplicates": {
            "within": {"test": len(test) - len({example.content for example in test})},
            "test_in_train": _count_found(test, known),
        },
        **describe_splits({"test": test}),
    }


def audit_languages(
    folders: Mapping[str, Path], need: Mapping[str, Mapping[str, int]] | None = None
) -> dict[str, dict]:
    """Count the examples that the audited corpora of a task's languages share.

    folders: language -> the folder that `build_corpus` wrote. need: language -> `source` and `shots`, the
    largest numbers of training examples that any run takes as a source and as shots of a target.
    Returns `train` (language -> examples) and `test_in_train` (source language -> target language -> number
    of the target's test examples found in the source's training set).
    A UserError names the first language that has too few, with the number needed and the number left.
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
    """Raise a UserError if more training sentences of a language are needed than the audit leaves."""
    if needed > left:
        raise UserError(
            f"{language}: {needed} training sentences are needed {use}, but the audit leaves {left}: "
            f"lower n and shots in transfer, or leave {language} out"
        )


def describe_splits(splits: Mapping[str, Sequence[Any]]) -> dict[str, dict[str, Any]]:
    """Return what an audit tells of each split: labels, or answers and passages, as the kind of task has them, and the
    lengths of its examples in words."""
    counts = _COUNTS.get(type(next(iter(splits.values()))[0]), {})
    counts = {**counts, "lengths": lambda examples: _describe_numbers(len(one.words) for one in examples)}
    return {name: {split: count(examples) for split, examples in splits.items()} for name, count in counts.items()}


def _read_contents(folder: Path, split: str) -> list[Content]:
    return [example.content for example in read_examples(Path(folder) / f"{split}.parquet")]


def _name_language(splits: Splits) -> str:
    return next(example.language for split in SPLITS for example in splits[split])


def _has_parts(examples: Sequence[Any]) -> bool:
    """Whether the group of an example is a part of it only."""
    return any(example.group != example.content for example in examples)


def _count_found(examples: Sequence[Any], seen: set[Content]) -> int:
    return sum(example.content in seen for example in examples)


def _count_sorted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def _describe_numbers(numbers: Iterable[int]) -> dict[str, float]:
    """Return the least, median, mean and greatest of some numbers."""
    numbers = list(numbers)
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
            tag[2:] for one in sentences for tag in one.tags if tag.startswith("B-")
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
"""By class of example: field of the audit -> what counts it in one split."""
