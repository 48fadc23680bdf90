"""The registry of features of language pairs.

Modules of this package compute them: typology (from lang2vec), overlap (from training text) and extra (features of
installed packages). A new feature is a column in the table of a module and an entry in FEATURES.
"""

from dataclasses import dataclass

from isogloss.common.registry import Registry, name_part

NO_NAMES = ("task", "model", "source", "target", "overlap")
"""Names that a feature cannot have, because keys and files of feature tables have these names."""
SYMMETRIC, OF_TARGET, OF_SOURCE = "symmetric", "target", "source"


@dataclass(frozen=True)
class Feature:
    """A feature of an ordered pair of languages.

    what: the quantity, in a few words. direction: symmetric (the same for both orders of a pair), target (a share of
    the target's data) or source (a share of the source's data). nearness: 1 if a higher value means more similar
    languages, -1 for a distance, 0 if unknown. doubles: the feature that this one is a version of; the two are not used
    together. group: the explanation of transfer that the feature represents. Grammar consists of the groups syntax,
    morphology and phonology; shared words are the group lexical. precedence: the order in which a regression chooses
    features, smallest first; 0 comes before all features of this project. module: the module of isogloss.features that
    computes it. subword: whether it depends on the subwords of a model; models without a vocabulary do not have it.
    compute: `module:function` of a feature that is computed separately, such as one of an installed package:
    (languages, text) -> (source, target, value) of each ordered pair. text: language -> train.parquet of its examples,
    for the languages of the task. version: increased when the same text produces another value, so that the feature is
    recomputed.
    """

    what: str
    direction: str
    nearness: int
    doubles: str = ""
    group: str = ""
    precedence: int = 0
    module: str = ""
    subword: bool = False
    compute: str = name_part("")
    version: int = 1


FEATURES = Registry(
    what="feature",
    group="isogloss.features",
    entry=Feature,
    own={
        "syntax": Feature("cosine of syntax", SYMMETRIC, 1, group="syntax", precedence=1, module="typology"),
        "phonology": Feature("cosine of phonology", SYMMETRIC, 1, group="phonology", precedence=2, module="typology"),
        "inventory": Feature(
            "cosine of sound inventories", SYMMETRIC, 1, group="sounds", precedence=7, module="typology"
        ),
        "family": Feature(
            "cosine of genealogical nodes", SYMMETRIC, 1, group="descent", precedence=6, module="typology"
        ),
        "geographic": Feature(
            "great-circle distance in km", SYMMETRIC, -1, group="contact", precedence=5, module="typology"
        ),
        "morphology": Feature(
            "share of morphological values that are equal",
            SYMMETRIC,
            1,
            group="morphology",
            precedence=3,
            module="typology",
        ),
        "syntax_observed": Feature(
            "syntax, values observed in both languages",
            SYMMETRIC,
            1,
            doubles="syntax",
            group="syntax",
            module="typology",
        ),
        "phonology_observed": Feature(
            "phonology, values observed in both languages",
            SYMMETRIC,
            1,
            doubles="phonology",
            group="phonology",
            module="typology",
        ),
        "inventory_observed": Feature(
            "inventory, values observed in both languages",
            SYMMETRIC,
            1,
            doubles="inventory",
            group="sounds",
            module="typology",
        ),
        "morphology_observed": Feature(
            "morphology, values observed in both languages",
            SYMMETRIC,
            1,
            doubles="morphology",
            group="morphology",
            module="typology",
        ),
        "overlap_target": Feature(
            "share of the target's words found in the source",
            OF_TARGET,
            1,
            group="lexical",
            precedence=4,
            module="overlap",
        ),
        "overlap_source": Feature(
            "share of the source's words found in the target",
            OF_SOURCE,
            1,
            doubles="overlap_target",
            group="lexical",
            module="overlap",
        ),
        "subword_overlap_target": Feature(
            "share of the target's subwords found in the source",
            OF_TARGET,
            1,
            doubles="overlap_target",
            group="lexical",
            module="overlap",
            subword=True,
        ),
        "subword_overlap_source": Feature(
            "share of the source's subwords found in the target",
            OF_SOURCE,
            1,
            doubles="overlap_target",
            group="lexical",
            module="overlap",
            subword=True,
        ),
    },
)
"""The features of this project are computed for every study. Features of installed packages are computed for a study
that names them under `features`."""

STATISTICS: dict[str, str] = {
    "lm_loss": "mean span-corruption loss per target token",
    "lm_exact": "share of masked spans predicted exactly, teacher-forced",
    "lm_exact_free": "share of masked spans predicted exactly, free-running",
    "infilling_loss": "mean infilling loss per target token",
    "infilling_exact": "share of infilled spans predicted exactly, teacher-forced",
    "infilling_exact_free": "share of infilled spans predicted exactly, free-running",
    "log_pseudo_perplexity": "mean loss of tokens masked one at a time",
    "masked_accuracy": "share of masked tokens predicted correctly",
}
"""Statistics of a model's language model on training text in one language (isogloss.runs.language_model). For a pair,
they are properties of the source, `{name}_source`, and of the target, `{name}_target`. They are computed only for a
study that requests them, and a model has only those of its own pre-training objective. They are not in FEATURES,
because every pair has a value of a feature in FEATURES."""


def list_statistics() -> list[str]:
    """Return the column names of STATISTICS in feature tables."""
    return [f"{name}_{end}" for name in STATISTICS for end in (OF_SOURCE, OF_TARGET)]


def find_feature(name: str) -> Feature:
    """Return the feature with this name. Raises UserError, with the known names, if it is unknown."""
    return FEATURES.find(name)
