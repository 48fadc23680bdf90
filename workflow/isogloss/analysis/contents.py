"""The tables that an analysis writes, by name. The workflow declares them as outputs, so imports here stay light.

To add a table, write a function that takes an Evidence, add a caption file, and add one line to `_TABULATE`. An
installed package adds a table through an entry point of the group `isogloss.statistics`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from isogloss.common.errors import UserError
from isogloss.common.registry import Registry, name_part

_CAPTIONS = Path(__file__).with_name("captions")
_WRITTEN_BY_OTHERS = ("scores", "runs")
"""Other csv files in the analysis folder of a study; no table can have these names."""


@dataclass(frozen=True)
class Statistic:
    """A table of the analysis, written as NAME.csv.

    `tabulate` names a function, as `module:function`, that takes an Evidence and returns a DataFrame. `caption` is the
    path of a reStructuredText file that explains the table in reports. Increase `version` when the same evidence gives
    a different table.
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
"""The registry of tables, by name.

The built-in tables are computed in every analysis. summary.md and multi_source.md are written from them. A table of an
installed package is computed only if it is named, for example with `isogloss analyse --statistics NAME`.
"""


def choose_statistics(named: Iterable[str] = ()) -> dict[str, Statistic]:
    """Return the tables of an analysis by name, in writing order: the built-in ones, then those in `named`.

    Raises UserError if a statistic is unknown, cannot be loaded, or has a name that cannot be a file name or is
    reserved.
    """
    chosen = dict(STATISTICS.own)
    for name in named:
        if name in _WRITTEN_BY_OTHERS or not re.fullmatch(r"\w+", name):
            raise UserError(
                f"statistic {name!r}: {name}.csv cannot be the name of a table; rename the statistic in its package"
            )
        chosen[name] = STATISTICS.find(name)
    return chosen
