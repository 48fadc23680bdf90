"""Laws of few-shot learning: recovery of planted curves, bounds, and the same fits as scipy and numpy."""

import numpy as np
import pytest
from scipy.optimize import curve_fit

from isogloss.analysis.few_shot.laws import LAWS, REACH, UNBOUNDED, fit_law, measure_rise

SHOTS = np.array([0, 5, 10, 20, 50, 100, 200, 500], dtype=float)
ALL = np.ones((1, len(SHOTS)), dtype=bool)


def fit_one(law, scores, used=ALL):
    return fit_law(law, SHOTS, np.asarray(scores)[None], used)


@pytest.mark.parametrize(
    ("law", "start", "gain", "shape"),
    [
        ("log", 0.1, 0.09, np.nan),
        ("log", 0.6, -0.03, np.nan),
        ("power", 0.1, 0.6, 0.3),
        ("power", 0.2, 0.5, 1.2),
        ("saturating", 0.1, 0.6, 60.0),
        ("saturating", 0.0, 0.9, 12.0),
    ],
)
def test_planted_curves_are_recovered(law, start, gain, shape):
    fit = fit_one(law, start + gain * measure_rise(law, SHOTS, np.array(shape)))
    found = [fit.start[0], fit.gain[0], fit.shape[0]]
    np.testing.assert_allclose(found[:2], [start, gain], atol=1e-5)
    np.testing.assert_allclose(found[2], shape, rtol=1e-4)
    np.testing.assert_allclose(fit.asymptote[0], np.nan if law == "log" else start + gain, atol=1e-5)
    after = np.array([1000.0])
    expected = np.clip(start + gain * measure_rise(law, after, np.array(shape)), 0, 1)
    np.testing.assert_allclose(fit.predict(after)[0], expected, atol=1e-5)


def test_log_fits_are_those_of_polyfit():
    scores = np.random.default_rng(0).random((20, len(SHOTS)))
    fits = fit_law("log", SHOTS, scores, np.ones_like(scores, dtype=bool))
    expected = np.polyfit(np.log1p(SHOTS), scores.T, 1)
    np.testing.assert_allclose(fits.gain, expected[0], atol=1e-12)
    np.testing.assert_allclose(fits.start, expected[1], atol=1e-12)


@pytest.mark.parametrize(("law", "shape"), [("power", 0.6), ("saturating", 70.0)])
def test_noisy_fits_are_those_of_curve_fit(law, shape):
    def follow(shots, start, gain, shape):
        return start + gain * measure_rise(law, shots, shape)

    generator = np.random.default_rng(1)
    scores = follow(SHOTS, 0.2, 0.5, shape) + generator.normal(0, 0.01, (20, len(SHOTS)))
    fits = fit_law(law, SHOTS, scores, np.ones_like(scores, dtype=bool))
    for row in range(20):
        expected, _ = curve_fit(follow, SHOTS, scores[row], p0=[0.2, 0.5, shape], xtol=1e-12, ftol=1e-12)
        np.testing.assert_allclose([fits.start[row], fits.gain[row], fits.shape[row]], expected, rtol=1e-4)


@pytest.mark.parametrize("law", ["power", "saturating"])
def test_bounded_fits_lose_to_no_bounded_curve(law):
    """On scores without a law, curve_fit with the same bounds and four starts finds no smaller loss."""
    shortest, longest = (0.05, 3.0) if law == "power" else (SHOTS[1] / 4, REACH * SHOTS[-1])

    def follow(shots, asymptote, gain, shape):
        return asymptote - gain * (1 - measure_rise(law, shots, shape))

    scores = np.random.default_rng(2).random((10, len(SHOTS)))
    scores[5:].sort(axis=1)
    fits = fit_law(law, SHOTS, scores, np.ones_like(scores, dtype=bool))
    assert (fits.gain >= 0).all()
    assert (fits.start + fits.gain <= 1 + 1e-12).all()
    bounds = ([-np.inf, 0, shortest], [1, np.inf, longest])
    for row in range(10):
        own = (
            (follow(SHOTS, fits.start[row] + fits.gain[row], fits.gain[row], fits.shape[row]) - scores[row]) ** 2
        ).sum()
        for shape in np.geomspace(shortest * 1.1, longest / 1.1, 4):
            found, _ = curve_fit(follow, SHOTS, scores[row], p0=[0.5, 0.3, shape], bounds=bounds, max_nfev=10000)
            assert own <= ((follow(SHOTS, *found) - scores[row]) ** 2).sum() + 1e-7


