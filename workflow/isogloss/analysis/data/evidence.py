"""What every table of the analysis is made from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from isogloss.analysis.data.run_records import Counts
from isogloss.analysis.data.traits import FeatureTraits, find_traits


@dataclass(frozen=True)
class Evidence:
    """Scores and features, and how to test.

    scores: as read_scores returns them. features: as select_features takes them, by default
    none. permutations, seed: of every
    test by permutation and every bootstrap. primary: the declared hypothesis (task, model, shots, feature), or
    None. runs, counts: what the records say beside scores, as read_runs and read_counts return it, or None. cases:
    low-resource targets that are reported one by one. traits: what is known of features, by name.
    """

    scores: pd.DataFrame
    features: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["source", "target"]))
    permutations: int = 10000
    seed: int = 0
    primary: Mapping[str, object] | None = None
    runs: pd.DataFrame | None = None
    counts: Counts | None = None
    cases: tuple[str, ...] = ()
    traits: Mapping[str, FeatureTraits] = field(default_factory=dict)

    def describe(self, feature: str) -> FeatureTraits:
        """Return the traits of a feature, known or guessed from its name."""
        return find_traits(feature, self.traits)

    def has_sample(self, targets: Iterable[str]) -> bool:
        """Whether targets are a sample of languages, over which a mean says something: not all of them cases."""
        return not set(targets) <= set(self.cases)
