"""What every table of the analysis is made from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from isogloss.analysis.data.run_records import Counts


@dataclass(frozen=True)
class Evidence:
    """Scores and features, and how to test.

    scores: as read_scores returns them. features: as select_features takes them, by default
    none. permutations, seed: of every
    test by permutation and every bootstrap. primary: the declared hypothesis (task, model, shots, feature), or
    None. runs, counts: what the records say beside scores, as read_runs and read_counts return it, or None. cases:
    low-resource targets that are reported one by one.
    """

    scores: pd.DataFrame
    features: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["source", "target"]))
    permutations: int = 10000
    seed: int = 0
    primary: Mapping[str, object] | None = None
    runs: pd.DataFrame | None = None
    counts: Counts | None = None
    cases: tuple[str, ...] = ()

    def has_sample(self, targets: Iterable[str]) -> bool:
        """Whether targets are a sample of languages, over which a mean says something: not all of them cases."""
        return not set(targets) <= set(self.cases)
