"""What a figure is drawn of: a task and model, and the tables that its entry names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from isogloss.figures.page import draw_blank, read_table


@dataclass(frozen=True)
class Subject:
    """What one figure is drawn of.

    value: the number of shots, the feature or the sense of pre-training, by the scope of the figure; else "". notice:
    printed at the foot. scores: as read_scores returns them, of all tasks and models. features: as select_features
    takes them. tables: file name -> path of tables of the analysis. What the entry of the figure does not read can be
    missing.
    """

    task: str
    model: str
    value: str = ""
    notice: str | None = None
    scores: pd.DataFrame | None = None
    features: pd.DataFrame | None = None
    tables: Mapping[str, Path] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The task and model, as figures name them."""
        return f"{self.task}, {self.model}"

    def read(self, name: str) -> pd.DataFrame:
        """Return the rows of the task and model of a table of the analysis, by its file name."""
        return read_table(self.tables[name], self.task, self.model)


def draw_table(
    subject: Subject,
    name: str,
    needed: str,
    draw: Callable[[pd.DataFrame, str, str | None], Figure],
    nothing: str,
) -> Figure:
    """Draw one table of the analysis; where its column `needed` has no values, a page that says `nothing`."""
    table = subject.read(name)
    if table[needed].notna().any():
        return draw(table, subject.title, subject.notice)
    return draw_blank(f"{subject.title}: {nothing}", subject.notice)
