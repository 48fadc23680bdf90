"""Hierarchical clustering of languages by transfer: languages that transfer well to each other become neighbours."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from isogloss.analysis.data.languages import Languages
from isogloss.analysis.statistics.transforms import DOUBLE_CENTRED, transform
from isogloss.common.run import NO_SOURCE

_FEWEST = 3
_TWIG = 0.05
"""This share of the largest distance is added to every distance, so that the nearest two languages stay distinct."""


@dataclass(frozen=True)
class Clusters:
    """An order of languages, and the cluster tree from which it is derived.

    `order` has every language of a matrix. The first `joined` languages are both source and target, and are the leaves
    of the tree. `tree` has one array of (x, height) corners per join, with leaf k at x = k. Heights are in units of the
    score.
    """

    order: tuple[str, ...]
    joined: int
    tree: tuple[np.ndarray, ...]


def cluster_languages(matrix: pd.DataFrame, languages: Languages | None = None) -> Clusters:
    """Order the languages of a transfer matrix by hierarchical clustering.

    `matrix` is a transfer matrix as transfer_matrix returns it: rows are sources and columns are targets; the row
    `none` is ignored. `languages` has the families, by default those of common.languages.

    Two languages are near if they transfer well to each other. First, source and target effects are removed (residuals
    of score ~ source + target over the pairs), and both directions are averaged. The distance of two languages is the
    largest of these means minus their own mean. A pair without a score in either direction has the mean distance.
    Clusters are joined by average linkage, and leaves are ordered so that neighbours are near
    (Bar-Joseph et al. 2001).

    Returns an object with the attributes `order` (all languages), `joined` (the number of languages in the tree, which
    come first in `order`) and `tree` (one array of corners per join, heights in units of the score). Languages that are
    not both source and target come last, by family and name. If fewer than 3 languages are both, there is no tree.
    """
    everything = (languages or Languages()).order({*matrix.index, *matrix.columns} - {NO_SOURCE})
    common = [language for language in everything if language in matrix.index and language in matrix.columns]
    if len(common) < _FEWEST:
        return Clusters(tuple(everything), 0, ())
    scores = matrix.reindex(index=common, columns=common).to_numpy(dtype=float)
    known = np.isfinite(scores) & ~np.eye(len(common), dtype=bool)
    left = transform(np.nan_to_num(scores), known.astype(float), DOUBLE_CENTRED)
    counts = known.astype(int) + known.T
    with np.errstate(invalid="ignore"):
        near = (left + left.T) / counts
    far = np.where(counts > 0, np.nanmax(near, initial=0, where=counts > 0) - near, np.nan)
    far = np.where(np.isfinite(far), far, np.nanmean(far) if np.isfinite(far).any() else 0.0)
    far += _TWIG * far.max()
    np.fill_diagonal(far, 0)
    links = hierarchy.linkage(squareform(far, checks=False), "average", optimal_ordering=True)
    drawn = hierarchy.dendrogram(links, no_plot=True)
    corners = zip(drawn["icoord"], drawn["dcoord"], strict=True)
    # scipy places leaf k at x = 5 + 10 k.
    tree = tuple(np.column_stack([(np.array(x) - 5) / 10, y]) for x, y in corners)
    order = [common[place] for place in drawn["leaves"]]
    rest = [language for language in everything if language not in common]
    return Clusters((*order, *rest), len(order), tree)
