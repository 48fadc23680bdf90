"""What the registry of features tells the analysis, which imports none of it."""

from collections.abc import Collection, Iterable

from isogloss.analysis.data.traits import FeatureTraits
from isogloss.features import FEATURES, list_statistics


def describe_features(columns: Collection[str], extra: Iterable[str] = ()) -> dict[str, FeatureTraits]:
    """Return the traits of the columns of a feature table that are features of ours or statistics of language models.

    extra: features of installed packages that the table has. A column of the same name as a package's feature is a
    user's own unless it is named here.
    """
    known = {name: FEATURES.find(name) for name in (*FEATURES, *extra) if name in columns}
    traits = {
        name: FeatureTraits(one.nearness, one.doubles, one.group, one.precedence, one.subword)
        for name, one in known.items()
    }
    return traits | {name: FeatureTraits(of_language=True) for name in list_statistics() if name in columns}
