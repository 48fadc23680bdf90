"""Describe features to the analysis, which does not import the registry of features."""

from collections.abc import Collection, Iterable

from isogloss.analysis.data.traits import FeatureTraits
from isogloss.features import FEATURES, list_statistics


def describe_features(columns: Collection[str], extra: Iterable[str] = ()) -> dict[str, FeatureTraits]:
    """Return the traits of the columns of a feature table that are registered features or language-model statistics.

    extra: features of installed packages in the table. A column with the name of such a feature that is not in `extra`
    is a column of the user.
    """
    known = {name: FEATURES.find(name) for name in (*FEATURES, *extra) if name in columns}
    traits = {
        name: FeatureTraits(one.nearness, one.doubles, one.group, one.precedence, one.subword)
        for name, one in known.items()
    }
    return traits | {name: FeatureTraits(of_language=True) for name in list_statistics() if name in columns}
