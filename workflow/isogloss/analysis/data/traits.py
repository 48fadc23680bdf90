"""Traits of features, beside their values: given with the evidence, or guessed from the name of the feature."""

from collections.abc import Mapping
from dataclasses import dataclass

LEXICAL = "lexical"
"""The group of the features that measure shared words."""


@dataclass(frozen=True)
class FeatureTraits:
    """Traits of a feature of language pairs.

    `nearness` is 1 for a similarity (a higher value means more similar languages), -1 for a distance, and 0 if unknown.
    `doubles` names the feature that this one measures in another way; a regression takes only one of the two. `group`
    is the explanation of transfer that the feature represents, such as `syntax` or `lexical`. `precedence` is its rank
    among the features that a regression can take: the smallest comes first, 0 before all others. `subword` is True if
    the feature is counted in the subwords of a model. `of_language` is True if the feature is a property of one
    language of the pair.
    """

    nearness: int = 0
    doubles: str = ""
    group: str = ""
    precedence: int = 0
    subword: bool = False
    of_language: bool = False


def find_traits(name: str, known: Mapping[str, FeatureTraits]) -> FeatureTraits:
    """Return the traits of a feature from `known`, or guess them from its name.

    A feature whose name ends in `distance` is a distance. A feature whose name contains `overlap` is lexical.
    """
    if name in known:
        return known[name]
    return FeatureTraits(nearness=-1 if name.endswith("distance") else 0, group=LEXICAL if "overlap" in name else "")
