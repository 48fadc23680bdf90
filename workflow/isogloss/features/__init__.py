"""Features of language pairs: one line each. Rooms: typology (lang2vec), overlap (training text).

A new feature is a column of a room's table and a line here; a new room is one new file beside these.
"""

from dataclasses import dataclass

from isogloss.common.errors import UserError

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

STATISTICS: dict[str, str] = {
    "lm_loss": "mean span-corruption loss per target token",
    "lm_exact": "share of masked spans predicted exactly, teacher-forced",
    "lm_exact_free": "share of masked spans predicted exactly, free-running",
    "infilling_loss": "mean infilling loss per target token",
    "infilling_exact": "share of infilled spans predicted exactly, teacher-forced",
    "infilling_exact_free": "share of infilled spans predicted exactly, free-running",
    "log_pseudo_perplexity": "mean loss of tokens masked one at a time",
    "masked_accuracy": "share of tokens predicted where they are masked",
}
"""What a model's language model makes of training text in one language (isogloss.runs.language_model): a property of
the source, `{name}_source`, and of the target, `{name}_target`, of a pair. Only a study that asks for them has them,
and a model only those of its own pre-training, so they are no FEATURES, of which every pair has a value."""


def list_statistics() -> list[str]:
    """Return the columns of STATISTICS in tables of features."""
    return [f"{name}_{end}" for name in STATISTICS for end in (OF_SOURCE, OF_TARGET)]


def find_feature(name: str) -> Feature:
    """Return the feature of a name; a UserError names an unknown one and lists those known."""
    try:
        return FEATURES[name]
    except KeyError:
        raise UserError(f"unknown feature {name!r}: known are {' '.join(FEATURES)}") from None
