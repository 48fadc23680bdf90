"""Typological values as bits: packed into text for the table of languages, and compared without numpy.

Values are those of lang2vec's `*_knn` sets (Littell et al. 2017), which are 0 or 1.
"""

import base64
import math
from collections.abc import Sequence

PACKED_SETS = ("syntax", "phonology", "inventory")
"""The feature sets whose values the table of languages has."""


def pack_bits(values: Sequence[int]) -> str:
    """Return values of 0 and 1 as base64 text, the first value in the highest bit of the first byte."""
    size = -(-len(values) // 8)
    number = int("".join(map(str, values)).ljust(8 * size, "0"), 2)
    return base64.b64encode(number.to_bytes(size)).decode("ascii").rstrip("=")


def unpack_bits(text: str) -> int:
    """Return the values that `pack_bits` wrote as one integer, whose bits are the values."""
    return int.from_bytes(base64.b64decode(text + "=" * (-len(text) % 4)))


def measure_distance(one: int, other: int) -> float:
    """Return 1 - cosine of two sets of values, to 6 decimals; 1.0 if one of them has no value of 1."""
    lengths = one.bit_count() * other.bit_count()
    return round(1 - (one & other).bit_count() / math.sqrt(lengths), 6) if lengths else 1.0
