"""Variance, reliability and asymmetry: closed forms, and a published study with five seeds."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from squares import TEN, draw_dyadic, tabulate_features, tabulate_scores

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.scores import Setting
from isogloss.analysis.pairs.variance import COLUMNS, describe_variance, tabulate_runs, tabulate_variance
from isogloss.analysis.statistics.reliability import correlate_halves, share_seeds

NO_FEATURES = tabulate_features(TEN)


def list_runs(values):
    """Return the runs of a complete sources x targets x seeds array; no language is both source and target."""
    cells = [(f"s{i}", f"t{j}", seed, score) for (i, j, seed), score in np.ndenumerate(values)]
    return pd.DataFrame(cells, columns=["source", "target", "seed", "score"])


def draw_runs(sources, targets, seeds, spread, seed=0):
    """Return a sources x targets x seeds array; spread: standard deviations of source, target, pair and seed."""
    generator = np.random.default_rng(seed)
    values = 0.5 + spread[0] * generator.normal(size=(sources, 1, 1)) + spread[1] * generator.normal(size=(targets, 1))
    values = values + spread[2] * generator.normal(size=(sources, targets, 1))
    return values + spread[3] * generator.normal(size=(sources, targets, seeds))


def read_one(matrices, languages=TEN):
    return tabulate_variance(Evidence(tabulate_scores(matrices, languages), NO_FEATURES)).iloc[0]


def test_shares_of_a_complete_rectangle_add_up_as_in_analysis_of_variance():
    values = draw_runs(6, 5, 1, (0.1, 0.2, 0.05, 0))
    cells = values[:, :, 0]
    found = describe_variance(list_runs(values), 0)
    total = ((cells - cells.mean()) ** 2).sum()
    of_source = 5 * ((cells.mean(axis=1) - cells.mean()) ** 2).sum() / total
    of_target = 6 * ((cells.mean(axis=0) - cells.mean()) ** 2).sum() / total
    assert found["share_source"] == pytest.approx(of_source)
    assert found["share_target"] == pytest.approx(of_target)
    assert found["share_both"] == pytest.approx(of_source + of_target)
    assert found["share_pair"] == pytest.approx(1 - of_source - of_target)
    assert (found["n_pairs"], found["n_languages"], found["n_sources"], found["n_targets"]) == (30, 11, 6, 5)
    assert np.isnan([found["share_seed"], found["sd_seed"], found["reliability"]]).all()
    note = "the pair variance includes the variance between seeds: no cell has two seeds; no reliability"
    assert found["note"].startswith(note)


def test_components_of_a_balanced_design_are_those_of_its_mean_squares():
    values = draw_runs(6, 5, 3, (0.1, 0.2, 0.05, 0.03))
    found = describe_variance(list_runs(values), 0)
    cells = values.mean(axis=2)
    rest = cells - cells.mean(axis=1, keepdims=True) - cells.mean(axis=0) + cells.mean()
    mean_square = (rest**2).sum() / 20
    of_source = cells.mean(axis=1).var(ddof=1) - mean_square / 5
    of_target = cells.mean(axis=0).var(ddof=1) - mean_square / 6
    within = ((values - cells[:, :, None]) ** 2).sum() / (30 * 2)
    # Deviations after the source and target effects of each seed are removed: 20 degrees of freedom x 2.
    deviations = values - cells[:, :, None]
    left = deviations - deviations.mean(axis=1, keepdims=True) - deviations.mean(axis=0) + deviations.mean(axis=(0, 1))
    noise = (left**2).sum() / 40
    variances = np.array([of_source, of_target, mean_square - noise / 3, within])
    assert [found[f"sd_{part}"] for part in ("source", "target", "pair", "seed")] == pytest.approx(
        np.sqrt(variances), rel=1e-4
    )
    assert found["component_pair"] == pytest.approx(variances[2] / variances.sum(), rel=1e-4)
    assert sum(found[f"component_{part}"] for part in ("source", "target", "pair", "seed")) == pytest.approx(1)
    assert found["share_seed"] == pytest.approx(20 * noise / 3 / ((cells - cells.mean()) ** 2).sum())
    assert found["share_both"] + found["share_pair"] + found["share_seed"] == pytest.approx(1)
    assert found["reliability"] == pytest.approx(1 - within / 3 / cells.var(ddof=1))
    assert found["reliability_pair"] == pytest.approx(1 - noise / 3 / mean_square)
    assert found["n_seeds"] == pytest.approx(3)


def test_shares_off_the_diagonal_are_r2_of_statsmodels():
    score = 0.5 + 0.1 * draw_dyadic(np.random.default_rng(2), 10)
    row = read_one(score)
    runs = tabulate_runs(tabulate_scores(score, TEN), Setting("ner", "mini", "ner", 600, "direct", 0))
    formulas = {"share_source": "C(source)", "share_target": "C(target)", "share_both": "C(source) + C(target)"}
    fits = {name: smf.ols(f"score ~ {terms}", runs).fit().rsquared for name, terms in formulas.items()}
    for name, value in fits.items():
        assert row[name] == pytest.approx(value)
    assert row["share_pair"] == pytest.approx(1 - fits["share_both"])
    assert (row["n_pairs"], row["n_languages"], row["metric"]) == (90, 10, "f1")


def test_known_components_are_found():
    """40 x 40 languages x 3 seeds, with shares 4, 9, 2 and 1 of 16; the tolerance is three standard errors."""
    found = describe_variance(list_runs(draw_runs(40, 40, 3, (0.2, 0.3, np.sqrt(0.02), 0.1), seed=4)), 0)
    true = {"source": 0.2, "target": 0.3, "pair": np.sqrt(0.02), "seed": 0.1}
    for part, values in (("source", 40), ("target", 40), ("pair", 1500), ("seed", 3200)):
        assert found[f"sd_{part}"] == pytest.approx(true[part], rel=3 / np.sqrt(2 * values))
    assert found["reliability"] == pytest.approx(0.15 / (0.15 + 0.01 / 3), abs=0.01)
    assert found["reliability_pair"] == pytest.approx(0.02 / (0.02 + 0.01 / 3), abs=0.02)
    assert found["split_half"] == pytest.approx(found["reliability"], abs=0.005)
    assert found["split_half_pair"] == pytest.approx(found["reliability_pair"], abs=0.01)
    assert abs(found["seed_of_source"]) < 0.03 and abs(found["seed_of_target"]) < 0.03


def test_split_halves_of_four_seeds_are_the_mean_of_three_correlations():
    grid = np.random.default_rng(0).normal(size=(30, 1)) + np.random.default_rng(1).normal(size=(30, 4))
    pairs = [((0, 1), (2, 3)), ((0, 2), (1, 3)), ((0, 3), (1, 2))]
    r = np.mean([np.corrcoef(grid[:, a].mean(axis=1), grid[:, b].mean(axis=1))[0, 1] for a, b in pairs])
    assert correlate_halves(grid, 0) == pytest.approx(2 * r / (1 + r))


def test_split_halves_of_many_seeds_are_drawn_by_the_seed():
    grid = np.random.default_rng(0).normal(size=(30, 1)) + np.random.default_rng(1).normal(size=(30, 12))
    assert correlate_halves(grid, 1) == correlate_halves(grid, 1) != correlate_halves(grid, 2)
    assert correlate_halves(grid, 1) == pytest.approx(12 / 13, abs=0.04)


def test_what_seeds_share():
    """Each (source, seed) has an effect of variance 3, and each run one of variance 1: rows share 0.75, columns 0."""
    generator = np.random.default_rng(0)
    values = np.sqrt(3) * generator.normal(size=(60, 1, 4)) + generator.normal(size=(60, 30, 4))
    source, target = (labels.ravel() for labels in np.indices((60, 30)))
    grid = values.reshape(1800, 4)
    assert share_seeds(grid, source) == pytest.approx(0.75, abs=0.06)
    assert share_seeds(grid, target) == pytest.approx(0.0, abs=0.03)


def test_asymmetry_of_symmetric_and_antisymmetric_matrices():
    noise = np.random.default_rng(0).normal(size=(10, 10))
    symmetric, antisymmetric = (noise + noise.T) / 2, (noise - noise.T) / 2
    row = read_one(0.5 + 0.1 * symmetric)
    assert [row["asymmetry"], row["asymmetry_pair"]] == pytest.approx([0, 0], abs=1e-12)
    assert [row["reciprocity"], row["reciprocity_pair"]] == pytest.approx([1, 1])
    row = read_one(0.5 + 0.1 * antisymmetric)
    assert [row["asymmetry"], row["asymmetry_pair"]] == pytest.approx([1, 1])
    assert [row["reciprocity"], row["reciprocity_pair"]] == pytest.approx([-1, -1])
    row = read_one(0.5 + 0.1 * (2 * symmetric + antisymmetric))
    off = ~np.eye(10, dtype=bool)
    both = 2 * symmetric + antisymmetric
    assert row["reciprocity"] == pytest.approx(np.corrcoef(both[off], both.T[off])[0, 1])
    assert row["asymmetry"] == pytest.approx((1 - row["reciprocity"]) / 2)
    assert row["asymmetry_pair"] == pytest.approx((1 - row["reciprocity_pair"]) / 2)
    assert row["n_mirrored"] == 45


def test_seeds_that_some_cells_lack():
    values = (
        0.5 + 0.1 * draw_dyadic(np.random.default_rng(0), 10) + 0.01 * np.random.default_rng(1).normal(size=(2, 10, 10))
    )
    values[1, 0, 1] = np.nan
    row = read_one(values)
    assert row["n_seeds"] == pytest.approx(90 / (89 / 2 + 1))
    assert 0.9 < row["reliability"] < 1
    assert np.isnan(row["split_half"])
    assert row["note"] == "no split halves: they need at least 2 seeds that all cells have"


@pytest.mark.parametrize(
    ("matrix", "languages", "note"),
    [
        (np.full((10, 10), 0.5), TEN, "not computed: the scores are constant"),
        (np.arange(16.0).reshape(4, 4) / 16, TEN[:4], "not computed: at least 5 languages are required"),
        (np.where(np.arange(10)[:, None] == 0, np.arange(10) / 10, np.nan), TEN, "no shares: there are no more cells"),
    ],
)
def test_what_cannot_be_computed_is_empty_with_a_reason(matrix, languages, note):
    row = read_one(matrix, languages)
    assert note in row["note"]
    assert row[["share_both", "sd_pair", "reliability", "asymmetry"]].isna().all()


def test_additive_scores_have_no_pair_effect():
    row = read_one(np.arange(10)[:, None] / 30 + np.arange(10) / 40)
    assert row["share_both"] == pytest.approx(1)
    assert row["share_pair"] == pytest.approx(0, abs=1e-9)
    assert "no components: source and target effects fit the scores exactly" in row["note"]


def test_the_same_input_gives_the_same_bytes():
    values = 0.5 + 0.1 * np.random.default_rng(0).normal(size=(3, 10, 10))
    evidence = Evidence(tabulate_scores(values, TEN), NO_FEATURES)
    one, other = (tabulate_variance(evidence).to_csv() for _ in range(2))
    assert one == other
    assert list(tabulate_variance(evidence).columns) == COLUMNS


def test_five_seeds_of_beukman_and_fokam(project):
    """Nine languages, XLM-R: source and target explain 80% of the variance of F1; means of five seeds are reliable."""
    path = project.parent / "shared" / "data" / "matrices" / "per_seed_long.csv"
    if not path.is_file():
        pytest.skip("no published matrices beside the project")
    runs = pd.read_csv(path).query("start == 'base' and source != target").rename(columns={"f1": "score"})
    found = describe_variance(runs[["source", "target", "seed", "score"]], 0)
    assert (found["n_pairs"], found["n_languages"], found["n_seeds"]) == (72, 9, pytest.approx(5))
    assert found["share_both"] == pytest.approx(0.8024, abs=5e-5)
    assert found["reliability"] == pytest.approx(0.9870, abs=5e-5)
    assert found["reliability_pair"] == pytest.approx(0.9674, abs=5e-5)
    assert found["seed_of_source"] == pytest.approx(0.3368, abs=5e-5)
    assert found["reciprocity_pair"] == pytest.approx(0.5653, abs=5e-5)
