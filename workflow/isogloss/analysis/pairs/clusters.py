"""The order of languages in which those that transfer well to each other stand together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from isogloss.analysis.statistics.transforms import DOUBLE_CENTRED, transform
from isogloss.common.languages import order_languages
from isogloss.common.run import NO_SOURCE

_FEWEST = 3
_TWIG = 0.05
"""Every distance is this share of the largest longer, so that the nearest two are not drawn as one."""


@dataclass(frozen=True)
class Clusters:
    """Languages in an order, and the tree that the order is from.

    order: every language of a matrix; the first `joined` of them, those that are source and target, are leaves of the
    tree. tree: an array of (x, height) corners for each join, leaf k at x = k; heights are in units of the score.
    """

    order: tuple[str, ...]
    joined: int
    tree: tuple[np.ndarray, ...]


def cluster_languages(matrix: pd.DataFrame) -> Clusters:
    """Order the languages of a transfer matrix by hierarchical clustering.

    Two languages are near that transfer well to each other: how good each is as source and as target for all is
    taken out first (residuals of score ~ source + target over the pairs), then both directions are averaged. The
    distance is the largest such mean less their own; joined by average linkage, with leaves ordered so that
    neighbours are near (Bar-Joseph et al. 2001). A pair without a score in either direction has the mean distance.
    Languages that are not both source and target, or all of fewer than 3, stand last, by family and name.
    """
    everything = order_languages({*matrix.index, *matrix.columns} - {NO_SOURCE})
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
    # scipy puts leaf k at 5 + 10 k.
    tree = tuple(np.column_stack([(np.array(x) - 5) / 10, y]) for x, y in corners)
    order = [common[place] for place in drawn["leaves"]]
    rest = [language for language in everything if language not in common]
    return Clusters((*order, *rest), len(order), tree)
