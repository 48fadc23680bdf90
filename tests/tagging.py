"""What tests of taggers share: labels without sense, and the score that chance reaches."""

import dataclasses
import random
from collections.abc import Sequence

from isogloss.common.examples import TaggedSentence
from isogloss.tasks import find_task

NER = find_task("ner")


def shuffle_tags(examples: Sequence[TaggedSentence], seed: int) -> list[TaggedSentence]:
    """Return the sentences with all their tags shuffled among all their words."""
    tags = [tag for example in examples for tag in example.tags]
    random.Random(seed).shuffle(tags)
    given = iter(tags)
    return [dataclasses.replace(example, tags=tuple(next(given) for _ in example.tokens)) for example in examples]


def measure_chance(examples: Sequence[TaggedSentence], seed: int = 5) -> float:
    """Return the F1 of the gold tags, shuffled, against themselves."""
    at_random = [NER.tagging.decode(one, one.tags, 0, 1) for one in shuffle_tags(examples, seed)]
    return NER.score(examples, at_random, frozenset())["scores"]["f1"]
