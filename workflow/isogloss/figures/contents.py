"""The figures of a study by name: their files, scope, input files and drawing functions.

A new figure requires a function that draws it and an entry here. A figure of an installed package (entry points of the
group `isogloss.figures`) is drawn if the study names it. This module imports no heavy package.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from isogloss.common.errors import UserError
from isogloss.common.registry import Registry, name_part

MODEL, CURVE = "model", "curve"
"""Scopes with one figure per task and model. Without a study, CURVE requires at least two numbers of shots."""
SHOTS = "shots"
"""Scope with one figure per task, model and number of shots, in a separate job."""
WORDS, SUBWORDS = "feature of words", "feature of subwords"
"""Scopes with one figure per task, model with zero-shot runs, and feature: features of all models, or of subwords."""
SEVERAL, COMPARED = "several sources", "compared pre-training"
"""Scopes with one figure per task and model with several sources, or with variants of self-supervised pre-training."""
SCOPES = (MODEL, CURVE, SHOTS, WORDS, SUBWORDS, SEVERAL, COMPARED)
SENSES = {SEVERAL: "supervised", COMPARED: "self-supervised"}
"""The sense of pre-training that a scope compares."""

SCORES, PAIR_FEATURES = "analysis/scores.csv", "features/features.csv"


@dataclass(frozen=True)
class Figure:
    """A kind of figure, drawn as SVG and PNG into figures/TASK/MODEL/.

    stem: the stem of its file names; `{value}` is the number of shots or the feature. scope: one of SCOPES. category,
    labels: its place in the report of Snakemake; labels are added to task and model and can contain `{value}`. reads:
    its input files, relative to the results of a study. caption: a file of reStructuredText. draw: a function that
    takes an isogloss.figures.page.Subject and returns a matplotlib figure, even if there is nothing to draw. rule: the
    workflow rule, which draws all figures that name it in one job; a figure of a package has a separate rule.
    """

    stem: str
    scope: str
    category: str
    reads: tuple[str, ...]
    caption: Path
    draw: str = name_part()
    labels: dict[str, str] = field(default_factory=dict)
    rule: str = ""


def _name_caption(name: str) -> Path:
    return Path(__file__).with_name("captions") / f"{name}.rst"


def _list_matrices() -> dict[str, Figure]:
    def describe(name: str, order: str, draw: str) -> Figure:
        about = (f"{name}-shots-{{value}}", SHOTS, "Transfer matrices", (SCORES,), _name_caption(name))
        labels = {"shots": "{value}", "order": order}
        return Figure(*about, f"isogloss.figures.matrix:{draw}", labels, "matrices")

    return {
        "matrix": describe("matrix", "family", "draw_by_family"),
        "clusters": describe("clusters", "clustering", "draw_by_clustering"),
    }


def _list_scatters() -> dict[str, Figure]:
    reads = (SCORES, PAIR_FEATURES, "analysis/correlations.csv")
    about = ("Features and transfer", reads, _name_caption("scatter"), "isogloss.figures.scatter:draw_feature")
    labels = {"feature": "{value}"}
    return {
        "scatter": Figure("scatter-{value}", WORDS, *about, labels, "scatters"),
        "subword-scatter": Figure("scatter-{value}", SUBWORDS, *about, labels, "subword_scatters"),
    }


def _list_effects() -> dict[str, Figure]:
    def describe(name: str, table: str, draw: str) -> Figure:
        about = (name, MODEL, "Associations with transfer", (f"analysis/{table}.csv",))
        caption = _name_caption(name.replace("-", "_"))
        return Figure(*about, caption, f"isogloss.figures.{draw}", {"figure": name}, "effects")

    return {
        "variance-bars": describe("variance-bars", "variance", "effects.variance:draw_shares"),
        "coefficients": describe("coefficients", "regression", "effects.coefficients:draw_regression"),
        "ranking": describe("ranking", "ranking", "effects.ranking:draw_rankers"),
    }


def _list_comparisons(rule: str, scope: str, category: str) -> dict[str, Figure]:
    rows, means, sizes = (f"analysis/multi_source{part}.csv" for part in ("", "_means", "_sizes"))
    reads = {"arms": (means, rows), "curves": (rows,), "sizes": (sizes,)}
    name, caption = rule.replace("_", "-"), _name_caption(rule)
    return {
        f"{name}-{part}": Figure(
            *(f"{name}-{part}", scope, category, read, caption),
            *(f"isogloss.figures.multi_source:draw_{part}_of", {}, rule),
        )
        for part, read in reads.items()
    }


FIGURES: Registry[Figure] = Registry(
    what="figure",
    group="isogloss.figures",
    entry=Figure,
    own={
        **_list_matrices(),
        **_list_scatters(),
        "few-shot": Figure(
            *("few-shot", CURVE, "Few-shot curves", (SCORES,), _name_caption("few_shot")),
            *("isogloss.figures.few_shot:draw_curves_of", {}, "few_shot"),
        ),
        **_list_effects(),
        **_list_comparisons("multi_source", SEVERAL, "Several sources"),
        **_list_comparisons("self_supervised", COMPARED, "Self-supervised pre-training"),
    },
)
"""The figures in the order of the report."""


def choose_figures(named: Iterable[str] = ()) -> dict[str, Figure]:
    """Return the figures of a study by name: our own figures, then the named figures of installed packages.

    Raises UserError if a figure is unknown, has an unknown scope, or has the file names of another figure.
    """
    chosen = dict(FIGURES.own)
    for name in named:
        figure = FIGURES.find(name)
        if figure.scope not in SCOPES:
            raise UserError(f"figure {name!r}: unknown scope {figure.scope!r}; set it to one of {', '.join(SCOPES)}")
        for other, one in chosen.items():
            if other != name and one.stem == figure.stem:
                raise UserError(
                    f"figure {name!r}: its files have the same names as those of {other!r}; change its stem"
                )
        chosen[name] = figure
    return chosen


def find_caption(stem: str, named: Iterable[str] = ()) -> Path | None:
    """Return the caption of the figure whose file names have a stem; None if no figure has this stem."""
    for figure in choose_figures(named).values():
        before, _, after = figure.stem.partition("{value}")
        pattern = re.escape(before) + (".+" if before != figure.stem else "") + re.escape(after)
        if re.fullmatch(pattern, stem):
            return figure.caption
    return None
