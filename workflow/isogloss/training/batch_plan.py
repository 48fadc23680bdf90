"""Plan batches of examples with similar lengths, so that they contain little padding."""

import random
from collections.abc import Sequence

IGNORED = -100
"""The label of padding, which losses ignore."""
BUCKET = 4
"""Number of batches whose examples are sorted by length together. Higher numbers reduce both padding and mixing."""


def plan_batches(lengths: Sequence[int], steps: int, batch_size: int, seed: int) -> list[list[int]]:
    """Return the indices of the examples in the batch of each of `steps` optimiser steps.

    lengths: number of tokens of each example. Every example occurs once per epoch. An epoch has round(examples /
    batch_size) batches for any lengths, so the same number of examples always gives the same number of steps. The size
    of a batch depends on its tokens, including padding: it contains `batch_size` examples on average, more if they are
    short and fewer if they are long. In each epoch, the examples are shuffled. The examples of each BUCKET consecutive
    batches are then sorted by length and divided, and the batches are shuffled again.
    """
    rng = random.Random(f"order {seed}")
    planned: list[list[int]] = []
    while len(planned) < steps:
        places = rng.sample(range(len(lengths)), len(lengths))
        batches = max(1, round(len(places) / batch_size))
        pools = -(-batches // BUCKET)
        of_pass = []
        for pool in range(pools):
            inside = places[len(places) * pool // pools : len(places) * (pool + 1) // pools]
            inside.sort(key=lengths.__getitem__)
            of_pass += cut_evenly(inside, lengths, batches * (pool + 1) // pools - batches * pool // pools)
        planned += rng.sample(of_pass, len(of_pass))
    return planned[:steps]


def cut_evenly(places: Sequence[int], lengths: Sequence[int], count: int) -> list[list[int]]:
    """Divide examples, sorted by length, into `count` batches such that the largest has as few tokens as possible.

    The number of tokens of a batch is its number of examples times the length of its longest example. If there are
    fewer examples than `count`, each example is a batch.
    """
    count = min(count, len(places))
    low, high = 1, len(places) * max(lengths[place] for place in places)
    while low < high:  # binary search for the smallest number of tokens per batch for which `count` batches suffice
        budget = (low + high) // 2
        if len(fill(places, lengths, budget)) <= count and lengths[places[-1]] <= budget:
            high = budget
        else:
            low = budget + 1
    batches = fill(places, lengths, low)
    while len(batches) < count:
        largest = max(range(len(batches)), key=lambda index: len(batches[index]))
        middle = len(batches[largest]) // 2
        batches[largest : largest + 1] = [batches[largest][:middle], batches[largest][middle:]]
    return batches


def fill(places: Sequence[int], lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Divide examples, sorted by length, into batches of at most `budget` tokens, including padding, or one example."""
    batches: list[list[int]] = []
    for place in places:
        if batches and (len(batches[-1]) + 1) * lengths[place] <= budget:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches
