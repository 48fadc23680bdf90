"""A toy for each kind of registry: the minimum that a new family, task or corpus must define."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from isogloss.common.examples import SPLITS, TaggedSentence
from isogloss.corpora import Corpus
from isogloss.corpora.base import Found, Loaded
from isogloss.families import Family
from isogloss.features import Feature
from isogloss.tasks.base import Task


@dataclass(frozen=True)
class Length:
    """A prediction of the toy task: the number of words in names in a sentence."""

    words: int


def _count_named(sentence: TaggedSentence) -> int:
    return sum(tag != "O" for tag in sentence.tags)


def _score(examples, predictions, seen) -> dict:
    right = sum(_count_named(one) == guess.words for one, guess in zip(examples, predictions, strict=True))
    known = len([one for one in examples if (str(len(one.tokens)), "length") in seen])
    return {"scores": {"accuracy": right / len(examples)}, "support": {"sentences": len(examples), "seen": known}}


TASK = Task(
    kind="count",
    example=TaggedSentence,
    metric="accuracy",
    labels=(),
    memory=900,
    formats={},
    memorise=lambda sentences: frozenset((str(len(sentence.tokens)), "length") for sentence in sentences),
    score=_score,
)


def make_family(received: list[list[TaggedSentence]]) -> ModuleType:
    """Return a family that predicts the most frequent number of words in names in its training sentences.

    The arguments of its `fit` are appended to `received`.
    """
    family = ModuleType("toy_family")

    def fit(model, task, examples, recipe, *, steps, seed, threads):
        received.append(list(examples))
        return Counter(map(_count_named, examples)).most_common(1)[0][0], {"steps": steps, "subword_tokens": None}

    family.fit = fit
    family.predict = lambda model, task, examples, recipe, *, threads: [Length(model) for _ in examples]
    family.load = lambda folder, store=None: json.loads((Path(folder) / "mode.json").read_text(encoding="utf-8"))
    family.save = lambda model, folder: (folder / "mode.json").write_text(json.dumps(model), encoding="utf-8")
    return family


FAMILY = Family("toy_family", continues=True, pretrained=False, accelerated=False)


def load_corpus(options, language, annotation, splits=SPLITS) -> Loaded:
    """Return sentences of one to `options` words in names and a full stop; the last word makes them unique."""
    made = {
        split: [
            TaggedSentence(
                id=f"{language}-{split}-{number}",
                language=language,
                tokens=(*["Ada"] * (1 + number % options), f"{split}{number}"),
                tags=("B-PER", *["I-PER"] * (number % options), "O"),
            )
            for number in range(20)
        ]
        for split in splits
    }
    return Loaded(made)


FEATURE = Feature("how alike the codes are", "symmetric", 1, module="toy")

CORPUS = Corpus(
    load=f"{__name__}:load_corpus",
    check=lambda options, languages, annotation, cache=None: dict.fromkeys(languages, Found(20)),
    files=lambda options, language: [],
)
