"""The regression table: comparison with statsmodels, planted effects, choice of features, and invalid input."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from squares import TEN, draw_dyadic, tabulate_features, tabulate_scores
from statsmodels.stats.outliers_influence import variance_inflation_factor

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.languages import Languages, OwnLanguage
from isogloss.analysis.pairs.regression import COLUMNS, FIT, TERMS, tabulate_regression
from isogloss.analysis.statistics.mrqap import mrqap
from isogloss.analysis.statistics.transforms import DOUBLE_CENTRED, RAW
from isogloss.features.typology import compute_typology
from isogloss.runs.traits import describe_features

FAMILIES = ["de", "en", "es", "fi", "et", "hu", "id", "jv", "tl", "ru"]
"""Four Indo-European, three Uralic and three Austronesian languages."""


def draw_study(seed=0, effect=0.06, languages=10):
    """Return scores that depend on feature x, and the features x and y, which correlate at 0.6; all are dyadic."""
    generator = np.random.default_rng(seed)
    x, other, noise = (draw_dyadic(generator, languages) for _ in range(3))
    return 0.5 + effect * x + 0.08 * noise, {"x": x, "y": 0.6 * x + 0.8 * other}


def regress(score, features, languages=TEN, permutations=99, primary=None, languages_table=Languages()):  # noqa: B008
    table = tabulate_features(languages, **features)
    given = {"traits": describe_features(table), "languages": languages_table}
    evidence = Evidence(tabulate_scores(score, languages), table, permutations, 0, primary, **given)
    return tabulate_regression(evidence).set_index("feature")


def list_pairs(score, features, languages=TEN):
    """Return pairs with score and features, all standardised."""
    pairs = tabulate_features(languages, score=score, **features)
    numbers = pairs.select_dtypes("number")
    return pairs.assign(**(numbers - numbers.mean()) / numbers.std(ddof=0))


def test_coefficients_r2_and_vif_are_those_of_statsmodels():
    score, features = draw_study()
    found, pairs = regress(score, features), list_pairs(score, features)
    plain = smf.ols("score ~ x + y", pairs).fit()
    additive = smf.ols("score ~ C(source) + C(target)", pairs).fit()
    full = smf.ols("score ~ C(source) + C(target) + x + y", pairs).fit()
    design = np.column_stack([np.ones(90), pairs["x"], pairs["y"]])
    for place, name in enumerate(("x", "y"), 1):
        row = found.loc[name]
        assert [row["coefficient"], row["mrqap_coefficient"]] == pytest.approx([plain.params[name]] * 2)
        assert row["beyond_coefficient"] == pytest.approx(full.params[name])
        assert row["vif"] == pytest.approx(variance_inflation_factor(design, place))
        assert row["r2"] == pytest.approx(plain.rsquared)
        assert row["r2_additive"] == pytest.approx(additive.rsquared)
        assert row["r2_beyond"] == pytest.approx(full.rsquared - additive.rsquared)
        assert (row["n_pairs"], row["n_languages"], row["permutations"]) == (90, 10, 99)
    r = pairs["x"].corr(pairs["y"])
    assert found["vif"].tolist() == pytest.approx([1 / (1 - r**2)] * 2)
    assert list(found.reset_index().columns.sort_values()) == sorted(COLUMNS)


def test_r2_of_one_feature_is_r_squared_and_its_coefficient_r():
    score, features = draw_study()
    row = regress(score, {"x": features["x"]}).iloc[0]
    pairs = list_pairs(score, features)
    r = pairs["score"].corr(pairs["x"])
    assert row["coefficient"] == pytest.approx(r)
    assert row["r2"] == pytest.approx(r**2)
    assert row["vif"] == pytest.approx(1)


def test_p_values_are_those_of_mrqap():
    score, features = draw_study()
    found = regress(score, features, permutations=199)
    stack = np.stack([features["x"], features["y"]])
    for column, centring in (("p_mrqap", RAW), ("p_mrqap_beyond", DOUBLE_CENTRED)):
        assert found[column].tolist() == mrqap(score, stack, 199, 0, centring)[1].tolist()


def test_a_planted_effect_is_found_at_its_size():
    """0.06 x + 0.08 noise is an effect of 0.6 standard deviations; y has no own effect. Means over 40 studies."""
    found = [regress(*draw_study(seed, languages=10), permutations=19) for seed in range(40)]
    for column in ("coefficient", "beyond_coefficient", "mixed_coefficient"):
        assert np.mean([table[column]["x"] for table in found]) == pytest.approx(0.6, abs=0.03)
        assert np.mean([table[column]["y"] for table in found]) == pytest.approx(0.0, abs=0.04)
    assert np.mean([table["p_mrqap_beyond"]["x"] <= 0.05 for table in found]) > 0.95


def test_spread_of_the_mixed_model_is_in_the_units_of_the_score():
    """The planted standard deviations are 0.05 for source and target and 0.03 for the rest; features have no effect."""
    generator = np.random.default_rng(0)
    score = 0.5 + 0.05 * (generator.normal(size=(40, 1)) + generator.normal(size=40))
    score = score + 0.03 * generator.normal(size=(40, 40))
    row = regress(score, {"x": generator.normal(size=(40, 40))}, [f"l{place:02}" for place in range(40)], 9).iloc[0]
    assert row["sd_source"] == pytest.approx(0.05, rel=0.3)
    assert row["sd_target"] == pytest.approx(0.05, rel=0.3)
    assert row["sd_rest"] == pytest.approx(0.03, rel=0.05)
    assert row["note"] == "no family effects: the family of l00 is unknown"


def test_family_effects_need_three_families_of_three():
    score, features = draw_study()
    row = regress(score, features).iloc[0]
    assert row[["sd_source_family", "sd_target_family"]].isna().all()
    assert row["note"] == "no family effects: fewer than 3 families have 3 languages"
    generator = np.random.default_rng(0)
    of_target = np.array([0.0, 0.0, 0.0, 0.2, 0.2, 0.2, 0.4, 0.4, 0.4, 0.0])
    score = 0.2 + of_target + 0.02 * generator.normal(size=10) + 0.01 * generator.normal(size=(10, 10))
    row = regress(score, features, FAMILIES).iloc[0]
    assert row["note"] == ""
    assert row["sd_target_family"] == pytest.approx(0.2, rel=0.3)
    assert row["sd_source_family"] < 0.005
    assert row["sd_target"] == pytest.approx(0.02, rel=0.6)


def test_what_measures_the_same_is_left_out():
    generator = np.random.default_rng(0)
    names = ["syntax", "phonology", "inventory", "family", "geographic", "morphology", "syntax_observed"]
    names += ["overlap_target", "overlap_source"]
    features = {name: generator.normal(size=(10, 10)) for name in names}
    score, _ = draw_study()
    found = regress(score, features)
    taken = found.index[found["coefficient"].notna()].tolist()
    assert taken == ["syntax", "phonology", "morphology", "overlap_target", "geographic"]
    assert found["note"]["syntax_observed"] == "left out: it measures the same as syntax"
    assert found["note"]["overlap_source"] == "left out: it measures the same as overlap_target"
    limit = "left out: with 10 languages, at most 5 features are taken"
    assert found["note"]["family"] == found["note"]["inventory"] == limit
    declared = regress(score, features, primary={"feature": "family"})
    taken = declared.index[declared["coefficient"].notna()].tolist()
    assert taken == ["family", "syntax", "phonology", "morphology", "overlap_target"]
    assert declared["note"]["geographic"] == limit


def test_the_features_taken_are_not_collinear_on_ten_languages():
    """Typology of the default study: variance inflation is below 2 for the features taken, above 9 with others."""
    typology = compute_typology(TEN).query("source != target")
    evidence = Evidence(tabulate_scores(draw_study()[0], TEN), typology, 19, traits=describe_features(typology))
    found = tabulate_regression(evidence).set_index("feature")
    taken = found.index[found["vif"].notna()].tolist()
    assert taken == ["syntax", "phonology", "morphology", "geographic", "family"]
    assert found["vif"].max() < 2
    known = typology[[*taken, "syntax_observed"]].dropna()
    design = np.column_stack([np.ones(len(known)), known / known.std()])
    assert variance_inflation_factor(design, 1) > 9


def test_a_users_columns_come_before_our_own():
    generator = np.random.default_rng(0)
    names = ["syntax", "geographic", *"abcd", "family"]
    found = regress(draw_study()[0], {name: generator.normal(size=(10, 10)) for name in names})
    assert found.index[found["coefficient"].notna()].tolist() == ["a", "b", "c", "d", "syntax"]


def test_copies_constants_and_gaps_are_empty_with_a_reason():
    score, features = draw_study()
    gaps = features["x"] + np.random.default_rng(0).normal(size=(10, 10))
    gaps[:2] = np.nan
    rows = regress(score, features | {"copy": 3 - 2 * features["x"], "flat": np.ones((10, 10)), "gaps": gaps})
    copy = "left out: it is a linear combination of x, y, so their effects cannot be separated"
    assert rows["note"]["copy"] == copy
    assert rows["note"]["flat"] == "left out: it is constant"
    assert rows["note"]["gaps"] == "left out: 18 of 90 pairs have no value of it"
    assert rows.loc[["copy", "flat", "gaps"], [*TERMS, *FIT]].isna().all(axis=None)
    assert rows.loc[["x", "y"], "coefficient"].equals(regress(score, features)["coefficient"])


def test_a_feature_that_is_a_target_effect_has_nothing_beyond_it():
    score, features = draw_study()
    rows = regress(score, features | {"size": np.tile(np.arange(10.0), (10, 1))})
    assert np.isfinite(rows.loc["size", ["coefficient", "p_mrqap", "vif", "mixed_coefficient"]].astype(float)).all()
    assert rows.loc["size", ["beyond_coefficient", "p_mrqap_beyond"]].isna().all()
    assert "source and target effects explain all of size" in rows["note"]["size"]


def test_pairs_without_a_value_are_left_out_and_mrqap_refitted():
    score, features = draw_study()
    features["x"][0, 1] = features["y"][2, 3] = np.nan
    rows = regress(score, features)
    assert (rows["n_pairs"] == 88).all()
    assert "2 of 90 pairs are left out because a feature has no value" in rows["note"]["x"]
    assert "MRQAP is refitted for each permutation: 2 of 90 cells are missing" in rows["note"]["x"]
    assert rows["p_mrqap"].between(0, 1).all()


def test_a_rectangle_is_tested_on_its_common_languages():
    score, features = draw_study()
    score[:, 8:] = np.nan  # two sources that are never targets
    rows = regress(score, features)
    assert (rows["n_pairs"] == 72).all() and (rows["n_languages"] == 10).all()
    note = "MRQAP uses 56 pairs of the 8 languages that are both source and target, with at least 90% of their cells"
    assert note in rows["note"]["x"]
    common = list_pairs(score[:8, :8], {name: one[:8, :8] for name, one in features.items()}, TEN[:8])
    known = smf.ols("score ~ x + y", common).fit().params
    assert rows["mrqap_coefficient"].tolist() == pytest.approx(known[["x", "y"]].tolist())
    assert rows["coefficient"].tolist() != rows["mrqap_coefficient"].tolist()
    score[:, 4:] = np.nan
    rows = regress(score, features)
    assert rows["p_mrqap"].isna().all() and rows["coefficient"].notna().all()
    note = "no MRQAP: it needs at least 5 languages that are both source and target, with 90% of their cells"
    assert note in rows["note"]["x"]


def test_a_language_that_lacks_most_cells_is_left_out_of_mrqap():
    score, features = draw_study()
    score[3, :7] = score[:7, 3] = np.nan
    note = regress(score, features)["note"]["x"]
    expected = (
        "MRQAP uses 72 pairs of the 9 languages that are both source and target, with at least 90% of their cells"
    )
    assert expected in note


@pytest.mark.parametrize(
    ("languages", "note"),
    [(4, "not computed: at least 5 languages are required"), (10, "not computed: the scores are constant")],
)
def test_scores_of_which_nothing_can_be_said(languages, note):
    score, features = draw_study(languages=languages)
    score = np.full((10, 10), 0.5) if languages == 10 else score
    rows = regress(score, features, TEN[:languages])
    assert rows["note"].tolist() == [note, note]
    assert rows[[*TERMS, *FIT]].isna().all(axis=None)


def test_no_features_no_rows():
    score, _ = draw_study()
    assert regress(score, {}).empty


def test_the_same_input_gives_the_same_bytes():
    score, features = draw_study()
    one, other = (regress(score, features).to_csv() for _ in range(2))
    assert one == other
    assert isinstance(pd.read_csv(pd.io.common.StringIO(one)), pd.DataFrame)


def test_families_of_the_user_are_used():
    generator = np.random.default_rng(0)
    of_target = np.array([0.0, 0.0, 0.0, 0.2, 0.2, 0.2, 0.4, 0.4, 0.4, 0.0])
    score = 0.2 + of_target + 0.02 * generator.normal(size=10) + 0.01 * generator.normal(size=(10, 10))
    codes = [f"l{place}" for place in range(10)]
    own = Languages({code: OwnLanguage(family="ABCA"[place // 3]) for place, code in enumerate(codes)})
    row, known = (
        regress(score, draw_study()[1], names, languages_table=table).iloc[0]
        for names, table in ((codes, own), (FAMILIES, Languages()))
    )
    assert row["note"] == ""
    assert row["sd_target_family"] == pytest.approx(known["sd_target_family"])
