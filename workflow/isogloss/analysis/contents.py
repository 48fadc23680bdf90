"""The tables that an analysis writes, by name: what the workflow declares as outputs. Imports nothing heavy.

A new table is a function that takes an Evidence, a caption and a line here; an installed package offers one by an
entry point of the group `isogloss.statistics`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from isogloss.common.errors import UserError
from isogloss.common.registry import Registry, name_part

_CAPTIONS = Path(__file__).with_name("captions")
_WRITTEN_BY_OTHERS = ("scores", "runs")
"""What stands beside the tables in the folder of a study's analysis, and is none of them."""


@dataclass(frozen=True)
class Statistic:
    """A table of the analysis, written as NAME.csv.

    tabulate: `module:function`, Evidence -> DataFrame. caption: the file of reStructuredText that explains the table in
    reports. version: raised when the same evidence gives another table.
    """

    tabulate: str = name_part()
    caption: Path
    version: int = 1


_TABULATE = {
    "matrices": "data.matrices:tabulate_matrices",
    "checks": "pairs.checks:tabulate_checks",
    "correlations": "pairs.correlation:tabulate_correlations",
    "differences": "pairs.differences:tabulate_differences",
    "partial": "pairs.partial:tabulate_partial",
    "variance": "pairs.variance:tabulate_variance",
    "regression": "pairs.regression:tabulate_regression",
    "prediction": "pairs.prediction:tabulate_prediction",
    "few_shot": "few_shot.few_shot:tabulate_few_shot",
    "laws": "few_shot.held_out:tabulate_laws",
    "forecast": "few_shot.forecast:tabulate_forecast",
    "ranking": "ranking.ranking:tabulate_ranking",
    "multi_source": "multi_source.comparison:tabulate_multi_source",
    "multi_source_means": "multi_source.comparison:tabulate_multi_source_means",
    "multi_source_areas": "multi_source.curves:tabulate_multi_source_areas",
    "multi_source_sizes": "multi_source.curves:tabulate_multi_source_sizes",
    "multi_source_joint": "multi_source.joint:tabulate_multi_source_joint",
}

STATISTICS = Registry(
    what="statistic",
    group="isogloss.statistics",
    entry=Statistic,
    own={
        name: Statistic(f"isogloss.analysis.{tabulate}", _CAPTIONS / f"{name}.rst")
        for name, tabulate in _TABULATE.items()
    },
)
"""Our own are computed in every analysis, beside summary.md and multi_source.md, which are made from them; those of
packages where they are named."""


def choose_statistics(named: Iterable[str] = ()) -> dict[str, Statistic]:
    """Return the tables of an analysis by name, in the order in which they are written: our own, then those named.

    A UserError names a statistic that is unknown, cannot be used, or has a name that no file of its own can have.
    """
    chosen = dict(STATISTICS.own)
    for name in named:
        if name in _WRITTEN_BY_OTHERS or not re.fullmatch(r"\w+", name):
            raise UserError(f"statistic {name!r}: {name}.csv cannot be its table; rename it in its package")
        chosen[name] = STATISTICS.find(name)
    return chosen
