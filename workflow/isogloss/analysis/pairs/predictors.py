"""Choice of the features of a regression, with a reason for each feature that is left out."""

import numpy as np
import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.statistics.additive import find_redundant

_PAIRS_PER_GAP = 10
"""If a feature has no value for more than one in this many pairs (of those with any feature), the feature is left out.

If fewer pairs are affected, these pairs are left out instead.
"""


def choose_predictors(pairs: pd.DataFrame, names: list[str], evidence: Evidence) -> tuple[list[str], dict[str, str]]:
    """Return the features that a regression of a setting takes, and the reason for each feature that is left out.

    pairs: source, target and one column per name. The feature of the declared hypothesis comes first, then the user's
    own columns, then features with a precedence, in its order. At most one feature per two languages is taken, because
    languages are the sample, not pairs. A feature is not taken beside the feature that it doubles, because neither
    coefficient would be meaningful. A property of one language is taken only if it is declared. It has only one value
    per language, repeated over pairs. It would displace features of pairs and act as a source or target effect, from
    which these must be separated. The choice does not depend on scores.
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
            reasons[name] = f"left out: it measures the same as {double}"
        elif traits[name].of_language and name != declared:
            reasons[name] = "left out: it is a property of one language, not of a pair"
        elif missing * _PAIRS_PER_GAP > len(known):
            reasons[name] = f"left out: {missing} of {len(known)} pairs have no value of it"
    kept = _drop_redundant(pairs, [name for name in ranked if name not in reasons], reasons)
    limit = languages // 2
    reasons |= dict.fromkeys(kept[limit:], f"left out: with {languages} languages, at most {limit} features are taken")
    return kept[:limit], reasons


def _drop_redundant(pairs: pd.DataFrame, names: list[str], reasons: dict[str, str]) -> list[str]:
    """Return the names of features that are neither constant nor a combination of earlier ones; add to `reasons`."""
    known = pairs[names].dropna().to_numpy(dtype=float)
    redundant = find_redundant(np.ones((len(known), 1)), known) if len(known) else [True] * len(names)
    kept = []
    for name, column, dropped in zip(names, known.T, redundant, strict=True):
        if not dropped:
            kept.append(name)
        elif not len(column) or find_redundant(np.ones((len(column), 1)), column[:, None])[0]:
            reasons[name] = (
                "left out: it is constant" if len(column) else "left out: no pair has a value of every feature"
            )
        else:
            reasons[name] = (
                f"left out: it is a linear combination of {', '.join(kept)}, so their effects cannot be separated"
            )
    return kept
