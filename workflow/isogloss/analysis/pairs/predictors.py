"""Which features a regression takes, and why it leaves the others out."""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from isogloss.analysis.statistics.additive import find_redundant

HOUSE = ("syntax", "phonology", "morphology", "overlap_target", "geographic", "family", "inventory")
"""One feature for each explanation that papers offer, those first that most papers do: three levels of grammar, shared
words, contact; then descent, and sounds, where there are languages enough."""

DOUBLES = {
    "syntax_observed": "syntax",
    "phonology_observed": "phonology",
    "inventory_observed": "inventory",
    "morphology_observed": "morphology",
    "overlap_source": "overlap_target",
    "subword_overlap_target": "overlap_target",
    "subword_overlap_source": "overlap_target",
}
"""Features that measure what one of HOUSE does: beside it, neither's coefficient would mean anything."""

OF_LANGUAGE_MODELS = re.compile(
    r"((lm|infilling)_(loss|exact|exact_free)|log_pseudo_perplexity|masked_accuracy)_(source|target)"
)
"""Properties of one language to one model. There are as many values as languages, each repeated over pairs: they would
take the place of features of pairs, and stand in for the source and target effects that these are to be told from."""

_PAIRS_PER_GAP = 10
"""A feature that lacks more than one pair in this many (of those that have any feature) is left out, not the pairs."""


def choose_predictors(
    pairs: pd.DataFrame, names: list[str], primary: Mapping[str, object] | None
) -> tuple[list[str], dict[str, str]]:
    """Return the features that a regression of a setting takes, and for each other one the reason why not.

    pairs: source, target and a column for each name. The declared hypothesis' feature comes first, then columns
    that are a user's own, then HOUSE: at most one feature for two languages, since languages are the sample, not
    pairs. OF_LANGUAGE_MODELS are taken only where declared. The choice never looks at scores.
    """
    languages = len(set(pairs["source"]) | set(pairs["target"]))
    known = pairs[pairs[names].notna().any(axis="columns")]
    declared = primary["feature"] if primary else None
    ranked = sorted(
        names, key=lambda name: (name != declared, name in HOUSE, HOUSE.index(name) if name in HOUSE else 0)
    )
    reasons: dict[str, str] = {}
    for name in ranked:
        missing, double = int(known[name].isna().sum()), DOUBLES.get(name)
        if double in names and name != declared:
            reasons[name] = f"left out: measures what {double} does"
        elif OF_LANGUAGE_MODELS.fullmatch(name) and name != declared:
            reasons[name] = "left out: a property of one language, not of a pair"
        elif missing * _PAIRS_PER_GAP > len(known):
            reasons[name] = f"left out: no value for {missing} of {len(known)} pairs"
    kept = _drop_redundant(pairs, [name for name in ranked if name not in reasons], reasons)
    limit = languages // 2
    reasons |= dict.fromkeys(kept[limit:], f"left out: {languages} languages carry at most {limit} features")
    return kept[:limit], reasons


def _drop_redundant(pairs: pd.DataFrame, names: list[str], reasons: dict[str, str]) -> list[str]:
    """Return the names that are neither constant nor a combination of earlier ones; note why in reasons."""
    known = pairs[names].dropna().to_numpy(dtype=float)
    redundant = find_redundant(np.ones((len(known), 1)), known) if len(known) else [True] * len(names)
    kept = []
    for name, column, dropped in zip(names, known.T, redundant, strict=True):
        if not dropped:
            kept.append(name)
        elif not len(column) or find_redundant(np.ones((len(column), 1)), column[:, None])[0]:
            reasons[name] = "constant feature" if len(column) else "no pair has a value of every feature"
        else:
            reasons[name] = f"left out: a linear combination of {', '.join(kept)}; their effects cannot be told apart"
    return kept
