"""Leave-one-language-out errors: comparison with explicit loops, and no leakage from the held-out language."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from squares import TEN, draw_dyadic, tabulate_features, tabulate_scores

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.pairs.prediction import COLUMNS, PREDICTORS, ROLES, leave_languages_out, tabulate_prediction

WITHOUT = ("mean", "source-mean", "target-mean", "additive")


def draw_study(seed=0):
    generator = np.random.default_rng(seed)
    x, y, noise = (draw_dyadic(generator, 10) for _ in range(3))
    return 0.5 + 0.06 * x + 0.08 * noise, {"x": x, "y": y}


def predict(score, features):
    evidence = Evidence(tabulate_scores(score, TEN), tabulate_features(TEN, **features))
    return tabulate_prediction(evidence).set_index(["predictor", "held_out"])


def test_errors_are_those_of_statsmodels_fitted_without_the_language():
    score, features = draw_study()
    pairs = tabulate_features(TEN, score=score, **features)
    errors = leave_languages_out(pairs, ["x", "y"])
    assert len(errors) == 180
    for language in TEN:
        known = pairs[(pairs["source"] != language) & (pairs["target"] != language)]
        assert len(known) == 72
        plain = smf.ols("score ~ x + y", known).fit()
        sums = {"additive": "C(source, Sum) + C(target, Sum)"}
        sums["additive+features"] = sums["additive"] + " + x + y"
        fits = {name: smf.ols(f"score ~ {terms}", known).fit().params for name, terms in sums.items()}
        for row in errors[errors["language"] == language].itertuples():
            own = pairs[(pairs["source"] == row.source) & (pairs["target"] == row.target)].iloc[0]
            other = own["target"] if row.held_out == "source" else own["source"]
            role = "target" if row.held_out == "source" else "source"
            by_role = {"source": known["score"].mean(), "target": known["score"].mean()}
            by_role[role] = known.loc[known[role] == other, "score"].mean()
            expected = {
                "mean": known["score"].mean(),
                "source-mean": by_role["source"],
                "target-mean": by_role["target"],
                "features": plain.predict(own.to_frame().T.astype({"x": float, "y": float})).iloc[0],
            }
            for name, params in fits.items():
                rest = sorted(set(TEN) - {language})
                effects = [params.get(f"C({role}, Sum)[S.{one}]", np.nan) for one in rest]
                effects[-1] = -np.nansum(effects)
                slopes = [params.get(feature, 0) * own[feature] for feature in ("x", "y")]
                expected[name] = params["Intercept"] + effects[rest.index(other)] + sum(slopes)
            found = errors.loc[row.Index, list(PREDICTORS)].astype(float) + own["score"]
            assert found.to_dict() == pytest.approx(expected)


def test_the_language_held_out_is_out_of_rows_columns_baselines_and_scaling():
    """If the scores of the held-out language change, the predictions for its pairs do not change."""
    score, features = draw_study()
    one = leave_languages_out(tabulate_features(TEN, score=score, **features), ["x", "y"])
    changed = score.copy()
    changed[3, :], changed[:, 3] = 0.9, 0.1
    other = leave_languages_out(tabulate_features(TEN, score=changed, **features), ["x", "y"])
    for errors, scores in ((one, score), (other, changed)):
        place = [(TEN.index(s), TEN.index(t)) for s, t in zip(errors["source"], errors["target"], strict=True)]
        errors[list(PREDICTORS)] += np.array([scores[cell] for cell in place])[:, None]
    own = one["language"] == TEN[3]
    np.testing.assert_allclose(one.loc[own, list(PREDICTORS)], other.loc[own, list(PREDICTORS)])
    assert not np.allclose(one.loc[~own, "mean"], other.loc[~own, "mean"])


def test_additive_scores_have_the_error_of_the_unknown_effect_only():
    """With score = a[source] + b[target], the error for language h is its a, or its b, minus the others' mean."""
    a, b = np.linspace(0, 0.4, 10) ** 2, np.linspace(0.1, 0.5, 10)
    found = predict(a[:, None] + b, {"x": draw_study()[1]["x"]})
    for role, effect in (("source", a), ("target", b)):
        unknown = [abs(effect[h] - np.delete(effect, h).mean()) for h in range(10)]
        assert found.loc[("additive", role), "mae"] == pytest.approx(np.mean(unknown))
        assert found.loc[("additive", role), "rmse"] == pytest.approx(np.sqrt(np.mean(np.square(unknown))))


def test_a_feature_that_decides_is_predicted_without_error():
    _, features = draw_study()
    found = predict(0.5 + 0.05 * features["x"] - 0.02 * features["y"], features)
    assert found.loc["features", "rmse"].tolist() == pytest.approx([0, 0, 0], abs=1e-12)
    assert found.loc["additive+features", "rmse"].tolist() == pytest.approx([0, 0, 0], abs=1e-12)
    assert (found.loc["additive", "rmse"] > 0.02).all()


def test_rows_and_counts():
    score, features = draw_study()
    found = predict(score, features)
    assert len(found) == len(PREDICTORS) * len(ROLES) == 18
    assert found["n_predictions"].groupby("held_out").unique().map(list).to_dict() == {
        "source": [90],
        "target": [90],
        "both": [180],
    }
    pooled = found["rmse"].unstack()
    assert pooled["both"].to_numpy() == pytest.approx(np.sqrt((pooled["source"] ** 2 + pooled["target"] ** 2) / 2))
    # A held-out source has no source mean, and a held-out target no target mean, so the overall mean is used.
    assert found.loc[("source-mean", "source"), "mae"] == found.loc[("mean", "source"), "mae"]
    assert found.loc[("target-mean", "target"), "mae"] == found.loc[("mean", "target"), "mae"]
    assert set(found.reset_index().columns) == set(COLUMNS)
    assert (found.loc[["features", "additive+features"], "features"] == "x+y").all()


def test_the_scale_of_a_feature_changes_nothing():
    score, features = draw_study()
    scaled = {"x": 1e6 * features["x"] - 5e6, "y": 1e-6 * features["y"]}
    pd.testing.assert_frame_equal(predict(score, features), predict(score, scaled))


def test_baselines_stand_without_features():
    score, _ = draw_study()
    found = predict(score, {"flat": np.ones((10, 10))})
    assert found.loc[list(WITHOUT), "mae"].notna().all()
    assert found.loc[["features", "additive+features"], "mae"].isna().all()
    assert (found.loc["features", "note"] == "no prediction: no feature can be used").all()


def test_too_few_languages():
    score, features = draw_study()
    four = {name: one[:4, :4] for name, one in features.items()}
    evidence = Evidence(tabulate_scores(score[:4, :4], TEN[:4]), tabulate_features(TEN[:4], **four))
    found = tabulate_prediction(evidence)
    assert found["mae"].isna().all() and (found["n_predictions"] == 0).all()
    assert found["note"].unique().tolist() == ["not computed: at least 5 languages are required"]
