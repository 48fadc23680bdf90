"""Clustering of languages: planted groups are found, main effects do not matter, missing cells are accepted."""

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import squareform

from isogloss.analysis.pairs.clusters import cluster_languages
from isogloss.figures.matrix import draw_matrices

SIX = ["de", "fi", "en", "hu", "es", "et"]
GROUPS = [{"de", "en", "es"}, {"fi", "hu", "et"}]


def make_matrix() -> pd.DataFrame:
    """Return a matrix with 0.2 more within two alternating groups, and source and target effects ten times as large."""
    generator = np.random.default_rng(4)
    same = np.array([[i % 2 == j % 2 for j in range(6)] for i in range(6)])
    values = 0.2 * same + generator.normal(0, 2, (6, 1)) + generator.normal(0, 2, (1, 6))
    np.fill_diagonal(values, 0.9)
    return pd.DataFrame(values, index=SIX, columns=SIX)


def test_planted_groups_stand_together_whatever_the_levels():
    clusters = cluster_languages(make_matrix())
    assert {frozenset(clusters.order[:3]), frozenset(clusters.order[3:])} == {frozenset(group) for group in GROUPS}
    assert clusters.joined == 6 and len(clusters.tree) == 5


def test_the_tree_is_average_linkage_of_what_the_levels_leave():
    """Without source and target effects, a distance is the largest score minus the pair's, plus a twentieth."""
    generator = np.random.default_rng(1)
    near = generator.random((5, 5))
    near = near + near.T
    off = ~np.eye(5, dtype=bool)
    effects = np.array([near[i][off[i]].sum() for i in range(5)])
    level = near[off].sum() / 20
    # Effects of a complete symmetric matrix without its diagonal: sum = 4 a_i + sum of the other a + 4 level.
    a = (effects - 4 * level) / 3
    near = near - level - a[:, None] - a[None, :]
    clusters = cluster_languages(pd.DataFrame(near, index=SIX[:5], columns=SIX[:5]))
    far = np.where(off, near[off].max() - near, 0)
    far += 0.05 * far.max() * off
    heights = sorted(corners[1, 1] for corners in clusters.tree)
    np.testing.assert_allclose(heights, linkage(squareform(far, checks=False), "average")[:, 2])
    assert max(heights) <= cophenet(linkage(squareform(far, checks=False), "average")).max() + 1e-12


def test_the_row_without_a_source_and_languages_on_one_side_stand_last():
    matrix = make_matrix().drop(index="et")
    matrix.loc["none"] = 0.1
    matrix.loc["de", "fi"] = np.nan
    clusters = cluster_languages(matrix)
    assert clusters.order[-1] == "et" and clusters.joined == 5 and len(clusters.tree) == 4
    assert "none" not in clusters.order


def test_two_languages_have_no_tree():
    matrix = make_matrix().loc[["de", "fi"], ["de", "fi"]]
    clusters = cluster_languages(matrix)
    assert (clusters.order, clusters.joined, clusters.tree) == (("de", "fi"), 0, ())


def test_a_clustered_matrix_has_its_rows_and_columns_in_that_order():
    matrix = make_matrix().clip(0, 1)
    axes = draw_matrices({"title": matrix}, "f1", clustered=True).axes[0]
    order = list(cluster_languages(matrix).order)
    assert [label.get_text() for label in axes.get_xticklabels()] == order
    assert [label.get_text().split()[-1] for label in axes.get_yticklabels()] == order
    assert len(axes.lines) == 5