def test_falling_scores_are_flat_at_their_mean_and_never_fall():
    scores = np.linspace(0.6, 0.3, len(SHOTS))
    for law in ("power", "saturating"):
        fit = fit_one(law, scores)
        assert fit.gain[0] == 0
        np.testing.assert_allclose(fit.predict(SHOTS)[0], scores.mean())
        assert np.isnan(fit.asymptote[0])


def test_scores_not_used_are_not_looked_at():
    scores = 0.1 + 0.6 * measure_rise("power", SHOTS, np.array(0.4))
    used = ALL.copy()
    used[0, [0, 3]] = False
    spoilt = scores.copy()
    spoilt[[0, 3]] = [np.nan, 77.0]
    np.testing.assert_allclose(fit_one("power", spoilt, used).shape, 0.4, rtol=1e-4)


def test_an_asymptote_out_of_reach_is_not_told():
    fit = fit_one("saturating", 0.1 + 0.0003 * SHOTS)
    assert fit.at_edge[0]
    assert np.isnan(fit.asymptote[0])
    assert fit_one("power", np.clip(0.3 + 0.13 * np.log1p(SHOTS), 0, 1)).capped[0]


def test_many_at_once_are_each_by_itself():
    scores = np.random.default_rng(3).random((4100, len(SHOTS)))
    for law in LAWS:
        fits = fit_law(law, SHOTS, scores, np.ones_like(scores, dtype=bool))
        for row in (0, 2000, 4099):
            one = fit_one(law, scores[row])
            assert (one.start[0], one.gain[0]) == (fits.start[row], fits.gain[row])


def test_predictions_stay_within_the_scores_and_rise():
    scores = np.sort(np.random.default_rng(4).random((50, len(SHOTS))), axis=1)
    shots = np.linspace(0, 2000, 300)
    for law in LAWS:
        drawn = fit_law(law, SHOTS, scores, np.ones_like(scores, dtype=bool)).predict(shots)
        assert drawn.min() >= 0
        assert drawn.max() <= 1
        assert (np.diff(drawn, axis=1) >= -1e-12).all()


@pytest.mark.parametrize("law", LAWS)
def test_scores_without_a_scale_have_the_same_fits_and_no_bounds(law):
    scores = 0.1 + 0.6 * measure_rise("power", SHOTS, np.array(0.4))
    scores = scores[None] + np.random.default_rng(6).normal(0, 0.01, (20, len(SHOTS)))
    plain, scaled = (
        fit_law(law, SHOTS, one, np.ones_like(one, dtype=bool), bounds=UNBOUNDED) for one in (scores, 50 * scores - 9)
    )
    free = ~plain.at_edge
    np.testing.assert_allclose(scaled.start[free], 50 * plain.start[free] - 9, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(scaled.gain[free], 50 * plain.gain[free], rtol=1e-3)
    assert not scaled.capped.any()
    beyond = np.array([1e9])
    expected = scaled.start + scaled.gain * measure_rise(law, beyond, scaled.shape[:, None])[:, 0]
    np.testing.assert_array_equal(scaled.predict(beyond)[:, 0], expected)
    falling = fit_law(law, SHOTS, np.linspace(60, 30, len(SHOTS))[None], ALL, bounds=UNBOUNDED)
    assert (falling.gain[0] < 0) == (law == "log")
