"""Batches planned by length: which examples are trained on together, so that little padding is computed."""

import random
from collections.abc import Sequence

IGNORED = -100
"""The label of padding, which counts for nothing in a loss."""
BUCKET = 4
"""Batches whose examples are sorted by length together: more of them pad less and mix less."""


def plan_batches(lengths: Sequence[int], steps: int, batch_size: int, seed: int) -> list[list[int]]:
    """Return the batch of each of `steps` optimiser steps: places of examples, every example once a pass.

    lengths: tokens of each example. A pass has round(examples / batch_size) batches, whatever the lengths, so that
    equal numbers of examples always are equal numbers of steps. A batch is cut by its tokens, padding counted: it holds
    `batch_size` examples on average, more of short ones and fewer of long ones. Each pass is shuffled; the examples of
    every BUCKET batches in a row are sorted by length and cut; the batches of a pass are shuffled again.
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
    """Cut examples sorted by length into `count` batches so that the largest has as few tokens as it can.

    A batch has its number of examples times its longest one's length in tokens. With fewer examples than `count` there
    are as many batches as examples.
    """
    count = min(count, len(places))
    low, high = 1, len(places) * max(lengths[place] for place in places)
    while low < high:  # the smallest budget of tokens with which `count` batches suffice
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
    """Put examples sorted by length into batches of at most `budget` tokens, padding counted, at least one in each."""
    batches: list[list[int]] = []
    for place in places:
        if batches and (len(batches[-1]) + 1) * lengths[place] <= budget:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches
