"""Batches by length: every example once per epoch, equal numbers of steps, little padding, random order of lengths."""

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isogloss.training.batch_plan import cut_evenly, plan_batches

LENGTHS = numpy.random.default_rng(0).integers(5, 60, 600).tolist()


def count_tokens(batches: list[list[int]], lengths: list[int]) -> list[int]:
    """Return the number of tokens of each batch, including padding."""
    return [len(batch) * max(lengths[place] for place in batch) for batch in batches]


@given(st.lists(st.integers(1, 300), min_size=1, max_size=80), st.integers(1, 20), st.integers(0, 5))
def test_a_pass_takes_every_example_once_in_as_many_steps_as_its_size_says(lengths, batch_size, seed):
    of_pass = max(1, round(len(lengths) / batch_size))
    batches = plan_batches(lengths, 2 * of_pass, batch_size, seed)
    assert len(batches) == 2 * of_pass
    for half in (batches[:of_pass], batches[of_pass:]):
        assert sorted(place for batch in half for place in batch) == list(range(len(lengths)))


def test_the_seed_decides_the_batches():
    assert plan_batches(LENGTHS, 50, 16, 1) == plan_batches(LENGTHS, 50, 16, 1)
    assert plan_batches(LENGTHS, 50, 16, 1) != plan_batches(LENGTHS, 50, 16, 2)


def test_little_is_padding_and_batches_are_of_like_size_in_tokens():
    batches = plan_batches(LENGTHS, 38, 16, 1)
    padded = count_tokens(batches, LENGTHS)
    assert sum(padded) / sum(LENGTHS) < 1.25
    drawn = [list(range(start, min(start + 16, 600))) for start in range(0, 600, 16)]
    assert sum(count_tokens(drawn, LENGTHS)) / sum(LENGTHS) > 1.7
    assert max(padded) < 1.4 * numpy.mean(padded)
    assert min(map(len, batches)) <= 10 < 20 <= max(map(len, batches))


def test_the_order_of_batches_is_no_order_of_length():
    longest = [max(LENGTHS[place] for place in batch) for batch in plan_batches(LENGTHS, 380, 16, 1)]
    assert abs(numpy.corrcoef(numpy.arange(380), longest)[0, 1]) < 0.1


@pytest.mark.parametrize(
    ("lengths", "count", "cut"),
    [
        ([1, 1, 1, 1, 4, 4], 2, [[0, 1, 2, 3], [4, 5]]),
        ([2, 2, 2, 9], 2, [[0, 1, 2], [3]]),
        ([5, 5], 3, [[0], [1]]),
        ([3, 3, 3, 3], 3, [[0], [1], [2, 3]]),
        ([7], 1, [[0]]),
    ],
)
def test_cutting_keeps_the_largest_batch_small(lengths, count, cut):
    assert cut_evenly(range(len(lengths)), lengths, count) == cut
