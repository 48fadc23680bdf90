"""The public names of isogloss.analysis."""

import subprocess
import sys

import numpy as np
import pytest

import isogloss.analysis
from isogloss.analysis import mrqap, qap


def make_square(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return scores of 8 languages that follow the first of two features, with little noise."""
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(2, 8, 8))
    return features[0] + 0.1 * generator.normal(size=(8, 8)), features


def test_every_public_name_can_be_imported():
    names = isogloss.analysis.__all__
    assert len(names) == len(set(names)) == 76
    assert all(getattr(isogloss.analysis, name) is not None for name in names)
    assert set(names) <= set(dir(isogloss.analysis))
    tables = [name for name in names if name.startswith("tabulate_")]
    assert len(tables) == 19  # 17 tables, plus the pairs and the runs of a setting


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'permute'"):
        _ = isogloss.analysis.permute


def test_qap_finds_the_feature_that_scores_follow():
    scores, features = make_square(1)
    r, p = qap(scores, features, permutations=999)
    off = ~np.eye(8, dtype=bool)
    assert r == pytest.approx([np.corrcoef(scores[off], one[off])[0, 1] for one in features])
    assert p[0] == 0.001  # no permutation reaches it
    assert p[1] > 0.05


def test_mrqap_finds_it_beside_the_other():
    scores, features = make_square(1)
    t, p = mrqap(scores, features, permutations=999)
    assert t[0] > 10 > abs(t[1])
    assert p[0] == 0.001
    assert p[1] > 0.05


def test_one_statistic_does_not_load_the_others():
    code = "import sys; from isogloss.analysis import qap; print('statsmodels' in sys.modules, 'pandas' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False False\n"
