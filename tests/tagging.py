"""Helpers for tests of taggers: random labels, and the score at chance level."""

import dataclasses
import random
from collections.abc import Sequence

from isogloss.common.examples import TaggedSentence
from isogloss.tasks import find_task

NER = find_task("ner")


def shuffle_tags(examples: Sequence[TaggedSentence], seed: int) -> list[TaggedSentence]:
    """Return the sentences with all tags shuffled among all words."""
    tags = [tag for example in examples for tag in example.tags]
    random.Random(seed).shuffle(tags)
    given = iter(tags)
    return [dataclasses.replace(example, tags=tuple(next(given) for _ in example.tokens)) for example in examples]


def measure_chance(examples: Sequence[TaggedSentence], seed: int = 5) -> float:
    """Return the F1 of the shuffled gold tags against the gold tags."""
    at_random = [NER.tagging.decode(one, one.tags, 0, 1) for one in shuffle_tags(examples, seed)]
    return NER.score(examples, at_random, frozenset())["scores"]["f1"]
