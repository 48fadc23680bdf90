"""What the analysis knows of a feature beside its values: given with the evidence, or guessed from its name."""

from collections.abc import Mapping
from dataclasses import dataclass

LEXICAL = "lexical"
"""The group of features of shared words."""


@dataclass(frozen=True)
class FeatureTraits:
    """Of a feature of language pairs.

    nearness: 1 where a higher value means nearer languages, -1 for a distance, 0 where that is not known. doubles: the
    feature of which this one is a variant: a regression takes one of the two. group: the explanation of transfer that
    the feature stands for, such as `syntax` or `lexical`. precedence: its place among the features that a regression
    chooses from, the smallest first; 0 stands before all. subword: whether it is counted in a model's subwords.
    of_language: whether it is a property of one language of the pair.
    """

    nearness: int = 0
    doubles: str = ""
    group: str = ""
    precedence: int = 0
    subword: bool = False
    of_language: bool = False


def find_traits(name: str, known: Mapping[str, FeatureTraits]) -> FeatureTraits:
    """Return the traits of a feature; of one that is not known, what its name says.

    A name that ends in `distance` is a distance, as tables of features have it; one with `overlap` in it is lexical.
    """
    if name in known:
        return known[name]
    return FeatureTraits(nearness=-1 if name.endswith("distance") else 0, group=LEXICAL if "overlap" in name else "")
