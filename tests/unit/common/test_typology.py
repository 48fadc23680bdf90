"""Values packed as bits: they come back, and their distance is 1 - cosine."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from isogloss.common.typology import measure_distance, pack_bits, unpack_bits

BITS = st.lists(st.integers(0, 1), min_size=103, max_size=103)


@given(BITS, BITS)
def test_the_distance_of_packed_values_is_that_of_the_vectors(one, other):
    packed = measure_distance(unpack_bits(pack_bits(one)), unpack_bits(pack_bits(other)))
    first, second = np.array(one, float), np.array(other, float)
    length = np.sqrt(first @ first * (second @ second))
    assert packed == (round(1 - first @ second / length, 6) if length else 1.0)


@given(BITS)
def test_packed_values_come_back(values):
    assert [int(bit) for bit in f"{unpack_bits(pack_bits(values)):0104b}"][:103] == values
