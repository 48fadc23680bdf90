"""Features of language pairs: one line each. Rooms: typology (lang2vec), overlap (training text), extra (of packages).

A new feature is a column of a room's table and a line here; a new room is one new file beside these.
"""

from dataclasses import dataclass

from isogloss.common.registry import Registry, name_part

NO_NAMES = ("task", "model", "source", "target", "overlap")
"""What a feature cannot be called: keys and files of tables of features have these names."""
SYMMETRIC, OF_TARGET, OF_SOURCE = "symmetric", "target", "source"


@dataclass(frozen=True)
class Feature:
    """A feature of an ordered pair of languages.

    what: the quantity, in a few words. direction: symmetric (the same for both orders of a pair), target (a share
    of the target's data) or source (of the source's). nearness: 1 where a higher value means nearer languages, -1 for
    a distance, 0 where that is not known. doubles: the feature of which this one is a variant, so that the two are not
    used together. group: the explanation of transfer that it stands for; grammar is the groups syntax, morphology and
    phonology, shared words are lexical. precedence: its place among the features that a regression chooses from, the
    smallest first; 0 stands before all of ours. room: the module of isogloss.features that makes it.
    subword: whether it is counted in a model's subwords, so that a model without a vocabulary lacks it. compute:
    `module:function` of a feature that is computed by itself, (languages, text) -> (source, target, value) of each
    ordered pair; text: language -> train.parquet of its examples, for the languages that the task has. version: raised
    when the same text gives another value, so that it is computed anew.
    """

    what: str
    direction: str
    nearness: int
    doubles: str = ""
    group: str = ""
    precedence: int = 0
    room: str = ""
    subword: bool = False
    compute: str = name_part("")
    version: int = 1


FEATURES = Registry(
    what="feature",
    group="isogloss.features",
    entry=Feature,
    own={
        "syntax": Feature("cosine of syntax", SYMMETRIC, 1, group="syntax", precedence=1, room="typology"),
        "phonology": Feature("cosine of phonology", SYMMETRIC, 1, group="phonology", precedence=2, room="typology"),
        "inventory": Feature(
            "cosine of sound inventories", SYMMETRIC, 1, group="sounds", precedence=7, room="typology"
        ),
        "family": Feature("cosine of genealogical nodes", SYMMETRIC, 1, group="descent", precedence=6, room="typology"),
        "geographic": Feature(
            "great-circle distance in km", SYMMETRIC, -1, group="contact", precedence=5, room="typology"
        ),
        "morphology": Feature(
            "share of agreeing values of morphology", SYMMETRIC, 1, group="morphology", precedence=3, room="typology"
        ),
        "syntax_observed": Feature(
            "syntax, values observed in both", SYMMETRIC, 1, doubles="syntax", group="syntax", room="typology"
        ),
        "phonology_observed": Feature(
            "phonology, values observed in both", SYMMETRIC, 1, doubles="phonology", group="phonology", room="typology"
        ),
        "inventory_observed": Feature(
            "inventory, values observed in both", SYMMETRIC, 1, doubles="inventory", group="sounds", room="typology"
        ),
        "morphology_observed": Feature(
            "morphology, values observed in both",
            SYMMETRIC,
            1,
            doubles="morphology",
            group="morphology",
            room="typology",
        ),
        "overlap_target": Feature(
            "share of the target's words found in the source",
            OF_TARGET,
            1,
            group="lexical",
            precedence=4,
            room="overlap",
        ),
        "overlap_source": Feature(
            "share of the source's words found in the target",
            OF_SOURCE,
            1,
            doubles="overlap_target",
            group="lexical",
            room="overlap",
        ),
        "subword_overlap_target": Feature(
            "share of the target's subwords so found",
            OF_TARGET,
            1,
            doubles="overlap_target",
            group="lexical",
            room="overlap",
            subword=True,
        ),
        "subword_overlap_source": Feature(
            "share of the source's subwords so found",
            OF_SOURCE,
            1,
            doubles="overlap_target",
            group="lexical",
            room="overlap",
            subword=True,
        ),
    },
)
"""Our own are made for every study, those of packages for a study that names them under `features`."""

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
    return FEATURES.find(name)
