"""Which features a regression takes, and why it leaves the others out."""

import numpy as np
import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.statistics.additive import find_redundant

_PAIRS_PER_GAP = 10
"""A feature that lacks more than one pair in this many (of those that have any feature) is left out, not the pairs."""


def choose_predictors(pairs: pd.DataFrame, names: list[str], evidence: Evidence) -> tuple[list[str], dict[str, str]]:
    """Return the features that a regression of a setting takes, and for each other one the reason why not.

    pairs: source, target and a column for each name. The declared hypothesis' feature comes first, then columns
    that are a user's own, then those with a precedence, in its order: at most one feature for two languages, since
    languages are the sample, not pairs. A variant is not taken beside the feature that it doubles: neither's
    coefficient would mean anything. A property of one language is taken only where declared: it has as many values as
    there are languages, each repeated over pairs, and would take the place of features of pairs and stand in for the
    source and target effects that these are to be told from. The choice never looks at scores.
    """
    languages = len(set(pairs["source"]) | set(pairs["target"]))
    known = pairs[pairs[names].notna().any(axis="columns")]
    declared = evidence.primary["feature"] if evidence.primary else None
    traits = {name: evidence.describe(name) for name in names}
    ranked = sorted(names, key=lambda name: (name != declared, traits[name].precedence))
    reasons: dict[str, str] = {}
    for name in ranked:
        missing, double = int(known[name].isna().sum()), traits[name].doubles
        if double in names and name != declared:
            reasons[name] = f"left out: measures what {double} does"
        elif traits[name].of_language and name != declared:
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
