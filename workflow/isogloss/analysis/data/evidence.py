"""The input from which every table of the analysis is computed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from isogloss.analysis.data.languages import Languages
from isogloss.analysis.data.run_records import Counts
from isogloss.analysis.data.scores import UNIT
from isogloss.analysis.data.traits import FeatureTraits, find_traits


@dataclass(frozen=True)
class Evidence:
    """The input of every `tabulate_*` function: scores, features and the options of the tests.

    `scores` is a scores table as read_scores returns it. `features` is a data frame in the format of select_features;
    by default it has no features. `permutations` is the number of permutations of every permutation test, and `seed`
    the seed of every permutation test and bootstrap. `primary` is the declared hypothesis, a mapping with the keys
    task, model, shots and feature, or None. `runs` and `counts` are optional data from the run records, as read_runs
    and read_counts return them. `cases` lists low-resource targets that are reported one by one. `traits` maps names
    of features to their FeatureTraits. `scale` is the scale of the file of the scores; with `none`, scores have no
    bounds. `languages` has the families and scripts of the languages. `missing` has the rows of the file of the scores
    that have no score, or is None.
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
    scale: str = UNIT
    languages: Languages = field(default_factory=Languages)
    missing: pd.DataFrame | None = None

    def describe(self, feature: str) -> FeatureTraits:
        """Return the traits of a feature: from `traits`, or guessed from its name."""
        return find_traits(feature, self.traits)

    def has_sample(self, targets: Iterable[str]) -> bool:
        """Return whether at least one target is not among the cases, so that a mean over targets is meaningful."""
        return not set(targets) <= set(self.cases)
