"""Features of language pairs: one line each. Rooms: typology (lang2vec), overlap (training text).

A new feature is a column of a room's table and a line here; a new room is one new file beside these.
"""

from dataclasses import dataclass

from isogloss.errors import UserError

SYMMETRIC, OF_TARGET, OF_SOURCE = "symmetric", "target", "source"


@dataclass(frozen=True)
class Feature:
    """A feature of an ordered pair of languages.

    what: the quantity, in a few words. direction: symmetric (the same for both orders of a pair), target (a share
    of the target's data) or source (of the source's). room: the module of isogloss.features that makes it.
    subword: whether it is counted in a model's subwords, so that a model without a vocabulary lacks it.
    """

    what: str
    direction: str
    room: str
    subword: bool = False


FEATURES: dict[str, Feature] = {
    "syntax": Feature("cosine of syntax", SYMMETRIC, "typology"),
    "phonology": Feature("cosine of phonology", SYMMETRIC, "typology"),
    "inventory": Feature("cosine of sound inventories", SYMMETRIC, "typology"),
    "family": Feature("cosine of genealogical nodes", SYMMETRIC, "typology"),
    "geographic": Feature("great-circle distance in km", SYMMETRIC, "typology"),
    "morphology": Feature("share of agreeing values of morphology", SYMMETRIC, "typology"),
    "syntax_observed": Feature("syntax, values observed in both", SYMMETRIC, "typology"),
    "phonology_observed": Feature("phonology, values observed in both", SYMMETRIC, "typology"),
    "inventory_observed": Feature("inventory, values observed in both", SYMMETRIC, "typology"),
    "morphology_observed": Feature("morphology, values observed in both", SYMMETRIC, "typology"),
    "overlap_target": Feature("share of the target's words found in the source", OF_TARGET, "overlap"),
    "overlap_source": Feature("share of the source's words found in the target", OF_SOURCE, "overlap"),
    "subword_overlap_target": Feature("share of the target's subwords so found", OF_TARGET, "overlap", True),
    "subword_overlap_source": Feature("share of the source's subwords so found", OF_SOURCE, "overlap", True),
}


def find_feature(name: str) -> Feature:
    """Return the feature of a name; a UserError names an unknown one and lists those known."""
    try:
        return FEATURES[name]
    except KeyError:
        raise UserError(f"unknown feature {name!r}: known are {' '.join(FEATURES)}") from None
